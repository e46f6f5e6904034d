"""A part of a suggestion, in 元 and in pieces alike. Pure."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

THOUSANDTH = Decimal("0.001")


@dataclass(frozen=True)
class Part:
    """`amount` in whole 元 (or 1, where lines are counted), `quantity` in the line's unit where it is known."""

    amount: int
    quantity: Decimal | None


class WrongPart(ValueError):
    """A part that cannot be taken: the field that says so, and a Chinese sentence."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence


def part_of(whole: Part, amount: int | None, quantity: Decimal | None) -> Part:
    """The part that is named by its amount or by its quantity; the whole where neither is. Raises WrongPart."""
    if amount is not None and quantity is not None:
        raise WrongPart("quantity", "金额（amount）和数量（quantity）只填其中一项。")
    if quantity is not None:
        return _by_quantity(whole, quantity)
    if amount is None:
        return whole
    if not 0 < amount <= whole.amount:
        raise WrongPart("amount", f"应大于 0，且不超过建议的 {whole.amount}。")
    return of_amount(whole, amount)


def of_amount(whole: Part, amount: int) -> Part:
    """The part of this amount; its pieces are rounded up, so that what is reserved is never too little."""
    if whole.quantity is None:
        return Part(amount, None)
    exact = Fraction(whole.quantity) * amount / whole.amount
    return Part(amount, _up(exact))


def _by_quantity(whole: Part, quantity: Decimal) -> Part:
    if whole.quantity is None:
        raise WrongPart("quantity", "该建议没有数量，请按金额（amount）接受一部分。")
    if not 0 < quantity <= whole.quantity:
        raise WrongPart("quantity", f"应大于 0，且不超过建议的 {whole.quantity.normalize():f}。")
    amount = int(Fraction(whole.amount) * Fraction(quantity) / Fraction(whole.quantity))
    if amount == 0:
        raise WrongPart("quantity", "这么少的数量不足 1 元。")
    return Part(amount, quantity)


def _up(exact: Fraction) -> Decimal:
    """Rounded up to 1/1000."""
    thousandths = -(-exact.numerator * 1000 // exact.denominator)
    return (Decimal(thousandths) * THOUSANDTH).quantize(THOUSANDTH, ROUND_CEILING)
