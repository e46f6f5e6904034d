"""The table of a registration's states: every step that it allows, and every other one refused in words."""

from itertools import product

import pytest

from services.catalog.registration.rules import (
    STATE_NAMES,
    TRANSITIONS,
    VERB_NAMES,
    Party,
    RefusedTransition,
    State,
    Verb,
    transition,
    verbs_for,
)

DEAD = (State.VERIFIED, State.REFUSED, State.WITHDRAWN)


@pytest.mark.parametrize(("state", "verb"), TRANSITIONS)
def test_each_row_of_the_table_is_taken(state: State, verb: Verb) -> None:
    row = TRANSITIONS[state, verb]
    assert transition(state, verb, row.party, is_claim=bool(row.claim), reason="因") is row.to


@pytest.mark.parametrize(("state", "verb"), [each for each in product(State, Verb) if each not in TRANSITIONS])
def test_every_other_step_is_refused(state: State, verb: Verb) -> None:
    for party in Party:
        with pytest.raises(RefusedTransition) as refused:
            transition(state, verb, party, is_claim=False, reason="因")
        assert refused.value.code == "wrong_state"
        assert refused.value.sentence == f"该申请{STATE_NAMES[state]}，不能再{VERB_NAMES[verb]}。"


@pytest.mark.parametrize(("state", "verb"), TRANSITIONS)
def test_nobody_takes_the_others_steps(state: State, verb: Verb) -> None:
    row = TRANSITIONS[state, verb]
    other = Party.REVIEWER if row.party is Party.APPLICANT else Party.APPLICANT
    with pytest.raises(RefusedTransition) as refused:
        transition(state, verb, other, is_claim=bool(row.claim), reason="因")
    assert (refused.value.code, refused.value.sentence) == ("wrong_party", f"您不能{VERB_NAMES[verb]}这份申请。")


@pytest.mark.parametrize(("state", "verb"), [key for key, row in TRANSITIONS.items() if row.needs_reason])
@pytest.mark.parametrize("reason", ["", "  \n"])
def test_what_ends_it_needs_a_reason(state: State, verb: Verb, reason: str) -> None:
    row = TRANSITIONS[state, verb]
    with pytest.raises(RefusedTransition) as refused:
        transition(state, verb, row.party, is_claim=bool(row.claim), reason=reason)
    assert (refused.value.code, refused.value.sentence) == ("reason_missing", f"{VERB_NAMES[verb]}须说明理由。")


@pytest.mark.parametrize(
    ("verb", "is_claim", "code", "sentence"),
    [
        (Verb.VERIFY, True, "is_claim", "这是对已有企业或同码申请的认领，请用“认领决定”处理。"),
        (Verb.REFUSE, True, "is_claim", "这是对已有企业或同码申请的认领，请用“认领决定”处理。"),
        (Verb.UPHOLD, False, "no_claim", "这不是认领，请直接通过、退回或驳回。"),
        (Verb.DENY, False, "no_claim", "这不是认领，请直接通过、退回或驳回。"),
    ],
)
def test_claims_are_decided_as_claims(verb: Verb, is_claim: bool, code: str, sentence: str) -> None:
    with pytest.raises(RefusedTransition) as refused:
        transition(State.IN_REVIEW, verb, Party.REVIEWER, is_claim=is_claim, reason="因")
    assert (refused.value.code, refused.value.sentence) == (code, sentence)


def test_what_may_be_done_is_what_the_table_allows() -> None:
    for state, party, is_claim in product(State, Party, (False, True)):
        allowed = verbs_for(state, party, is_claim=is_claim)
        for verb in Verb:
            try:
                transition(state, verb, party, is_claim=is_claim, reason="因")
            except RefusedTransition:
                assert verb not in allowed
            else:
                assert verb in allowed
    assert all(not verbs_for(state, party, is_claim=False) for state in DEAD for party in Party)
