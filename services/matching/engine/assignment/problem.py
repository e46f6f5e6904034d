"""The generalised assignment problem with a local share, in exact numbers.

Lines are to be bought whole: x[line, supplier] ≥ 0 sums to 1 per line, and is 0 or 1 where `single_source` holds.
Σ use·x ≤ capacity per supplier, Σ cost·x ≤ `max_cost`, and local spend ≥ `min_local_share` · spend. Where nothing is
spent, no share exists, and the condition on it holds.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

Name = str | int
"""What a file calls a supplier or a line."""


class Goal(StrEnum):
    """What is best: the least spend, or the highest share of local spend in all spend."""

    MIN_COST = "min_cost"
    MAX_LOCAL = "max_local"


class Status(StrEnum):
    """How a solve ended.

    `feasible`: time ran out before the proof. `infeasible`: no assignment keeps capacities and the limit of cost.
    `unreachable`: proven that the share asked for cannot be reached. `unknown`: time ran out, and neither an
    assignment that keeps all conditions nor the proof that there is none was found.
    """

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Supplier:
    """Who may get lines; `capacity` None is unlimited."""

    name: Name
    capacity: Fraction | None
    local: bool


@dataclass(frozen=True)
class Pair:
    """A line that a supplier may get: positions, spend in 元, and capacity taken if it gets the whole line."""

    line: int
    supplier: int
    cost: Fraction
    use: Fraction


@dataclass(frozen=True)
class AssignmentProblem:
    """All that a problem file says. `pairs` are sorted by line, then supplier; `time_limit` in seconds."""

    suppliers: tuple[Supplier, ...]
    lines: tuple[Name, ...]
    pairs: tuple[Pair, ...]
    single_source: bool
    goal: Goal
    min_local_share: Fraction | None
    max_cost: Fraction | None
    time_limit: float


@dataclass(frozen=True)
class Assigned:
    """`share` of a line goes to a supplier (positions)."""

    line: int
    supplier: int
    share: Fraction


@dataclass(frozen=True)
class AssignmentResult:
    """What a solve found; all numbers are exact.

    `local_share` is None where nothing is spent or nothing was found. `bound`: proven lower bound on the cost, or
    upper bound on the share (for `max_local`, and where the share asked for is out of reach); `gap` is the distance
    to it, relative to the larger of the two. `reachable_share` is the highest share that was found, told where the
    highest was sought: it is the share of this assignment, and the highest there is if it equals the bound.
    """

    status: Status
    cost: Fraction | None = None
    local_share: Fraction | None = None
    reachable_share: Fraction | None = None
    bound: Fraction | None = None
    gap: Fraction | None = None
    assignment: tuple[Assigned, ...] = ()


def spend(problem: AssignmentProblem, assignment: tuple[Assigned, ...]) -> tuple[Fraction, Fraction]:
    """The local and the whole spend of an assignment, exactly."""
    cost = {(pair.line, pair.supplier): pair.cost for pair in problem.pairs}
    local = whole = Fraction(0)
    for row in assignment:
        amount = cost[row.line, row.supplier] * row.share
        whole += amount
        local += amount if problem.suppliers[row.supplier].local else 0
    return local, whole


def broken(problem: AssignmentProblem, assignment: tuple[Assigned, ...]) -> list[str]:
    """Which conditions an assignment breaks, judged exactly; the share asked for is not among them.

    `lines`: a line not bought whole (or split, though single source), or by a pair that is not allowed; `capacity`;
    `max_cost`.
    """
    pairs = {(pair.line, pair.supplier): pair for pair in problem.pairs}
    if any((row.line, row.supplier) not in pairs or row.share <= 0 for row in assignment):
        return ["lines"]
    shares, load, whole = [Fraction(0)] * len(problem.lines), [Fraction(0)] * len(problem.suppliers), Fraction(0)
    for row in assignment:
        pair = pairs[row.line, row.supplier]
        shares[row.line] += row.share
        load[row.supplier] += row.share * pair.use
        whole += row.share * pair.cost
    split = problem.single_source and any(row.share != 1 for row in assignment)
    full = any(
        who.capacity is not None and done > who.capacity for who, done in zip(problem.suppliers, load, strict=True)
    )
    dear = problem.max_cost is not None and whole > problem.max_cost
    found = {"lines": split or any(share != 1 for share in shares), "capacity": full, "max_cost": dear}
    return [name for name, wrong in found.items() if wrong]


def share_of(local: Fraction, whole: Fraction) -> Fraction | None:
    """Local spend as a share of all spend; None where nothing is spent."""
    return local / whole if whole else None


def reaches(problem: AssignmentProblem, local: Fraction, whole: Fraction) -> bool:
    """Whether the share asked for is reached, exactly."""
    return problem.min_local_share is None or local >= problem.min_local_share * whole
