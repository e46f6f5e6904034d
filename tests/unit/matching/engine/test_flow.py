"""The flow function on networks small enough to see the answer."""

import numpy as np
import pytest

from services.matching.engine.flow.problem import InfeasibleFlow
from tests.support.flow_objectives import FlowNetwork, NetworkBuilder, lexicographic_flow


def test_an_empty_network_has_an_empty_flow() -> None:
    result = lexicographic_flow(NetworkBuilder(ranks=2).build())
    assert result.flow.tolist() == [] and result.values == (0, 0)


def test_parallel_arcs_are_both_used() -> None:
    build = NetworkBuilder(ranks=1)
    node = build.node()
    build.arc(0, node, 5)
    build.arc(0, node, 4)
    build.arc(node, 0, 100, (1,))
    assert lexicographic_flow(build.build()).flow.tolist() == [5, 4, 9]


def test_an_earlier_objective_outweighs_any_amount_of_a_later_one() -> None:
    build = NetworkBuilder(ranks=2)
    node = build.node()
    build.arc(0, node, 10)
    first = build.arc(node, 0, 1, (1, 0))
    second = build.arc(node, 0, 10, (0, 1_000_000_000))
    result = lexicographic_flow(build.build())
    assert (result.flow[first], result.flow[second]) == (1, 9)
    assert result.values == (1, 9_000_000_000)


def test_values_beyond_64_bits_do_not_overflow() -> None:
    build = NetworkBuilder(ranks=3)
    node = build.node()
    build.arc(0, node, 10**15)
    build.arc(node, 0, 10**15, (1, 1, 10**6))
    assert lexicographic_flow(build.build()).values == (10**15, 10**15, 10**21)


def test_lower_bounds_force_what_no_objective_wants() -> None:
    build = NetworkBuilder(ranks=1)
    node = build.node()
    build.arc(0, node, 9)
    build.arc(node, 0, 9, (-5,), lower=3)
    assert lexicographic_flow(build.build()).flow.tolist() == [3, 3]


def test_a_loop_at_a_node_is_used_only_where_it_pays() -> None:
    build = NetworkBuilder(ranks=1)
    node = build.node()
    build.arc(node, node, 7, (2,))
    build.arc(0, 0, 3, (-1,))
    assert lexicographic_flow(build.build()).flow.tolist() == [7, 0]


def test_no_flow_is_named_with_its_component() -> None:
    build = NetworkBuilder(ranks=1)
    fine, stuck = build.node(), build.node()
    build.arc(0, fine, 1, (1,))
    build.arc(fine, 0, 1)
    build.arc(0, stuck, 5, lower=4)
    build.arc(stuck, 0, 3)
    with pytest.raises(InfeasibleFlow, match="no feasible flow") as caught:
        lexicographic_flow(build.build())
    assert caught.value.nodes == [stuck]


def test_crossed_bounds_and_unbalanced_supplies_are_infeasible() -> None:
    build = NetworkBuilder(ranks=1)
    node = build.node()
    build.arc(0, node, 1, lower=2)
    with pytest.raises(InfeasibleFlow):
        lexicographic_flow(build.build())
    ints = np.zeros(0, np.int64)
    lone = FlowNetwork(ints, ints, ints, ints, np.zeros((1, 0), np.int64), np.array([0, 5]), hub=0)
    with pytest.raises(InfeasibleFlow):
        lexicographic_flow(lone)


def test_supplies_pass_through_the_hub_from_one_component_to_another() -> None:
    build = NetworkBuilder(ranks=1)
    giver, taker = build.node(), build.node()
    build.arc(giver, 0, 10)
    build.arc(0, taker, 10)
    network = build.build()
    network.supply[[giver, taker]] = 6, -6
    assert lexicographic_flow(network).flow.tolist() == [6, 6]
