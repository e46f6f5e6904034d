"""Whole lines: the result equals the best of all choices, and says what it did not reach."""

from fractions import Fraction

from hypothesis import example, given, settings

from services.matching.engine.assignment.problem import (
    AssignmentProblem,
    AssignmentResult,
    Goal,
    Pair,
    Status,
    Supplier,
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


def free_outside(*, dearer_is_local: bool) -> AssignmentProblem:
    """Two free lines that may be had outside; a second supplier asks for both, a third of it locally."""
    suppliers = (Supplier("外", None, False), Supplier("甲", None, dearer_is_local), Supplier("乙", None, False))
    costs = {(0, 0): 0, (1, 0): 0, (0, 1): 1, (1, 2): 2}
    pairs = tuple(Pair(line, supplier, Fraction(cost), Fraction(0)) for (line, supplier), cost in costs.items())
    return AssignmentProblem(suppliers, ("零件0", "零件1"), pairs, True, Goal.MAX_LOCAL, Fraction(99, 100), None, 20.0)


@settings(max_examples=150)
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


@settings(max_examples=150)
@given(problems(single_source=True, goal=Goal.MAX_LOCAL))
@example(free_outside(dearer_is_local=False))
@example(free_outside(dearer_is_local=True))
def test_highest_share(problem: AssignmentProblem) -> None:
    result = solve_assignment(problem)
    check_told(problem, result)
    options = list(choices(problem))
    if not options:
        assert result.status is Status.INFEASIBLE
        return
    # where nothing is spent, nothing stays outside: any share is kept
    reaching = [option for option in options if reaches(problem, *option)]
    assert result.status is (Status.OPTIMAL if reaching else Status.UNREACHABLE)
    assert (result.local_share or 0) == (highest(reaching or options) or 0)
    assert result.gap == 0
