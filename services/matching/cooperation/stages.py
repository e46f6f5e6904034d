"""The funnel's arithmetic: how far suggestions came, and where each 元 stands now. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.matching.suggestions.rules import MAIN_WAY, State

BESIDE = (
    State.DEFERRED,
    State.REJECTED,
    State.DECLINED_BY_LEADER,
    State.DECLINED_BY_SUPPLIER,
    State.WITHDRAWN,
    State.EXPIRED,
    State.ENDED,
)
"""States beside the main way in which a 元 may stand; what was superseded is told anew by a newer run."""


@dataclass(frozen=True)
class Sums:
    """Suggestions of one group in one state that came to one stage: how many, and their amounts in 元.

    `amount`, `agreed` and `placed` leave out suggestions that count lines.
    """

    state: State
    stage: State
    suggestions: int
    amount: int
    agreed: int
    placed: int
    contracted: int
    invoiced: int


@dataclass
class Standing:
    """A stage of the funnel: suggestions and 元 that came at least there, and the 元 that stand there now."""

    suggestions: int = 0
    amount: int = 0
    here: int = 0


@dataclass
class Funnel:
    """The stages of the main way, the 元 that stand beside it by state, and those given back by partial agreements.

    All are 元 a year, also of a contract over more than one: each suggested 元 stands in exactly one place.
    """

    stages: dict[State, Standing] = field(default_factory=lambda: {stage: Standing() for stage in MAIN_WAY})
    beside: dict[State, Standing] = field(default_factory=lambda: {state: Standing() for state in BESIDE})
    returned: int = 0

    def add(self, sums: Sums) -> None:
        """Count one group's sums in."""
        reached = MAIN_WAY[: MAIN_WAY.index(sums.stage) + 1]
        for stage in reached:
            self.stages[stage].suggestions += sums.suggestions
            self.stages[stage].amount += _reaching(stage, sums)
        if sums.state in MAIN_WAY:
            self._stand_on_the_way(sums)
        else:
            self._stand_beside(sums)

    def _stand_on_the_way(self, sums: Sums) -> None:
        """Where 元 of suggestions that are under way stand: a contract may be in two stages by parts."""
        if sums.state in (State.CONTRACTED, State.INVOICED):
            self.stages[State.CONTRACTED].here += sums.contracted - sums.invoiced
            self.stages[State.INVOICED].here += sums.invoiced
        else:
            self.stages[sums.state].here += sums.placed
        self.returned += sums.amount - sums.placed

    def _stand_beside(self, sums: Sums) -> None:
        """An ended contract keeps its invoices; the rest of it stands beside the way."""
        ended = sums.state is State.ENDED
        self.beside[sums.state].suggestions += sums.suggestions
        self.beside[sums.state].amount += sums.amount
        self.beside[sums.state].here += sums.contracted - sums.invoiced if ended else sums.placed
        self.returned += sums.amount - sums.placed
        self.stages[State.INVOICED].here += sums.invoiced


def funnel_of(sums: Iterable[Sums]) -> Funnel:
    """The funnel of all of these."""
    found = Funnel()
    for each in sums:
        found.add(each)
    return found


def _reaching(stage: State, sums: Sums) -> int:
    """What of the suggestions came to a stage: as suggested, as agreed, as contracted, as invoiced."""
    match stage:
        case State.PROPOSED | State.APPROVED:
            return sums.amount
        case State.LEADER_ACCEPTED | State.ACCEPTED:
            return sums.agreed
        case State.CONTRACTED:
            return sums.contracted
        case _:
            return sums.invoiced
