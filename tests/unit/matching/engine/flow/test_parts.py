"""Solving by parts, on threads and on processes: the same optimum as in one piece."""

import multiprocessing
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

from services.matching.engine.flow.parts import components, solve_by_parts
from services.matching.engine.flow.problem import FlowProblem, Status
from services.matching.engine.flow.solver import solve_flow
from tests.bench.instances import plan_instance, plan_network
from tests.property.matching.engine.flow.problems import assert_proven_optimal, random_problem

NETWORK = plan_network(plan_instance("XS", 3, cross_class=False))


def assert_solved(executor: Executor) -> None:
    part = components(NETWORK.problem, NETWORK.hub)
    assert len(set(part.tolist())) > 3
    found = solve_by_parts(NETWORK.problem, part, executor, hub=NETWORK.hub, greedy=True)
    whole = solve_flow(NETWORK.problem)
    assert (found.status, found.cost) == (Status.OPTIMAL, whole.cost)
    assert_proven_optimal(NETWORK.problem, found)
    assert solve_flow(NETWORK.problem, start=found.basis).cost == whole.cost


def test_on_threads() -> None:
    with ThreadPoolExecutor(2) as executor:
        assert_solved(executor)


def test_on_processes() -> None:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        assert_solved(executor)


def test_by_given_blocks() -> None:
    with ThreadPoolExecutor(2) as executor:
        part = components(NETWORK.problem, NETWORK.hub) % 2
        found = solve_by_parts(NETWORK.problem, part, executor, hub=NETWORK.hub)
    assert found.cost == solve_flow(NETWORK.problem).cost


def test_any_problem_with_and_without_a_hub() -> None:
    with ThreadPoolExecutor(1) as executor:
        for seed in range(150):
            problem = random_problem(seed)
            whole = solve_flow(problem)
            for hub in (None, 0):
                found = solve_by_parts(problem, components(problem, hub), executor, hub=hub)
                assert (found.status, found.cost) == (whole.status, whole.cost), (seed, hub)
                if found.status is Status.OPTIMAL:
                    assert_proven_optimal(problem, found)


def test_an_arc_between_two_parts_is_refused() -> None:
    ints = np.zeros(1, np.int64)
    problem = FlowProblem(ints, ints + 1, ints, ints + 1, ints, np.zeros(2, np.int64))
    with ThreadPoolExecutor(1) as executor, pytest.raises(ValueError, match="joins two parts"):
        solve_by_parts(problem, np.array([0, 1]), executor)
