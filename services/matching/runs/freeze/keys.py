"""Natural keys, which stay the same when a re-import gives new ids, and the snapshot's whole numbers."""

from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from services.matching.mirror.service import MirrorEnterprise

PRICE = 10_000
"""Unit prices are whole 1/10000 元, targets whole 1/10000."""
QUANTITY = 1_000
"""Quantities are whole 1/1000 units."""


def party_key(enterprise: MirrorEnterprise) -> str:
    """An enterprise's natural key: its credit code, or what its source calls it."""
    return enterprise.credit_code or f"key:{enterprise.source_key or enterprise.id}"


def line_key(product_code: str, part_code: str) -> str:
    """A need's natural key."""
    return f"{product_code}/{part_code}"


def capability_key(supplier_key: str, code: str) -> str:
    """A capability's natural key."""
    return f"{supplier_key}/{code}"


def scaled(value: Decimal | None, scale: int) -> int | None:
    """`value` in whole 1/scale, rounded half up; None stays None."""
    return None if value is None else int((value * scale).quantize(Decimal(1), ROUND_HALF_UP))


def floored(value: Decimal) -> int:
    """Rounded down: for capacities and releases, which must never be overstated."""
    return int(value.to_integral_value(ROUND_FLOOR))
