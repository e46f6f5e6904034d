"""The highest share of local spend: a ratio of two linear sums, by Dinkelbach's method, exactly.

W. Dinkelbach, On nonlinear fractional programming, Management Science 13 (1967). For a share λ, the least of
λ·spend − local spend is below zero exactly where some assignment has a higher share; that assignment's share is the
next λ. A lower bound b ≤ 0 on that least value proves that no share is above λ − b / (least spend).
"""

from dataclasses import dataclass
from fractions import Fraction

from services.matching.engine.assignment.core import Choice, Core, core_of, cost_side
from services.matching.engine.assignment.deadline import Deadline
from services.matching.engine.assignment.found import Found, Solve, choice_of
from services.matching.engine.assignment.problem import AssignmentProblem, Pair

Shares = tuple[tuple[int, Fraction], ...]

TRY = 0.25
"""The part of the time left that a step may take before the last, which must prove that nothing is better."""


@dataclass(frozen=True)
class Highest:
    """The highest share found (None: nothing found, or nothing is spent), and the proven upper bound."""

    shares: Shares | None
    share: Fraction | None
    bound: Fraction
    infeasible: bool = False


def highest_share(problem: AssignmentProblem, solve: Solve, deadline: Deadline, start: Shares | None) -> Highest:
    """The highest share within capacities and the limit of cost."""
    search = _Search(problem, solve, deadline, start)
    while search.step():
        pass
    infeasible = search.infeasible or (search.shares is None and _is_too_dear(problem, solve, deadline))
    return Highest(search.shares, search.share, min(Fraction(1), search.bound), infeasible)


class _Search:
    """The steps: `share` only rises, `bound` only falls."""

    def __init__(self, problem: AssignmentProblem, solve: Solve, deadline: Deadline, start: Shares | None) -> None:
        self.problem, self.solve, self.deadline = problem, solve, deadline
        self.shares: Shares | None = None
        self.share: Fraction | None = None
        self.bound = Fraction(1)
        self.infeasible = False
        self._least_spend = sum((min(row) for row in _costs(problem)), Fraction(0))
        self._last = False
        if start is not None:
            self._take(start)

    def step(self) -> bool:
        """Try to rise above the share; whether another step may help."""
        aim = self.share if self.share is not None else Fraction(1, 2) if self.shares is None else Fraction(0)
        core = share_core(self.problem, aim)
        deadline = self.deadline if self._last else self.deadline.part(TRY)
        found = self.solve(core, deadline, self._choice())
        if found.infeasible:
            self.infeasible = self.shares is None
            return False
        self._lower(core, aim, found.bound)
        better = found.shares is not None and (self.shares is None or (found.value or 0) < 0)
        if better and found.shares is not None:
            self._take(found.shares)
        if self.share is not None and self.share >= self.bound:
            return False
        if better:
            return self.deadline.left() > 0
        last, self._last = self._last, True
        proven = found.bound is not None and found.value is not None and found.value <= found.bound
        return not (last or proven) and self.deadline.left() > 0

    def _take(self, shares: Shares) -> None:
        pairs = self.problem.pairs
        whole = sum((pairs[pair].cost * share for pair, share in shares), Fraction(0))
        local = sum((pairs[pair].cost * share for pair, share in shares if self._is_local(pairs[pair])), Fraction(0))
        self.shares, self.share = shares, (local / whole if whole else None)

    def _lower(self, core: Core, aim: Fraction, bound: Fraction | None) -> None:
        if bound is None:
            return
        below = bound / core.scale
        if below >= 0:
            self.bound = min(self.bound, aim)
        elif self._least_spend:
            self.bound = min(self.bound, aim - below / self._least_spend)

    def _choice(self) -> Choice | None:
        return None if self.shares is None else choice_of(Found(self.shares, None, None))

    def _is_local(self, pair: Pair) -> bool:
        return self.problem.suppliers[pair.supplier].local


def share_core(problem: AssignmentProblem, aim: Fraction) -> Core:
    """Least aim·spend − local spend, within the limit of cost."""

    def weight(pair: Pair) -> Fraction:
        return pair.cost * (aim - problem.suppliers[pair.supplier].local)

    return core_of(problem, weight, cost_side(problem))


def _is_too_dear(problem: AssignmentProblem, solve: Solve, deadline: Deadline) -> bool:
    """Whether the least spend is proven to be above the limit of cost: by less, maybe, than a solver's tolerance."""
    if problem.max_cost is None:
        return False
    core = core_of(problem, lambda pair: pair.cost, [])
    bound = solve(core, deadline, None).bound
    return bound is not None and bound > problem.max_cost * core.scale


def _costs(problem: AssignmentProblem) -> list[list[Fraction]]:
    found: list[list[Fraction]] = [[] for _ in problem.lines]
    for pair in problem.pairs:
        found[pair.line].append(pair.cost)
    return found
