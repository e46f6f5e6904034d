"""Decimals are rounded as the tables keep them, before anything is compared."""

from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from services.catalog.amounts import Money, Price, Quantity, Share, Usage


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        (Money, "0.005", "0.01"),
        (Money, "-12.345", "-12.35"),
        (Price, "1.23455", "1.2346"),
        (Quantity, "2.0005", "2.001"),
        (Usage, "0.0000005", "0.000001"),
        (Share, "0.33335", "0.3334"),
    ],
)
def test_amounts_are_rounded_half_up(kind: object, given: str, kept: str) -> None:
    assert str(TypeAdapter(kind).validate_python(Decimal(given))) == kept


@pytest.mark.parametrize(
    ("kind", "given"),
    [(Quantity, "-1"), (Price, "1e12"), (Share, "1.01"), (Usage, "0"), (Usage, "0.0000001"), (Money, "NaN")],
)
def test_what_the_columns_cannot_hold_is_refused(kind: object, given: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(Decimal(given))
