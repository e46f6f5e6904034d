"""Quantities as bands: a supplier that is not yet accepted learns the order of magnitude, and no more. Pure."""

from decimal import Decimal

STEPS = (Decimal(1), Decimal(2), Decimal(5))


def quantity_band(quantity: Decimal | None, unit: str | None) -> str | None:
    """The band 1–2–5 × 10ⁿ that holds a quantity: 1,300 件 → "1,000–2,000 件". None where no quantity is known."""
    if quantity is None or quantity <= 0:
        return None
    power = Decimal(1).scaleb(quantity.adjusted())
    low = max(step for step in STEPS if step * power <= quantity)
    following = {STEPS[0]: STEPS[1], STEPS[1]: STEPS[2], STEPS[2]: Decimal(10)}
    return f"{_say(low * power)}–{_say(following[low] * power)} {unit or ''}".rstrip()


def _say(value: Decimal) -> str:
    return f"{value.normalize():,f}"
