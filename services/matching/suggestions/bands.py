"""Quantities as bands: a supplier that is not yet accepted learns the order of magnitude, and no more. Pure."""

from decimal import Decimal

STEPS = (Decimal(1), Decimal(2), Decimal(5))


def band(quantity: Decimal) -> tuple[Decimal, Decimal]:
    """The band 1–2–5 × 10ⁿ that holds a quantity above zero: 1,300 → 1,000 and 2,000."""
    power = Decimal(1).scaleb(quantity.adjusted())
    low = max(step for step in STEPS if step * power <= quantity)
    following = {STEPS[0]: STEPS[1], STEPS[1]: STEPS[2], STEPS[2]: Decimal(10)}
    return low * power, following[low] * power


def quantity_band(quantity: Decimal | None, unit: str | None) -> str | None:
    """The band of a quantity in words: 1,300 件 → "1,000–2,000 件". None where no quantity is known."""
    if quantity is None or quantity <= 0:
        return None
    low, high = band(quantity)
    return f"{_say(low)}–{_say(high)} {unit or ''}".rstrip()


def _say(value: Decimal) -> str:
    return f"{value.normalize():,f}"
