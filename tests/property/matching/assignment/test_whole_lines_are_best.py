"""Whole lines: the result equals the best of all choices, and says what it did not reach."""

from fractions import Fraction

from hypothesis import given, settings

from services.matching.engine.assignment.problem import (
    AssignmentProblem,
    AssignmentResult,
    Goal,
    Status,
    broken,
    reaches,
    share_of,
    spend,
)
from services.matching.engine.assignment.solver import solve_assignment
from tests.property.matching.assignment.small_problems import choices, problems


def check_told(problem: AssignmentProblem, result: AssignmentResult) -> None:
    """What the result says of itself is true, exactly."""
    if result.status is Status.INFEASIBLE:
        assert not result.assignment and result.cost is None
        return
    local, whole = spend(problem, result.assignment)
    assert broken(problem, result.assignment) == []
    assert (result.cost, result.local_share) == (whole, share_of(local, whole))
    assert reaches(problem, local, whole) == (result.status is not Status.UNREACHABLE)


def highest(options: list[tuple[Fraction, Fraction]]) -> Fraction | None:
    """The highest share of all options in which something is spent."""
    return max((local / whole for local, whole in options if whole), default=None)


@settings(max_examples=150, deadline=None)
@given(problems(single_source=True, goal=Goal.MIN_COST))
def test_least_cost(problem: AssignmentProblem) -> None:
    result = solve_assignment(problem)
    check_told(problem, result)
    options = list(choices(problem))
    reaching = [whole for local, whole in options if reaches(problem, local, whole)]
    if reaching:
        assert (result.status, result.cost, result.bound, result.gap) == (
            Status.OPTIMAL,
            min(reaching),
            min(reaching),
            0,
        )
    elif options:
        assert (result.status, result.reachable_share) == (Status.UNREACHABLE, highest(options))
    else:
        assert result.status is Status.INFEASIBLE


@settings(max_examples=150, deadline=None)
@given(problems(single_source=True, goal=Goal.MAX_LOCAL))
def test_highest_share(problem: AssignmentProblem) -> None:
    result = solve_assignment(problem)
    check_told(problem, result)
    options = list(choices(problem))
    if not options:
        assert result.status is Status.INFEASIBLE
        return
    best = highest(options)
    reached = best is None or problem.min_local_share is None or best >= problem.min_local_share
    assert result.status is (Status.OPTIMAL if reached else Status.UNREACHABLE)
    assert (result.local_share or 0) == (best or 0)
    assert result.gap == 0
