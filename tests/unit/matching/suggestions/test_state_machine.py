"""The way of a suggestion: every state with every verb, and who may use it."""

import pytest

from services.matching.suggestions.rules import TRANSITIONS, RefusedTransition, State, Verb, transition
from shared.security.actor import Role

ALLOWED = [
    (State.PROPOSED, Verb.APPROVE, Role.REVIEWER, "", State.APPROVED),
    (State.PROPOSED, Verb.REJECT, Role.REVIEWER, "产能已转作他用", State.REJECTED),
    (State.PROPOSED, Verb.SUPERSEDE, Role.SERVICE, "", State.SUPERSEDED),
]
REFUSED = [(state, verb) for state in State for verb in Verb if (state, verb) not in TRANSITIONS]


@pytest.mark.parametrize(("state", "verb", "role", "reason", "after"), ALLOWED)
def test_an_allowed_step_leads_where_the_table_says(
    state: State, verb: Verb, role: Role, reason: str, after: State
) -> None:
    assert transition(state, verb, role, reason) is after


def test_the_table_holds_these_steps_and_no_others() -> None:
    assert set(TRANSITIONS) == {(state, verb) for state, verb, *_ in ALLOWED}


@pytest.mark.parametrize(("state", "verb"), REFUSED)
def test_every_other_step_is_refused_naming_the_state(state: State, verb: Verb) -> None:
    with pytest.raises(RefusedTransition) as refused:
        transition(state, verb, Role.REVIEWER, "理由")
    assert refused.value.code == "wrong_state"
    assert "该建议" in refused.value.sentence


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.REVIEWER])
@pytest.mark.parametrize("verb", [Verb.APPROVE, Verb.REJECT])
def test_only_a_reviewer_reviews(role: Role, verb: Verb) -> None:
    with pytest.raises(RefusedTransition) as refused:
        transition(State.PROPOSED, verb, role, "理由")
    assert refused.value.code == "wrong_role"


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_rejection_needs_a_reason(reason: str) -> None:
    with pytest.raises(RefusedTransition) as refused:
        transition(State.PROPOSED, Verb.REJECT, Role.REVIEWER, reason)
    assert refused.value.code == "reason_missing"
