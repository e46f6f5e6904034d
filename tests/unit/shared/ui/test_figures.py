"""Figures as people read them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from shared.ui import figures
from shared.ui.languages import Language


@pytest.mark.parametrize(
    ("yuan", "chinese", "english"),
    [
        (None, "—", "—"),
        (0, "0 元", "0 CNY"),
        (9_999, "9,999 元", "10.00 k CNY"),
        ("12345.678", "1.23 万元", "12.35 k CNY"),
        (Decimal("327015000"), "3.27 亿元", "327.02 m CNY"),
        (-150_000_000, "-1.50 亿元", "-150.00 m CNY"),
        (5 * 10**11, "5,000.00 亿元", "500.00 bn CNY"),
    ],
)
def test_money(yuan: Decimal | int | str | None, chinese: str, english: str) -> None:
    assert figures.money(Language.CHINESE, yuan) == chinese
    assert figures.money(Language.ENGLISH, yuan) == english


def test_exact_money_keeps_every_digit() -> None:
    assert figures.exact_money(Language.CHINESE, Decimal("327015000.50")) == "327,015,000.50 元"
    assert figures.exact_money(Language.CHINESE, None) == "—"


def test_shares_are_rounded_half_up() -> None:
    assert figures.percent(Decimal("0.43750")) == "43.8%"
    assert figures.percent("0.5", 0) == "50%"
    assert figures.percent(None) == "—"


def test_numbers() -> None:
    assert figures.number(1234567) == "1,234,567"
    assert figures.number(Decimal("2.5"), 0) == "3"
    assert figures.number(None) == "—"


def test_days_are_those_of_china() -> None:
    late = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)
    assert figures.day(late) == "2026-11-24"
    assert figures.moment(late) == "2026-11-24 01:30"
    assert figures.moment(late.isoformat()) == "2026-11-24 01:30"
    assert figures.day(date(2026, 2, 3)) == figures.moment("2026-02-03") == "2026-02-03"
    assert figures.day(None) == "—"
