"""What a supplier is told of a quantity."""

from decimal import Decimal

import pytest

from services.matching.suggestions.bands import quantity_band

BANDS = [
    ("1", "1–2 件"),
    ("1.999", "1–2 件"),
    ("2", "2–5 件"),
    ("1300", "1,000–2,000 件"),
    ("9999", "5,000–10,000 件"),
    ("10000", "10,000–20,000 件"),
    ("0.3", "0.2–0.5 件"),
]


@pytest.mark.parametrize(("quantity", "band"), BANDS)
def test_a_quantity_lies_in_its_band(quantity: str, band: str) -> None:
    assert quantity_band(Decimal(quantity), "件") == band


@pytest.mark.parametrize("quantity", [None, Decimal(0)])
def test_no_quantity_has_no_band(quantity: Decimal | None) -> None:
    assert quantity_band(quantity, "件") is None


def test_a_band_may_have_no_unit() -> None:
    assert quantity_band(Decimal(3), None) == "2–5"
