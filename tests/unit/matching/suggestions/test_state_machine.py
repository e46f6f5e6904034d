"""The way of a suggestion: every state with every verb and every role, against a list written down by hand."""

import pytest

from services.matching.settings import WorkerSettings
from services.matching.suggestions.rules import (
    COMMITTED,
    MAIN_WAY,
    RESERVING,
    STATE_ZH,
    TRANSITIONS,
    USUAL_WAITING,
    VERB_ZH,
    RefusedTransition,
    State,
    Verb,
    Waiting,
    roles_of,
    transition,
    verbs_for,
    yearly,
)
from shared.security.actor import Role

R, L, S, W = (Role.REVIEWER, Role.CHAIN_LEADER, Role.SUPPLIER, Role.SERVICE)
BACK = State.PROPOSED
ALLOWED: dict[tuple[State, Verb], tuple[State, set[Role]]] = {
    (State.PROPOSED, Verb.APPROVE): (State.APPROVED, {R}),
    (State.PROPOSED, Verb.REJECT): (State.REJECTED, {R}),
    (State.PROPOSED, Verb.DEFER): (State.DEFERRED, {R}),
    (State.PROPOSED, Verb.SUPERSEDE): (State.SUPERSEDED, {W}),
    (State.PROPOSED, Verb.EXPIRE): (State.EXPIRED, {W}),
    (State.DEFERRED, Verb.SUPERSEDE): (State.SUPERSEDED, {W}),
    (State.DEFERRED, Verb.RESTORE): (BACK, {R, W}),
    (State.REJECTED, Verb.RESTORE): (BACK, {R}),
    (State.DECLINED_BY_LEADER, Verb.RESTORE): (BACK, {R}),
    (State.DECLINED_BY_SUPPLIER, Verb.RESTORE): (BACK, {R}),
    (State.WITHDRAWN, Verb.RESTORE): (BACK, {R}),
    (State.EXPIRED, Verb.RESTORE): (BACK, {R}),
    (State.APPROVED, Verb.ACCEPT): (State.LEADER_ACCEPTED, {L}),
    (State.APPROVED, Verb.DECLINE): (State.DECLINED_BY_LEADER, {L}),
    (State.APPROVED, Verb.REOPEN): (BACK, {R, W}),
    (State.APPROVED, Verb.WITHDRAW): (State.WITHDRAWN, {R}),
    (State.APPROVED, Verb.EXPIRE): (State.EXPIRED, {W}),
    (State.LEADER_ACCEPTED, Verb.CONSENT): (State.ACCEPTED, {S}),
    (State.LEADER_ACCEPTED, Verb.DECLINE): (State.DECLINED_BY_SUPPLIER, {S}),
    (State.LEADER_ACCEPTED, Verb.REOPEN): (BACK, {R, W}),
    (State.LEADER_ACCEPTED, Verb.WITHDRAW): (State.WITHDRAWN, {R, L}),
    (State.LEADER_ACCEPTED, Verb.EXPIRE): (State.EXPIRED, {W}),
    (State.ACCEPTED, Verb.CONTRACT): (State.CONTRACTED, {R, L}),
    (State.ACCEPTED, Verb.REOPEN): (BACK, {R, W}),
    (State.ACCEPTED, Verb.WITHDRAW): (State.WITHDRAWN, {R, L, S}),
    (State.ACCEPTED, Verb.EXPIRE): (State.EXPIRED, {W}),
    (State.CONTRACTED, Verb.AMEND): (State.CONTRACTED, {R, L}),
    (State.CONTRACTED, Verb.INVOICE): (State.INVOICED, {W}),
    (State.CONTRACTED, Verb.END): (State.ENDED, {R, L, S, W}),
    (State.INVOICED, Verb.AMEND): (State.INVOICED, {R, L}),
    (State.INVOICED, Verb.INVOICE): (State.INVOICED, {W}),
    (State.INVOICED, Verb.REVERT): (State.CONTRACTED, {W}),
    (State.INVOICED, Verb.END): (State.ENDED, {R, L, S, W}),
}
WITHOUT_REASON = {Verb.APPROVE, Verb.ACCEPT, Verb.CONSENT, Verb.CONTRACT, Verb.INVOICE, Verb.SUPERSEDE}


def outcome(state: State, verb: Verb, role: Role) -> State | tuple[str, str]:
    """Where a step leads, or the code and the words by which it is refused."""
    try:
        return transition(state, verb, role, "理由")
    except RefusedTransition as refused:
        return refused.code, refused.sentence


def written_down(state: State, verb: Verb, role: Role) -> State | tuple[str, str]:
    """The same by the list above."""
    if (state, verb) not in ALLOWED:
        return "wrong_state", f"该建议{STATE_ZH[state]}，不能再{VERB_ZH[verb]}。"
    to, roles = ALLOWED[state, verb]
    return to if role in roles else ("wrong_role", f"您的角色不能{VERB_ZH[verb]}{STATE_ZH[state]}的配套建议。")


@pytest.mark.parametrize("state", list(State))
def test_every_state_verb_and_role_is_allowed_or_refused_as_written_down(state: State) -> None:
    found = {(verb, role): outcome(state, verb, role) for verb in Verb for role in Role}
    assert found == {(verb, role): written_down(state, verb, role) for verb in Verb for role in Role}


@pytest.mark.parametrize("reason", ["", "   "])
@pytest.mark.parametrize("step", list(ALLOWED), ids=lambda step: "-".join(step))
def test_a_step_needs_a_reason_unless_it_goes_forward(step: tuple[State, Verb], reason: str) -> None:
    role = next(iter(ALLOWED[step][1]))
    if step[1] in WITHOUT_REASON:
        assert transition(*step, role, reason) is ALLOWED[step][0]
        return
    with pytest.raises(RefusedTransition) as refused:
        transition(*step, role, reason)
    assert (refused.value.code, refused.value.sentence) == ("reason_missing", f"{VERB_ZH[step[1]]}须说明理由。")


def test_every_state_and_verb_has_its_words_and_its_place() -> None:
    assert set(STATE_ZH) == set(State)
    assert set(VERB_ZH) == set(Verb)
    assert len(set(STATE_ZH.values())) == len(State)
    assert len(set(VERB_ZH.values())) == len(Verb)
    assert {verb for _, verb in TRANSITIONS} == set(Verb)
    reached = {row.to for row in TRANSITIONS.values()} | {State.PROPOSED}
    assert reached == set(State)


def test_what_is_reserved_is_committed_and_only_what_is_not_contracted_expires() -> None:
    assert RESERVING < COMMITTED < set(MAIN_WAY)
    assert {state for state, verb in TRANSITIONS if verb is Verb.EXPIRE} == set(USUAL_WAITING.expiry())
    assert not USUAL_WAITING.expiry().keys() & {State.CONTRACTED, State.INVOICED}


def test_a_role_is_told_what_it_may_do() -> None:
    assert verbs_for(State.APPROVED, Role.CHAIN_LEADER) == [Verb.ACCEPT, Verb.DECLINE]
    assert verbs_for(State.LEADER_ACCEPTED, Role.SUPPLIER) == [Verb.CONSENT, Verb.DECLINE]
    assert verbs_for(State.SUPERSEDED, Role.REVIEWER) == []
    assert roles_of(Verb.DECLINE) == {Role.CHAIN_LEADER, Role.SUPPLIER}


@pytest.mark.parametrize(("amount", "months", "a_year"), [(100, 12, 100), (100, 6, 100), (100, 36, 33), (100, 13, 92)])
def test_a_contract_counts_by_the_year(amount: int, months: int, a_year: int) -> None:
    assert yearly(amount, months) == a_year


def test_who_waits_less_than_a_day_is_refused() -> None:
    with pytest.raises(ValueError, match="等待的天数至少为 1。"):
        Waiting(approved=0)


def test_the_worker_reads_the_days_that_differ_from_the_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MATCHING_DATABASE_URL", "CATALOG_URL", "MATCHING_CATALOG_TOKEN_FILE"):
        monkeypatch.setenv(name, "x")
    assert WorkerSettings().waiting == USUAL_WAITING
    monkeypatch.setenv("MATCHING_WAITING_DAYS", '{"approved": 45, "settlement": 120}')
    assert WorkerSettings().waiting == Waiting(approved=45, settlement=120)
