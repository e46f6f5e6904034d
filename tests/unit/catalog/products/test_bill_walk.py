"""A bill as a list: levels, shared assemblies, and what each line asks for."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from services.catalog.products.bills import decided
from services.catalog.products.walk import asked_for, walk


def line(parent: str, part: str, quantity: str = "1", bought: bool | None = None) -> dict[str, Any]:
    return {"parent": parent, "part_code": part, "quantity": Decimal(quantity), "bought": bought}


def levels(lines: list[dict[str, Any]]) -> list[tuple[int, str, str]]:
    return [(level, each["parent"], each["part_code"]) for level, each in walk(lines)]


def test_lines_come_depth_first_with_their_level() -> None:
    lines = [line("", "A"), line("", "B"), line("A", "C"), line("C", "D")]
    assert levels(lines) == [(1, "", "A"), (2, "A", "C"), (3, "C", "D"), (1, "", "B")]


def test_a_shared_assembly_is_opened_once() -> None:
    lines = [line("", "A"), line("", "B"), line("A", "S"), line("B", "S"), line("S", "P")]
    assert levels(lines) == [(1, "", "A"), (2, "A", "S"), (3, "S", "P"), (1, "", "B"), (2, "B", "S")]


def test_what_the_product_does_not_reach_comes_last_at_level_zero() -> None:
    assert levels([line("GONE", "P"), line("", "A")]) == [(1, "", "A"), (0, "GONE", "P")]


def test_what_has_parts_below_it_is_made_unless_the_source_says_otherwise() -> None:
    lines = decided([line("", "A"), line("A", "P"), line("", "B", bought=True), line("B", "Q")])
    assert {each["part_code"]: each["bought"] for each in lines} == {"A": False, "P": True, "B": True, "Q": True}


def test_a_line_asks_for_its_parents_whole_quantity_times_its_own() -> None:
    totals: Mapping[str, Decimal] = {"S": Decimal(30)}
    shared = line("S", "P", "1.5")
    assert asked_for(line("", "A", "2"), Decimal(10), totals, frozenset()) == Decimal(20)
    assert asked_for(shared, Decimal(10), totals, frozenset()) == Decimal(45)
    assert asked_for(shared, None, totals, frozenset()) is None
    assert asked_for(shared, Decimal(10), totals, frozenset({"S"})) is None
    assert asked_for(line("GONE", "P"), Decimal(10), totals, frozenset()) is None
