"""Exploding a bill of materials: hand-worked bills, and cycles named by code and name."""

from decimal import Decimal
from fractions import Fraction

import pytest

from services.catalog.products.rules import BomCycle, BomEdge, cycles, explode, made_parts


def edge(parent: str | None, part: str, quantity: str = "1", *, bought: bool = False, name: str = "") -> BomEdge:
    return BomEdge(parent, part, Decimal(quantity), bought, name)


class TestExplode:
    def test_quantities_multiply_along_the_levels(self) -> None:
        bill = [edge(None, "车架"), edge("车架", "纵梁", "2"), edge("纵梁", "螺栓", "24", bought=True)]
        assert explode(Decimal(1000), bill) == {"车架": 1000, "纵梁": 2000, "螺栓": 48000}

    def test_a_shared_part_adds_up_over_all_ways(self) -> None:
        bill = [
            edge(None, "前桥", "1"),
            edge(None, "后桥", "2"),
            edge("前桥", "轮毂", "2", bought=True),
            edge("后桥", "轮毂", "4", bought=True),
            edge(None, "轮毂", "1", bought=True),  # the spare wheel
        ]
        assert explode(Decimal(10), bill)["轮毂"] == 10 * (1 * 2 + 2 * 4 + 1)

    def test_a_shared_assembly_brings_its_parts_once_per_use(self) -> None:
        bill = [edge(None, "A", "2"), edge(None, "B", "3"), edge("A", "泵", "1"), edge("B", "泵", "2")]
        bill.append(edge("泵", "密封圈", "5", bought=True))
        assert explode(Decimal(1), bill) == {"A": 2, "B": 3, "泵": 8, "密封圈": 40}

    def test_fractions_stay_exact(self) -> None:
        bill = [edge(None, "胶料", "0.1"), edge("胶料", "炭黑", "0.3", bought=True)]
        assert explode(Decimal("3"), bill)["炭黑"] == Decimal("0.09")

    def test_many_levels_of_long_decimals_stay_exact(self) -> None:
        bill = [edge(None, "p0", "1.000001")]
        bill += [edge(f"p{n}", f"p{n + 1}", "1.000001") for n in range(9)]
        assert Fraction(explode(Decimal(1), bill)["p9"]) == Fraction("1.000001") ** 10

    def test_what_stands_below_a_bought_part_is_its_makers_business(self) -> None:
        bill = [edge(None, "压缩机", bought=True), edge("压缩机", "曲轴", "1", bought=True)]
        assert explode(Decimal(5), bill) == {"压缩机": 5}

    def test_what_the_product_does_not_reach_is_not_asked_for(self) -> None:
        assert explode(Decimal(5), [edge("不存在的总成", "螺母", bought=True)]) == {}

    def test_two_lines_of_one_parent_for_one_part_add_up(self) -> None:
        assert explode(Decimal(1), [edge(None, "灯", "2"), edge(None, "灯", "3")]) == {"灯": 5}

    def test_no_lines_need_nothing(self) -> None:
        assert explode(Decimal(5), []) == {}


class TestMadeParts:
    def test_what_no_line_says_is_bought(self) -> None:
        bill = [
            edge(None, "总成"),
            edge("总成", "外购件", bought=True),
            edge(None, "两用件"),
            edge("总成", "两用件", bought=True),
        ]
        assert made_parts(bill) == {"总成"}


class TestCycles:
    def test_the_path_is_named_by_code_and_name(self) -> None:
        bill = [
            edge(None, "A1", name="驾驶室"),
            edge("A1", "B2", name="车门"),
            edge("B2", "C3", name="门锁"),
            edge("C3", "A1", name="驾驶室"),
        ]
        with pytest.raises(BomCycle) as caught:
            explode(Decimal(1), bill)
        assert caught.value.path == ("A1", "B2", "C3", "A1")
        assert caught.value.message == "物料清单成环：驾驶室（A1） → 车门（B2） → 门锁（C3） → 驾驶室（A1）"

    def test_the_name_does_not_depend_on_the_order_of_lines(self) -> None:
        bill = [edge("x", "y"), edge("y", "z"), edge("z", "x"), edge("y", "x")]
        messages = {str(_caught(lines)) for lines in (bill, bill[::-1], bill[2:] + bill[:2])}
        assert messages == {"物料清单成环：x → y → x"}

    def test_a_part_that_contains_itself(self) -> None:
        assert _caught([edge("x", "x", name="齿轮")]).path == ("x", "x")

    def test_a_cycle_that_the_product_does_not_reach_is_found_too(self) -> None:
        with pytest.raises(BomCycle):
            explode(Decimal(1), [edge(None, "a"), edge("b", "c"), edge("c", "b")])

    def test_every_cycle_is_named_with_all_its_parts(self) -> None:
        bill = [edge("a", "b"), edge("b", "a"), edge("b", "c"), edge("c", "b"), edge("x", "x"), edge("p", "q")]
        assert [(cycle.path, cycle.parts) for cycle in cycles(bill)] == [
            (("a", "b", "a"), frozenset("abc")),
            (("x", "x"), frozenset("x")),
        ]


def _caught(lines: list[BomEdge]) -> BomCycle:
    with pytest.raises(BomCycle) as caught:
        explode(Decimal(1), lines)
    return caught.value
