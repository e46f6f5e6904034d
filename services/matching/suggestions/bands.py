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


def spend_band(amount: Decimal) -> str:
    """The band of an amount above zero in words: 1,300,000 元 → "100–200 万元"; below a 万元 that alone is told."""
    in_wan = amount / 10_000
    if in_wan < 1:
        return "不足 1 万元"
    low, high = band(in_wan)
    return f"{_say(low)}–{_say(high)} 万元"


def _say(value: Decimal) -> str:
    return f"{value.normalize():,f}"
