"""The states of a suggestion and the one table of its transitions; later issues add rows to it."""

from dataclasses import dataclass, field
from enum import StrEnum

from shared.security.actor import Role


class State(StrEnum):
    """Where a suggestion is on its way."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


class Verb(StrEnum):
    """What moves a suggestion."""

    APPROVE = "approve"
    REJECT = "reject"
    SUPERSEDE = "supersede"


STATE_ZH: dict[State, str] = {
    State.PROPOSED: "待审核",
    State.APPROVED: "已通过",
    State.REJECTED: "已否决",
    State.SUPERSEDED: "已被新任务取代",
}

VERB_ZH: dict[Verb, str] = {
    Verb.APPROVE: "通过",
    Verb.REJECT: "否决",
    Verb.SUPERSEDE: "取代",
}


@dataclass(frozen=True)
class Transition:
    """A row of the table: the state it leads to, who may take it, and whether it needs a reason."""

    to: State
    roles: frozenset[Role]
    needs_reason: bool = False


TRANSITIONS: dict[tuple[State, Verb], Transition] = {
    (State.PROPOSED, Verb.APPROVE): Transition(State.APPROVED, frozenset({Role.REVIEWER})),
    (State.PROPOSED, Verb.REJECT): Transition(State.REJECTED, frozenset({Role.REVIEWER}), needs_reason=True),
    (State.PROPOSED, Verb.SUPERSEDE): Transition(State.SUPERSEDED, frozenset({Role.SERVICE})),
}

COMMITTED = frozenset({State.APPROVED})
"""States whose amount is kept in place by the next run."""

DISCLOSED = frozenset({State.APPROVED})
"""States from which the leader and the supplier of a suggestion may see it."""


class RefusedTransition(Exception):
    """A verb that a suggestion's state does not allow, or a missing reason; `sentence` says which, in Chinese."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


def transition(state: State, verb: Verb, role: Role, reason: str) -> State:
    """Return the state that `verb` leads to from `state`, or raise RefusedTransition.

    The codes are `wrong_state`, `wrong_role` and `reason_missing`.
    """
    row = TRANSITIONS.get((state, verb))
    if row is None:
        raise RefusedTransition("wrong_state", f"该建议{STATE_ZH[state]}，不能再{VERB_ZH[verb]}。")
    if role not in row.roles:
        raise RefusedTransition("wrong_role", f"您的角色不能{VERB_ZH[verb]}配套建议。")
    if row.needs_reason and not reason.strip():
        raise RefusedTransition("reason_missing", f"{VERB_ZH[verb]}须说明理由。")
    return row.to


@dataclass(frozen=True)
class Placed:
    """An amount of a line at a capability (natural keys)."""

    line_key: str
    capability_key: str
    amount: int


@dataclass(frozen=True)
class Rejected:
    """A rejected pair of a line and a supplier (natural keys): the next run leaves it out during the cool-off."""

    line_key: str
    supplier_key: str
    reason: str


@dataclass(frozen=True)
class Decisions:
    """What people decided so far, in the order in which they did, and what is proposed and not decided yet.

    The next run keeps what is approved in place, and changes what is proposed only where that is worth it.
    """

    approved: list[Placed]
    rejected: list[Rejected]
    proposed: list[Placed] = field(default_factory=list)
