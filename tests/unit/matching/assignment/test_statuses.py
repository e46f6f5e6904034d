"""Each status of a result, and shares on the edge: never told as reached when they are not."""

import json
from fractions import Fraction
from typing import Any

import pytest

from services.matching.engine.assignment.reader import read_problem
from services.matching.engine.assignment.solver import solve_assignment
from services.matching.engine.assignment.writer import write_result
from tests.unit.matching.assignment.files import text


def solved(**changes: Any) -> dict[str, Any]:
    """The result of a changed small problem, as printed."""
    problem = read_problem(text(**changes))
    found: dict[str, Any] = json.loads(write_result(problem, solve_assignment(problem)))
    return found


def two_lines(local: Any, other: Any, **changes: Any) -> dict[str, Any]:
    """A local supplier that can only get the first line, and one elsewhere that can only get the second."""
    return solved(cost=[[local, None], [None, other]], **changes)


def test_least_cost() -> None:
    result = solved()
    assert (result["status"], result["cost"], result["bound"], result["gap"]) == ("optimal", 7, 7, 0)
    assert result["assignment"] == [
        {"line": "轴承", "supplier": "乙", "share": 1},
        {"line": "法兰", "supplier": "乙", "share": 1},
    ]


def test_capacities_too_small() -> None:
    result = solved(use=[[11, 11], [5, 11]])
    assert (result["status"], result["cost"], result["assignment"]) == ("infeasible", None, [])


def test_a_line_that_nobody_may_get() -> None:
    assert solved(cost=[[5, None], [4, None]])["status"] == "infeasible"


def test_too_dear() -> None:
    assert solved(max_cost=6.99)["status"] == "infeasible"
    assert solved(max_cost=7)["status"] == "optimal"


def test_share_out_of_reach_within_the_cost() -> None:
    result = solved(min_local_share=0.5, max_cost=7.5)
    assert (result["status"], result["reachable_share"]) == ("unreachable", 0)
    assert solved(min_local_share=0.5, max_cost=8)["status"] == "optimal"


@pytest.mark.parametrize("objective", ["min_cost", "max_local"])
@pytest.mark.parametrize("share", [None, 0, 0.5])
def test_too_dear_by_less_than_a_solver_sees(objective: str, share: float | None) -> None:
    result = solved(
        cost=[[None, None], [10_000_000, 714_285.71]],
        max_cost=10_714_285.709_999_999,
        objective=objective,
        min_local_share=share,
        single_source=False,
    )
    assert (result["status"], result["assignment"]) == ("infeasible", [])


def test_highest_share() -> None:
    result = solved(objective="max_local", use=[[10, 10], [5, 5]])
    assert (result["status"], result["cost"], result["local_share"]) == ("optimal", 8, 0.625)
    assert result["reachable_share"] == result["bound"] == 0.625


def test_highest_share_within_the_cost() -> None:
    result = solved(objective="max_local", max_cost=9)
    assert (result["status"], result["cost"]) == ("optimal", 8)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("objective", ["min_cost", "max_local"])
def test_half_is_reached_by_exactly_half(whole: bool, objective: str) -> None:
    result = two_lines(0.3, 0.3, min_local_share=0.5, single_source=whole, objective=objective)
    assert (result["status"], result["local_share"]) == ("optimal", 0.5)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("objective", ["min_cost", "max_local"])
def test_one_yuan_below_half_is_not_half(whole: bool, objective: str) -> None:
    result = two_lines(
        999_999_999_999, 1_000_000_000_000, min_local_share=0.5, single_source=whole, objective=objective
    )
    assert result["status"] == "unreachable"
    assert result["local_share"] == result["reachable_share"] < 0.5
    assert result["cost"] == 1_999_999_999_999


def test_decimals_that_floats_cannot_hold() -> None:
    """0.1 of 0.1 + 0.2 + 0.7, added as floats, is more or less than 0.1; as decimals it is 0.1."""
    suppliers = [{"id": "甲", "capacity": 0.3, "local": True}, {"id": "乙", "capacity": 0.7, "local": False}]
    result = solved(
        suppliers=suppliers,
        lines=[{"id": "一"}, {"id": "二"}, {"id": "三"}],
        cost=[[0.1, None, None], [None, 0.2, 0.7]],
        use=[[0.1, 0.2, 0.3], [0.1, 0.2, 0.5]],
        min_local_share=0.1,
    )
    assert (result["status"], result["cost"], result["local_share"]) == ("optimal", 1, 0.1)


def test_split_lines() -> None:
    """A line of use 9 fills a capacity of 3 by a third: no decimal says it, so `exact` does where nothing else will."""
    suppliers = [{"id": name, "capacity": 3, "local": name == "甲"} for name in ("甲", "乙", "丙")]
    result = solved(
        suppliers=suppliers, lines=[{"id": "一"}], cost=[[5], [4], [3]], use=[[9], [9], [9]], single_source=False
    )
    assert (result["status"], result["cost"]) == ("optimal", 4)
    assert [row["exact"] for row in result["assignment"]] == ["1/3", "1/3", "1/3"]


def test_split_lines_in_decimals_where_there_is_room() -> None:
    suppliers = [{"id": "甲", "capacity": 3, "local": True}, {"id": "乙", "capacity": 30, "local": False}]
    result = solved(suppliers=suppliers, lines=[{"id": "一"}], cost=[[3], [4]], use=[[9], [9]], single_source=False)
    shares = [Fraction(str(row["share"])) for row in result["assignment"]]
    assert result["status"] == "optimal" and sum(shares) == 1 and shares[0] * 9 <= 3


def test_a_sliver_that_an_almost_whole_share_leaves() -> None:
    """Of 10 元 at least 0.999999999 local: the cheap firm elsewhere gets a hundred-millionth of the line, no more."""
    result = solved(
        lines=[{"id": "一"}], cost=[[10], [1]], use=[[1], [1]], min_local_share=0.999999999, single_source=False
    )
    elsewhere = next(row["share"] for row in result["assignment"] if row["supplier"] == "乙")
    assert result["status"] == "optimal" and 9e-9 < elsewhere <= 1e-8
    assert result["local_share"] >= 0.999999999


def test_numbers_as_programs_print_floats() -> None:
    result = solved(cost=[[5.738201938475629e-06, 0.1 + 0.2], [1e-07, 2 / 3]], max_cost=0.3000001000000000)
    assert (result["status"], result["cost"]) == ("infeasible", None)
    result = solved(cost=[[5.738201938475629e-06, 0.1 + 0.2], [1e-07, 2 / 3]], max_cost=0.30000010000000004)
    assert (result["status"], result["cost"]) == ("optimal", 0.30000010000000004)


def test_half_a_surrogate_in_a_name_stays_escaped() -> None:
    problem = read_problem(text(lines=[{"id": "\ud800"}, {"id": "法兰"}]))
    printed = write_result(problem, solve_assignment(problem))
    assert '"\\ud800"' in printed and "法兰" in printed and printed.encode()


def test_nothing_to_buy() -> None:
    result = solved(lines=[], cost=[[], []], use=[[], []])
    assert (result["status"], result["cost"], result["local_share"]) == ("optimal", 0, None)


def test_free_lines_have_no_share() -> None:
    result = solved(cost=[[0, 0], [0, 0]], objective="max_local")
    assert (result["status"], result["local_share"]) == ("optimal", None)
