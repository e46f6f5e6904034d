"""What is wrong with a problem file is said in Chinese, with its place and what to do."""

from fractions import Fraction
from typing import Any

import pytest

from services.matching.engine.assignment.reader import BadProblem, read_problem
from tests.unit.matching.assignment.files import text, without

SUPPLIER = {"id": "甲", "capacity": 1, "local": True}


def refused(content: str) -> str:
    with pytest.raises(BadProblem) as refusal:
        read_problem(content)
    return str(refusal.value)


def test_decimals_are_read_exactly() -> None:
    problem = read_problem(text(cost=[[0.1, 0.2], [0.3, None]], min_local_share=0.1))
    assert [pair.cost for pair in problem.pairs] == [Fraction(1, 10), Fraction(3, 10), Fraction(1, 5)]
    assert problem.min_local_share == Fraction(1, 10)


def test_optional_fields_may_be_left_out() -> None:
    problem = read_problem(without("max_cost"))
    assert problem.max_cost is None


@pytest.mark.parametrize("field", ["suppliers", "lines", "cost", "use", "single_source", "objective", "time_limit"])
def test_missing_field(field: str) -> None:
    assert f"缺少字段 {field}" in refused(without(field))


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ('{"suppliers": [],\n"lines": [}', "第 2 行第 11 列"),
        ("[1, 2]", "最外层应是对象"),
        ('{"a": NaN}', "NaN"),
        ('{"a": Infinity}', "Infinity"),
        ('{"lines": [], "lines": []}', "字段 lines 在同一个对象中出现了多次"),
        ('{"a": ' + "9" * 5000 + "}", "数字太长"),
    ],
)
def test_bad_json(content: str, place: str) -> None:
    assert place in refused(content)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"colour": 1}, "不认识的字段 colour"),
        ({"suppliers": {}}, "suppliers 应是数组"),
        ({"suppliers": [SUPPLIER, SUPPLIER]}, "suppliers 第 2 项与第 1 项的 id 同为 甲"),
        ({"suppliers": [SUPPLIER, {"id": "乙", "capacity": 1}]}, "suppliers 第 2 项缺少字段 local"),
        ({"suppliers": [SUPPLIER, {**SUPPLIER, "id": "乙", "local": 1}]}, "suppliers 第 2 项（乙）的 local 应是 true"),
        ({"suppliers": [SUPPLIER, {**SUPPLIER, "id": "乙", "capacity": -1}]}, "（乙）的 capacity 是负数"),
        ({"suppliers": [SUPPLIER, {**SUPPLIER, "id": "乙", "capacity": "9"}]}, "（乙）的 capacity 应是数字"),
        ({"suppliers": [SUPPLIER, {**SUPPLIER, "id": ""}]}, "suppliers 第 2 项的 id"),
        ({"lines": [{"id": "轴承"}, {"id": "轴承"}]}, "lines 第 2 项与第 1 项的 id 同为 轴承"),
        ({"lines": [{"id": "轴承"}, 3]}, "lines 第 2 项应是对象"),
        ({"cost": [[5, 6]]}, "cost 有 1 行，suppliers 有 2 项"),
        ({"cost": [[5, 6], [4]]}, "cost 第 2 行有 1 列"),
        ({"use": [[5, 5], 5]}, "use 第 2 行 应是数组"),
        ({"cost": [[5, -6], [4, 3]]}, "cost 第 1 行第 2 列 是负数"),
        ({"use": [[5, 5], [5, "5"]]}, "use 第 2 行第 2 列 应是数字"),
        ({"use": [[5, 5], [5, True]]}, "use 第 2 行第 2 列 应是数字，实际是布尔值"),
        ({"cost": [[1e300, 5], [4, 3]]}, "cost 第 1 行第 1 列 的数字超出范围"),
        ({"single_source": 1}, "single_source 应是 true 或 false"),
        ({"objective": "cheap"}, "objective 应是 min_cost 或 max_local，实际是 “cheap”"),
        ({"objective": ["min_cost"]}, "objective 应是 min_cost 或 max_local"),
        ({"min_local_share": 50}, "min_local_share 应在 0 与 1 之间"),
        ({"min_local_share": "0.5"}, "min_local_share 应是数字"),
        ({"max_cost": -1}, "max_cost 是负数"),
        ({"time_limit": 0}, "time_limit 应大于 0"),
        ({"time_limit": None}, "time_limit 应是数字"),
    ],
)
def test_bad_field(changes: dict[str, Any], said: str) -> None:
    assert said in refused(text(**changes))
