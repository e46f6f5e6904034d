"""Units: names and signs, what converts and what never does."""

from decimal import Decimal

import pytest

from shared.codes.tables import read_table, split_cell
from shared.codes.units import (
    InconvertibleUnits,
    UnknownUnit,
    all_units,
    base_unit,
    convert,
    convertible,
    find_unit,
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("t", "吨"),
        ("T", "吨"),
        ("kg", "千克"),
        ("㎏", "千克"),
        ("KG", "千克"),
        ("公斤", "千克"),
        ("m", "米"),
        ("㎡", "平方米"),
        ("m²", "平方米"),
        ("m3", "立方米"),
        ("pcs", "件"),
        ("PCS", "件"),
        (" 台 ", "台"),
        ("（套）", "套"),
        ("N·m", "牛米"),
        ("N•m", "牛米"),
        ("℃", "摄氏度"),
        ("KW", "千瓦"),
        ("mW", "毫瓦"),
        ("MW", "兆瓦"),
        ("万元", "万元"),
    ],
)
def test_find(text: str, code: str) -> None:
    assert find_unit(text).code == code


def test_unknown_units_are_never_guessed() -> None:
    with pytest.raises(UnknownUnit, match="没有名为“mw”的计量单位"):
        find_unit("mw")
    with pytest.raises(UnknownUnit) as caught:
        find_unit("平方迷")
    assert "平方米" in caught.value.nearest


def test_convert() -> None:
    assert convert(Decimal("1.5"), find_unit("吨"), find_unit("kg")) == 1500
    assert convert(Decimal(90), find_unit("min"), find_unit("h")) == Decimal("1.5")
    assert convert(Decimal(3), find_unit("万元"), find_unit("元")) == 30000
    assert convert(Decimal(22), find_unit("in"), find_unit("mm")) == Decimal("558.8")


@pytest.mark.parametrize(("a", "b"), [("台", "件"), ("件", "千克"), ("米", "千克"), ("元", "件")])
def test_what_does_not_convert(a: str, b: str) -> None:
    assert not convertible(find_unit(a), find_unit(b))
    with pytest.raises(InconvertibleUnits, match="不能换算"):
        convert(Decimal(1), find_unit(a), find_unit(b))


def test_a_count_unit_is_only_itself() -> None:
    counts = [unit for unit in all_units().values() if unit.dimension == "count"]
    assert len(counts) > 30
    assert all(convertible(a, b) == (a == b) for a in counts for b in counts)


def test_every_dimension_has_a_base_unit() -> None:
    for unit in all_units().values():
        if unit.dimension != "count":
            assert base_unit(unit.dimension).factor == 1
    with pytest.raises(KeyError):
        base_unit("count")


def test_no_name_stands_twice_in_the_table() -> None:
    owners: dict[str, str] = {}
    for row in read_table("shared.codes", "units"):
        for name in (row["code"], *split_cell(row["aliases"])):
            assert owners.setdefault(name, row["code"]) == row["code"], name
            assert find_unit(name).code == row["code"]
