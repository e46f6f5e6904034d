"""Solves an assignment problem: which question to ask of which solver, and what the answers prove."""

from dataclasses import replace
from fractions import Fraction

from services.matching.engine.assignment.core import Core, core_of, cost_side, share_side
from services.matching.engine.assignment.deadline import Deadline
from services.matching.engine.assignment.found import Solve
from services.matching.engine.assignment.fractional import in_decimals, split_lines
from services.matching.engine.assignment.parts import by_component
from services.matching.engine.assignment.problem import (
    Assigned,
    AssignmentProblem,
    AssignmentResult,
    Goal,
    Status,
    broken,
    reaches,
    share_of,
    spend,
)
from services.matching.engine.assignment.ratio import Highest, Shares, highest_share
from services.matching.engine.assignment.single import single_lines

KEPT_BACK = 0.03
"""The part of the time limit kept for checks and for solvers that look at the clock now and then."""

FIRST = 0.6
"""The part of the time to find anything at the share asked for; if nothing is, the rest shows what can be reached."""

CLOSE = Fraction(1, 10**9)
"""Split lines count as optimal at this relative gap: their shares are decimals, which may miss a vertex by so much."""


def solve_assignment(problem: AssignmentProblem, spent: float = 0.0) -> AssignmentResult:
    """The best assignment found within the time limit, with its proof; every condition is checked in fractions.

    `spent` seconds of the limit are gone already; half of it is left in any case.
    """
    left = max(problem.time_limit / 2, problem.time_limit - spent)
    deadline = Deadline.after(left * (1 - KEPT_BACK))
    if not problem.lines:
        nothing = Fraction(0)
        return AssignmentResult(Status.OPTIMAL, cost=nothing, bound=nothing, gap=nothing)
    if len({pair.line for pair in problem.pairs}) < len(problem.lines):
        return AssignmentResult(Status.INFEASIBLE)
    solve = by_component(single_lines if problem.single_source else split_lines)
    if problem.goal is Goal.MAX_LOCAL:
        return _told_highest(problem, highest_share(problem, solve, deadline, None))
    return _least_cost(problem, solve, deadline)


def cost_core(problem: AssignmentProblem) -> Core:
    """Least spend, at the share asked for."""
    return core_of(problem, lambda pair: pair.cost, share_side(problem))


def _least_cost(problem: AssignmentProblem, solve: Solve, deadline: Deadline) -> AssignmentResult:
    core = cost_core(problem)
    asked = problem.min_local_share is not None
    found = solve(core, deadline.giving_up_at(FIRST) if asked else deadline, None)
    bound = None if found.bound is None else found.bound / core.scale
    beyond = problem.max_cost is not None and bound is not None and bound > problem.max_cost
    if found.infeasible or beyond:
        if not asked:
            return AssignmentResult(Status.INFEASIBLE, bound=bound)
        return _told_out_of_reach(problem, highest_share(problem, solve, deadline, None))
    told = _told(problem, found.shares, bound)
    if told.status is not Status.UNKNOWN or not asked:
        return told
    return _told_late(problem, highest_share(problem, solve, deadline, None), bound)


def _told(problem: AssignmentProblem, shares: Shares | None, bound: Fraction | None) -> AssignmentResult:
    """A least cost that was found, or `unknown` where it breaks a condition (too dear, out of time)."""
    assignment = _assignment(problem, shares)
    if assignment is None:
        return AssignmentResult(Status.UNKNOWN, bound=bound)
    local, whole = spend(problem, assignment)
    if broken(problem, assignment) or not reaches(problem, local, whole):
        return AssignmentResult(Status.UNKNOWN, bound=bound)
    gap = None if bound is None else _gap(whole, bound)
    return AssignmentResult(
        status=_proven(problem, gap),
        cost=whole,
        local_share=share_of(local, whole),
        bound=None if bound is None else min(bound, whole),
        gap=gap,
        assignment=assignment,
    )


def _told_highest(problem: AssignmentProblem, highest: Highest) -> AssignmentResult:
    """The highest share, as the answer to the goal `max_local`."""
    if highest.infeasible:
        return AssignmentResult(Status.INFEASIBLE)
    assignment = _assignment(problem, highest.shares)
    asked = problem.min_local_share
    if assignment is None:
        status = Status.UNREACHABLE if asked is not None and highest.bound < asked else Status.UNKNOWN
        return AssignmentResult(status, bound=highest.bound)
    local, whole = spend(problem, assignment)
    share = share_of(local, whole)
    gap = _gap(highest.bound, share or Fraction(0)) if whole else Fraction(0)
    status = _proven(problem, gap)
    if not reaches(problem, local, whole):
        status = Status.UNREACHABLE if asked is not None and highest.bound < asked else Status.UNKNOWN
    return AssignmentResult(status, whole, share, share, highest.bound, gap, assignment)


def _told_out_of_reach(problem: AssignmentProblem, highest: Highest) -> AssignmentResult:
    """No assignment reaches the share asked for (proven): the most that can, or that there is none at all."""
    told = _told_highest(problem, highest)
    if told.status is Status.INFEASIBLE:
        return told
    if told.assignment and told.status is not Status.UNKNOWN and told.status is not Status.UNREACHABLE:
        return replace(told, status=Status.FEASIBLE, bound=None, gap=None)  # tolerances had hidden it; no cost bound
    asked = problem.min_local_share or Fraction(0)
    bound = min(highest.bound, asked)
    return replace(told, status=Status.UNREACHABLE, bound=bound, gap=_gap(bound, told.local_share or Fraction(0)))


def _told_late(problem: AssignmentProblem, highest: Highest, bound: Fraction | None) -> AssignmentResult:
    """Out of time for the least cost: an assignment that reaches the share is still an answer."""
    told = _told_highest(problem, highest)
    if told.status not in {Status.OPTIMAL, Status.FEASIBLE} or told.cost is None:
        return told
    gap = None if bound is None else _gap(told.cost, bound)
    return replace(told, status=_proven(problem, gap), bound=bound, gap=gap)


def _assignment(problem: AssignmentProblem, shares: Shares | None) -> tuple[Assigned, ...] | None:
    """The answer's rows; shares as decimals where that keeps all that they keep."""
    if shares is None:
        return None
    rows = _rows(problem, shares)
    local, whole = spend(problem, rows)
    kept = replace(problem, min_local_share=problem.min_local_share if reaches(problem, local, whole) else None)
    core = core_of(problem, lambda pair: pair.cost, [*share_side(kept), *cost_side(problem)])
    return _rows(problem, in_decimals(core, shares))


def _rows(problem: AssignmentProblem, shares: Shares) -> tuple[Assigned, ...]:
    rows = [(problem.pairs[pair], share) for pair, share in shares]
    return tuple(Assigned(pair.line, pair.supplier, share) for pair, share in rows)


def _gap(high: Fraction, low: Fraction) -> Fraction:
    return max(Fraction(0), (high - low) / high) if high > 0 else Fraction(0)


def _proven(problem: AssignmentProblem, gap: Fraction | None) -> Status:
    near = Fraction(0) if problem.single_source else CLOSE
    return Status.OPTIMAL if gap is not None and gap <= near else Status.FEASIBLE
