"""Split lines: the result equals scipy's linear program, and keeps every condition exactly."""

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from scipy.optimize import linprog

from services.matching.engine.assignment.problem import AssignmentProblem, Goal, Status, broken, reaches, spend
from services.matching.engine.assignment.solver import solve_assignment
from tests.property.matching.assignment.small_problems import problems

NEAR = 1e-6


def least(problem: AssignmentProblem, *, share: bool) -> float | None:
    """The least spend; None where there is no assignment."""
    rows, limits = _rows(problem)
    if share and problem.min_local_share is not None:
        rows.append(
            [float(pair.cost * (problem.min_local_share - _local(problem, pair.supplier))) for pair in problem.pairs]
        )
        limits.append(0.0)
    return _solved(problem, [float(pair.cost) for pair in problem.pairs], rows, limits, 0.0)


def highest(problem: AssignmentProblem) -> float | None:
    """The highest share, by the transformation of Charnes and Cooper; None where nothing can be spent."""
    rows, limits = _rows(problem)
    rows = [[*row, -limit] for row, limit in zip(rows, limits, strict=True)]
    served = [[float(pair.line == line) for pair in problem.pairs] + [-1.0] for line in range(len(problem.lines))]
    spent = [float(pair.cost) for pair in problem.pairs] + [0.0]
    weight = [-float(pair.cost) * _local(problem, pair.supplier) for pair in problem.pairs] + [0.0]
    found = linprog(
        weight,
        A_ub=np.array(rows) if rows else None,
        b_ub=np.zeros(len(rows)) if rows else None,
        A_eq=np.array([*served, spent]),
        b_eq=[0.0] * len(served) + [1.0],
    )
    return None if found.status else -float(found.fun)


def _rows(problem: AssignmentProblem) -> tuple[list[list[float]], list[float]]:
    rows, limits = [], []
    for position, supplier in enumerate(problem.suppliers):
        if supplier.capacity is not None:
            rows.append([float(pair.use) * (pair.supplier == position) for pair in problem.pairs])
            limits.append(float(supplier.capacity))
    if problem.max_cost is not None:
        rows.append([float(pair.cost) for pair in problem.pairs])
        limits.append(float(problem.max_cost))
    return rows, limits


def _solved(
    problem: AssignmentProblem, weight: list[float], rows: list[list[float]], limits: list[float], lower: float
) -> float | None:
    served = [[float(pair.line == line) for pair in problem.pairs] for line in range(len(problem.lines))]
    if any(not any(row) for row in served):
        return None
    found = linprog(
        weight,
        A_ub=np.array(rows) if rows else None,
        b_ub=limits if rows else None,
        A_eq=np.array(served),
        b_eq=np.ones(len(served)),
        bounds=(lower, None),
    )
    return None if found.status else float(found.fun)


def _local(problem: AssignmentProblem, supplier: int) -> int:
    return int(problem.suppliers[supplier].local)


@settings(max_examples=150)
@given(problems(single_source=False, goal=Goal.MIN_COST))
def test_least_cost(problem: AssignmentProblem) -> None:
    result = solve_assignment(problem)
    local, whole = spend(problem, result.assignment)
    cost = least(problem, share=True)
    if cost is not None:
        assert result.status is Status.OPTIMAL
        assert abs(float(whole) - cost) <= NEAR
        assert result.bound is not None and result.bound <= whole
        assert broken(problem, result.assignment) == [] and reaches(problem, local, whole)
    elif least(problem, share=False) is not None:
        assert result.status is Status.UNREACHABLE
        assert broken(problem, result.assignment) == [] and not reaches(problem, local, whole)
        best = highest(problem)
        assert best is not None and abs(float(result.reachable_share or 0) - best) <= NEAR
    else:
        assert result.status is Status.INFEASIBLE


@settings(max_examples=150)
@given(problems(single_source=False, goal=Goal.MAX_LOCAL))
def test_highest_share(problem: AssignmentProblem) -> None:
    result = solve_assignment(problem)
    if least(problem, share=False) is None:
        assert result.status is Status.INFEASIBLE
        return
    local, whole = spend(problem, result.assignment)
    assert broken(problem, result.assignment) == []
    assert result.status is (Status.OPTIMAL if reaches(problem, local, whole) else Status.UNREACHABLE)
    assert abs(float(result.local_share or Fraction(0)) - (highest(problem) or 0.0)) <= NEAR
