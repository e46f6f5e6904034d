"""Splitting, rounding and periods of the supporting rate."""

from decimal import Decimal
from fractions import Fraction

import pytest

from services.matching.engine.locality import Locality
from services.matching.engine.policy import Basis, Scope
from services.matching.rates.definition import Definition, InvalidPeriod, Period, Stage
from services.matching.rates.rules import (
    Bought,
    Split,
    apportion,
    line_spend,
    origin_split,
)
from shared.text.figures import say_percent
from tests.support.rate_ledger import split_shared_purchase


def by_region(bought: Bought) -> Locality:
    return {"here": Locality.LOCAL, "there": Locality.OUTSIDE, None: Locality.UNKNOWN}[bought.region]


def test_origin_split_without_purchases_is_all_unknown() -> None:
    assert origin_split(10, [], by_region) == Split(excluded=0, local_now=0, outside=0, unknown=10)


def test_origin_split_of_reversed_purchases_is_all_unknown() -> None:
    pair = [Bought("a", Decimal(5), "here"), Bought("a", Decimal(-5), "here")]
    assert origin_split(10, pair, by_region).unknown == 10


def test_a_line_that_counts_one_goes_whole_to_the_largest_share() -> None:
    purchases = [Bought("a", Decimal(6), "here"), Bought("b", Decimal(5), "there")]
    assert origin_split(1, purchases, by_region) == Split(excluded=0, local_now=1, outside=0, unknown=0)


def test_a_tie_is_never_rounded_in_favour_of_local() -> None:
    purchases = [Bought("a", Decimal(5), "here"), Bought("b", Decimal(5), "there")]
    assert origin_split(1, purchases, by_region).local_now == 0


def test_apportion_by_largest_remainder() -> None:
    # 10 × 5/12, 4/12, 3/12 = 4.17, 3.33, 2.5: the odd one goes to the largest remainder.
    assert apportion(10, [5, 4, 3]) == [4, 3, 3]


def test_shared_purchase_is_split_to_the_cent() -> None:
    shares = split_shared_purchase(Decimal("100.00"), [Decimal(1), Decimal(1), Decimal(1)])
    assert shares == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]


def test_shared_reversal_is_split_like_the_purchase() -> None:
    assert split_shared_purchase(Decimal("-10"), [Decimal(3), Decimal(1)]) == [Decimal("-7.5"), Decimal("-2.5")]


def test_shared_purchase_keeps_finer_amounts() -> None:
    assert sum(split_shared_purchase(Decimal("0.0005"), [Decimal(1), Decimal(1)])) == Decimal("0.0005")


@pytest.mark.parametrize("quantities", [[None, Decimal(3)], [Decimal(0), Decimal(0)]])
def test_shared_purchase_in_equal_parts_where_quantities_tell_nothing(quantities: list[Decimal | None]) -> None:
    assert split_shared_purchase(Decimal(10), quantities) == [Decimal(5), Decimal(5)]


@pytest.mark.parametrize(
    ("quantity", "price", "spend"),
    [("3", "0.5", 2), ("2.5", "1.0001", 3), ("0.1", "4", 0), (None, "1", None), ("1", None, None)],
)
def test_line_spend(quantity: str | None, price: str | None, spend: int | None) -> None:
    assert line_spend(quantity and Decimal(quantity), price and Decimal(price)) == spend


@pytest.mark.parametrize(
    ("numerator", "denominator", "places", "shown"),
    [
        (4996, 10000, 1, "49.9%"),
        (49996, 100000, 2, "49.99%"),
        (1, 2, 1, "50.0%"),
        (5004, 10000, 1, "50.0%"),
        (5006, 10000, 1, "50.1%"),
        (338, 938, 2, "36.03%"),
        (99999, 100000, 1, "99.9%"),
        (0, 7, 2, "0.00%"),
        (0, 0, 2, "—"),
    ],
)
def test_percent_never_shows_the_target_as_reached_by_rounding(
    numerator: int, denominator: int, places: int, shown: str
) -> None:
    assert say_percent(Fraction(numerator), Fraction(denominator), Fraction(1, 2), places=places) == shown


@pytest.mark.parametrize(
    ("asked", "booked", "inside"),
    [
        ("2025", "2025", True),
        ("2025", "2025Q3", True),
        ("2025", "2025-07", True),
        ("2025", "2024-12", False),
        ("2025Q3", "2025-07", True),
        ("2025Q3", "2025-09", True),
        ("2025Q3", "2025-10", False),
        ("2025Q3", "2025Q3", True),
        ("2025q4", "2025-12", True),
        ("2025Q3", "2025", False),
    ],
)
def test_period_contains(asked: str, booked: str, inside: bool) -> None:
    assert Period.parse(asked).contains(booked) is inside


@pytest.mark.parametrize("text", ["25", "2025Q5", "2025-07", "去年", ""])
def test_period_says_how_it_is_written(text: str) -> None:
    with pytest.raises(InvalidPeriod, match="2025Q3"):
        Period.parse(text)


def test_sentence_is_a_complete_definition() -> None:
    definition = Definition(Basis.VALUE, Scope.CLUSTER, Period(2025), Stage.ACTUAL)
    assert definition.sentence() == (
        "本地配套率（实际）：按采购金额（不含税），以集群所含城市和集群成员为本地，统计期 2025 年，"
        "统计主导产品物料清单中外购的末级零部件，剔除关联交易、委托加工、能源水费，"
        "来源不明的计入分母、不计为本地并单独列示，按统计期内实际采购计算。"
    )


def test_every_definition_names_what_it_depends_on() -> None:
    sentences = {
        Definition(basis, scope, Period(2025, 3), stage, run="R-7").sentence()
        for basis in Basis
        for scope in Scope
        for stage in Stage
    }
    assert len(sentences) == len(Basis) * len(Scope) * len(Stage)
    assert all("2025 年第 3 季度" in sentence and "匹配任务 R-7" in sentence for sentence in sentences)
