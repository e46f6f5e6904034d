"""`solve_flow` on networks small enough to see the answer."""

from collections.abc import Sequence

import numpy as np
import pytest

from services.matching.engine.flow.fold import fold_objectives, weights
from services.matching.engine.flow.problem import (
    UNLIMITED,
    Basis,
    FlowCancelled,
    FlowOverflow,
    FlowProblem,
    Status,
)
from services.matching.engine.flow.solver import solve_flow
from tests.support.flow_objectives import FlowNetwork, lexicographic_flow

Arc = tuple[int, int, int, int, int]


def problem(supply: Sequence[int], *arcs: Arc) -> FlowProblem:
    """From arcs as (tail, head, lower, capacity, cost)."""
    rows = np.array(arcs, np.int64).reshape(-1, 5)
    return FlowProblem(*(rows[:, column].copy() for column in range(5)), np.array(supply, np.int64))


class TestStatuses:
    def test_nothing_at_all_is_optimal(self) -> None:
        found = solve_flow(problem([]))
        assert (found.status, found.cost, found.flow.tolist()) == (Status.OPTIMAL, 0, [])

    def test_the_cheaper_of_two_parallel_arcs_is_filled_first(self) -> None:
        found = solve_flow(problem([7, -7], (0, 1, 0, 5, 3), (0, 1, 0, 5, 2)))
        assert (found.flow.tolist(), found.cost) == ([2, 5], 16)

    def test_supplies_beyond_the_capacities_are_infeasible(self) -> None:
        found = solve_flow(problem([7, -7, 0], (0, 1, 0, 5, 3), (2, 1, 0, 9, 1)))
        assert (found.status, found.culprits.tolist(), found.basis) == (Status.INFEASIBLE, [0], None)

    def test_supplies_that_do_not_add_up_are_infeasible_where_they_do_not(self) -> None:
        found = solve_flow(problem([2, -2, 3, 0], (0, 1, 0, 5, 1), (2, 3, 0, 5, 1)))
        assert (found.status, found.culprits.tolist()) == (Status.INFEASIBLE, [2, 3])

    def test_a_capacity_below_its_lower_bound_is_infeasible(self) -> None:
        found = solve_flow(problem([0, 0], (0, 1, 4, 3, 1)))
        assert (found.status, found.culprits.tolist()) == (Status.INFEASIBLE, [0, 1])

    def test_a_lower_bound_may_be_negative(self) -> None:
        assert solve_flow(problem([-2, 2], (0, 1, -5, 5, 3))).flow.tolist() == [-2]


class TestCyclesThatGain:
    def test_without_limit_there_is_no_optimum(self) -> None:
        found = solve_flow(problem([0, 0], (0, 1, 0, UNLIMITED, 1), (1, 0, 0, UNLIMITED, -2)))
        assert (found.status, found.basis) == (Status.UNBOUNDED, None)

    def test_a_loop_without_limit_too(self) -> None:
        assert solve_flow(problem([0], (0, 0, 0, UNLIMITED, -1))).status is Status.UNBOUNDED

    def test_infeasible_goes_before_unbounded(self) -> None:
        found = solve_flow(problem([1, -1], (0, 0, 0, UNLIMITED, -1)))
        assert (found.status, found.culprits.tolist()) == (Status.INFEASIBLE, [0])

    def test_one_limited_arc_bounds_a_cycle(self) -> None:
        found = solve_flow(problem([0, 0], (0, 1, 0, 6, 1), (1, 0, 0, UNLIMITED, -2)))
        assert (found.status, found.flow.tolist(), found.cost) == (Status.OPTIMAL, [6, 6], -6)

    def test_arcs_without_limit_that_lose_are_harmless(self) -> None:
        found = solve_flow(problem([4, -4], (0, 1, 0, UNLIMITED, 3), (1, 0, 0, UNLIMITED, -3)))
        assert (found.status, found.cost) == (Status.OPTIMAL, 12)

    def test_cycles_that_cost_nothing_end(self) -> None:
        ring = [(node, (node + 1) % 5, 0, 4, 0) for node in range(5)]
        assert solve_flow(problem([0] * 5, *ring, *ring)).cost == 0


class TestSizes:
    def test_a_total_beyond_64_bits_is_exact(self) -> None:
        found = solve_flow(problem([10**17, -(10**17)], (0, 1, 0, UNLIMITED, 10**16)))
        assert found.cost == 10**33

    def test_capacities_that_no_flow_fills_may_be_of_any_size(self) -> None:
        wide = [(0, 1, 0, UNLIMITED - 1, cost) for cost in range(1, 9)]
        assert solve_flow(problem([3, -3], *wide)).cost == 3

    def test_supplies_beyond_64_bits_are_refused(self) -> None:
        with pytest.raises(FlowOverflow):
            solve_flow(problem([2**62, -(2**62), 2**62, -(2**62)]))

    def test_gains_over_too_much_capacity_are_refused(self) -> None:
        with pytest.raises(FlowOverflow):
            solve_flow(problem([0, 0], (0, 1, 0, 2**61, -1), (1, 0, 0, 2**61, -1)))

    def test_costs_that_add_up_beyond_64_bits_are_refused(self) -> None:
        with pytest.raises(FlowOverflow):
            solve_flow(problem([1, 0, -1], (0, 1, 0, 1, 2**60), (1, 2, 0, 1, 2**60)))
        with pytest.raises(FlowOverflow):
            solve_flow(problem([0, 0], (0, 1, 0, 1, -(2**63))))

    def test_one_dear_arc_among_many_nodes_is_none_too_many(self) -> None:
        path = [(node, node + 1, 0, 1, 1) for node in range(98)]
        found = solve_flow(problem([1, *[0] * 98, -1], *path, (98, 99, 0, 1, 2**56)))
        assert found.cost == 2**56 + 98


class TestMalformedInput:
    def test_an_end_that_is_no_node(self) -> None:
        with pytest.raises(ValueError, match="must be nodes"):
            solve_flow(problem([0, 0], (0, 2, 0, 1, 1)))

    def test_a_column_of_another_length(self) -> None:
        fine = problem([0, 0], (0, 1, 0, 1, 1))
        with pytest.raises(ValueError, match="cost has shape"):
            solve_flow(FlowProblem(fine.tail, fine.head, fine.lower, fine.capacity, np.zeros(2, np.int64), fine.supply))

    def test_fractions(self) -> None:
        fine = problem([0, 0], (0, 1, 0, 1, 1))
        with pytest.raises(ValueError, match="cost holds float64"):
            solve_flow(FlowProblem(fine.tail, fine.head, fine.lower, fine.capacity, np.zeros(1), fine.supply))  # type: ignore[arg-type]

    def test_read_only_arrays_are_fine(self) -> None:
        fine = problem([1, -1], (0, 1, 0, 1, 1))
        fine.cost.flags.writeable = False
        assert solve_flow(fine).cost == 1


class TestStart:
    triangle = problem([3, 0, -3], (0, 1, 0, 2, 1), (1, 2, 0, 9, 1), (0, 2, 0, 9, 5))

    @pytest.mark.parametrize(
        ("parent_arc", "flow", "message"),
        [
            ([-1, 0], [0, 0, 0], "another network"),
            ([-1, 0, 1], [0, 0], "another network"),
            ([-1, 0, 7], [0, 0, 0], "do not exist"),
            ([-1, 2, 1], [0, 0, 0], "no spanning tree"),
            ([0, 0, 1], [0, 0, 0], "no spanning tree"),
        ],
    )
    def test_what_is_no_basis_is_refused(self, parent_arc: list[int], flow: list[int], message: str) -> None:
        with pytest.raises(ValueError, match=message):
            solve_flow(self.triangle, start=Basis(np.array(parent_arc), np.array(flow)))

    def test_the_former_basis_needs_no_pivot(self) -> None:
        found = solve_flow(self.triangle)
        again = solve_flow(self.triangle, start=found.basis)
        assert (again.pivots, again.flow.tolist()) == (0, [2, 2, 1])


class TestListening:
    def test_progress_hears_of_the_pivots(self) -> None:
        heard: list[int] = []
        found = solve_flow(TestStart.triangle, progress=heard.append)
        assert heard[-1] == found.pivots > 0

    def test_a_caller_may_stop_it(self) -> None:
        with pytest.raises(FlowCancelled):
            solve_flow(TestStart.triangle, cancelled=lambda: True)


class TestSeveralObjectives:
    def test_weights_outweigh_cycles_and_not_whole_flows(self) -> None:
        tail, head = np.array([0, 1, 2]), np.array([1, 2, 0])
        gains = np.array([[0, 0, 1], [0, 1000, 0]])
        assert weights(tail, head, gains, 3, 0) == (2001 + 1, 1)
        assert fold_objectives(tail, head, gains, 3, 0).tolist() == [0, -1000, -2002]

    def test_gains_too_large_to_fold_are_taken_one_after_the_other(self) -> None:
        size = 2**50
        network = FlowNetwork(
            tail=np.array([0, 1, 1, 2]),
            head=np.array([1, 2, 2, 0]),
            capacity=np.array([5, 3, 4, 6]),
            lower=np.zeros(4, np.int64),
            objectives=np.array([[size, 0, 0, 0], [0, size, 1, 0], [0, 0, size, 0]]),
            supply=np.zeros(3, np.int64),
            hub=0,
        )
        with pytest.raises(FlowOverflow):
            fold_objectives(network.tail, network.head, network.objectives, 3, 0)
        assert lexicographic_flow(network).flow.tolist() == [5, 3, 2, 5]
