"""The states of a suggestion and the one table of its transitions, which code, tests and docs/suggestions.md read."""

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from shared.security.actor import Actor, Role


class State(StrEnum):
    """Where a suggestion is on its way."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    LEADER_ACCEPTED = "leader_accepted"
    ACCEPTED = "accepted"
    CONTRACTED = "contracted"
    INVOICED = "invoiced"
    REJECTED = "rejected"
    DEFERRED = "deferred"
    DECLINED_BY_LEADER = "declined_by_leader"
    DECLINED_BY_SUPPLIER = "declined_by_supplier"
    ENDED = "ended"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


class Verb(StrEnum):
    """What moves a suggestion."""

    APPROVE = "approve"
    REJECT = "reject"
    DEFER = "defer"
    RESTORE = "restore"
    REOPEN = "reopen"
    ACCEPT = "accept"
    CONSENT = "consent"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    CONTRACT = "contract"
    AMEND = "amend"
    INVOICE = "invoice"
    REVERT = "revert"
    END = "end"
    EXPIRE = "expire"
    SUPERSEDE = "supersede"


STATE_ZH: dict[State, str] = {
    State.PROPOSED: "待审核",
    State.APPROVED: "已通过",
    State.LEADER_ACCEPTED: "链主已接受",
    State.ACCEPTED: "双方已同意",
    State.CONTRACTED: "已签合同",
    State.INVOICED: "已开票",
    State.REJECTED: "已否决",
    State.DEFERRED: "已暂缓",
    State.DECLINED_BY_LEADER: "链主已婉拒",
    State.DECLINED_BY_SUPPLIER: "供应商已婉拒",
    State.ENDED: "已终止",
    State.EXPIRED: "已过期",
    State.WITHDRAWN: "已撤回",
    State.SUPERSEDED: "已被新任务取代",
}

VERB_ZH: dict[Verb, str] = {
    Verb.APPROVE: "通过",
    Verb.REJECT: "否决",
    Verb.DEFER: "暂缓",
    Verb.RESTORE: "恢复",
    Verb.REOPEN: "重新审核",
    Verb.ACCEPT: "接受",
    Verb.CONSENT: "同意",
    Verb.DECLINE: "婉拒",
    Verb.WITHDRAW: "撤回",
    Verb.CONTRACT: "登记合同",
    Verb.AMEND: "更正合同",
    Verb.INVOICE: "记入开票",
    Verb.REVERT: "冲回开票",
    Verb.END: "终止",
    Verb.EXPIRE: "过期",
    Verb.SUPERSEDE: "取代",
}

MAIN_WAY = (
    State.PROPOSED,
    State.APPROVED,
    State.LEADER_ACCEPTED,
    State.ACCEPTED,
    State.CONTRACTED,
    State.INVOICED,
)
"""The way from the matcher to the invoice; every other state is beside it."""

COMMITTED = frozenset(MAIN_WAY[1:])
"""States whose amount is kept in place by the next run."""

RESERVING = frozenset(MAIN_WAY[2:])
"""States that reserve capacity: from the leader's acceptance until the cooperation ends."""

DISCLOSED_STAGES = frozenset(MAIN_WAY[1:])
"""Who came at least this far is shown to its leader and its supplier, whatever became of it since."""

PARTNER_STAGES = frozenset(MAIN_WAY[3:])
"""Who came at least this far has told its supplier who the buyer is."""

COOLING = frozenset({State.REJECTED, State.DECLINED_BY_LEADER, State.DECLINED_BY_SUPPLIER, State.WITHDRAWN})
"""States that keep a pair out of the next runs until the cool-off has passed."""


@dataclass(frozen=True)
class Waiting:
    """How many days one waits: in a state without a step until a suggestion expires, and, `settlement`, after the end
    of a contract for its last invoices, until the cooperation ends by itself. ValueError for less than one.
    """

    proposed: int = 90
    approved: int = 30
    leader_accepted: int = 30
    accepted: int = 180
    settlement: int = 90

    def __post_init__(self) -> None:
        """Nobody could move what expires at once."""
        if min(vars(self).values()) < 1:
            raise ValueError("等待的天数至少为 1。")

    def expiry(self) -> dict[State, int]:
        """Days by state."""
        return {state: getattr(self, state.value) for state in MAIN_WAY[:4]}


USUAL_WAITING = Waiting()
"""What holds where the settings say nothing else."""

REVIEWING = frozenset({Role.REVIEWER})
"""Who decides on proposals."""
PROPOSING = REVIEWING | {Role.CLUSTER_ORGANISATION}
"""Who proposes pairs by hand, beside the matcher: a cluster organisation for what its own clusters need."""
_WORKER = frozenset({Role.SERVICE})
_LEADER = frozenset({Role.CHAIN_LEADER})
_SUPPLIER = frozenset({Role.SUPPLIER})


@dataclass(frozen=True)
class Transition:
    """A row of the table: the state it leads to, who may take it, and whether it needs a reason."""

    to: State
    roles: frozenset[Role]
    needs_reason: bool = False


def _each(
    states: tuple[State, ...], verb: Verb, to: State, roles: frozenset[Role]
) -> dict[tuple[State, Verb], Transition]:
    """The same step, with a reason, from each of these states."""
    return {(state, verb): Transition(to, roles, needs_reason=True) for state in states}


TRANSITIONS: dict[tuple[State, Verb], Transition] = {
    (State.PROPOSED, Verb.APPROVE): Transition(State.APPROVED, REVIEWING),
    (State.PROPOSED, Verb.REJECT): Transition(State.REJECTED, REVIEWING, needs_reason=True),
    (State.PROPOSED, Verb.DEFER): Transition(State.DEFERRED, REVIEWING, needs_reason=True),
    (State.PROPOSED, Verb.SUPERSEDE): Transition(State.SUPERSEDED, _WORKER),
    (State.APPROVED, Verb.ACCEPT): Transition(State.LEADER_ACCEPTED, _LEADER),
    (State.APPROVED, Verb.DECLINE): Transition(State.DECLINED_BY_LEADER, _LEADER, needs_reason=True),
    (State.LEADER_ACCEPTED, Verb.CONSENT): Transition(State.ACCEPTED, _SUPPLIER),
    (State.LEADER_ACCEPTED, Verb.DECLINE): Transition(State.DECLINED_BY_SUPPLIER, _SUPPLIER, needs_reason=True),
    (State.ACCEPTED, Verb.CONTRACT): Transition(State.CONTRACTED, REVIEWING | _LEADER),
    (State.CONTRACTED, Verb.INVOICE): Transition(State.INVOICED, _WORKER),
    (State.INVOICED, Verb.INVOICE): Transition(State.INVOICED, _WORKER),
    (State.INVOICED, Verb.REVERT): Transition(State.CONTRACTED, _WORKER, needs_reason=True),
    (State.APPROVED, Verb.WITHDRAW): Transition(State.WITHDRAWN, REVIEWING, needs_reason=True),
    (State.LEADER_ACCEPTED, Verb.WITHDRAW): Transition(State.WITHDRAWN, REVIEWING | _LEADER, needs_reason=True),
    (State.ACCEPTED, Verb.WITHDRAW): Transition(State.WITHDRAWN, REVIEWING | _LEADER | _SUPPLIER, needs_reason=True),
    (State.DEFERRED, Verb.SUPERSEDE): Transition(State.SUPERSEDED, _WORKER),
    (State.DEFERRED, Verb.RESTORE): Transition(State.PROPOSED, REVIEWING | _WORKER, needs_reason=True),
    (State.CONTRACTED, Verb.AMEND): Transition(State.CONTRACTED, REVIEWING | _LEADER, needs_reason=True),
    (State.INVOICED, Verb.AMEND): Transition(State.INVOICED, REVIEWING | _LEADER, needs_reason=True),
    **_each((*COOLING, State.EXPIRED), Verb.RESTORE, State.PROPOSED, REVIEWING),
    **_each(MAIN_WAY[1:4], Verb.REOPEN, State.PROPOSED, REVIEWING | _WORKER),
    **_each(MAIN_WAY[4:], Verb.END, State.ENDED, REVIEWING | _LEADER | _SUPPLIER | _WORKER),
    **_each(MAIN_WAY[:4], Verb.EXPIRE, State.EXPIRED, _WORKER),
}


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
        raise RefusedTransition("wrong_role", f"您的角色不能{VERB_ZH[verb]}{STATE_ZH[state]}的配套建议。")
    if row.needs_reason and not reason.strip():
        raise RefusedTransition("reason_missing", f"{VERB_ZH[verb]}须说明理由。")
    return row.to


def verbs_for(state: State, role: Role) -> list[Verb]:
    """What a role may do with a suggestion in this state."""
    return [verb for (at, verb), row in TRANSITIONS.items() if at is state and role in row.roles]


def roles_of(verb: Verb) -> frozenset[Role]:
    """Every role that may use the verb in some state."""
    return frozenset[Role]().union(*(row.roles for (_, each), row in TRANSITIONS.items() if each is verb))


def may_propose(actor: Actor) -> bool:
    """Whether the actor may propose pairs by hand."""
    return actor.role in PROPOSING and not actor.changes_nothing


def yearly(amount: int, months: int) -> int:
    """What a contract of `amount` 元 over `months` moves in a year, rounded down; a shorter one counts in full."""
    return int(Fraction(amount * 12, max(months, 12)))


@dataclass(frozen=True)
class Placed:
    """An amount of a line at a capability (natural keys)."""

    line_key: str
    capability_key: str
    amount: int


@dataclass(frozen=True)
class Rejected:
    """A pair of a line and a supplier (natural keys) that the next run leaves out, and why."""

    line_key: str
    supplier_key: str
    reason: str


@dataclass(frozen=True)
class Decisions:
    """What people decided so far, in the order in which they did, and what is proposed and not decided yet.

    The next run keeps what is approved or further in place, and changes what is proposed only where that is worth it.
    """

    approved: list[Placed]
    rejected: list[Rejected]
    proposed: list[Placed] = field(default_factory=list)
