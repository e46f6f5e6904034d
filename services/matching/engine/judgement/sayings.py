"""Numbers, places and dates of the snapshot, as people read them in a sentence."""

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from shared.codes.parameters import Parameter, say
from shared.codes.regions import full_name, region, short_name

_REMEMBERED = 1 << 16
"""Most numbers and places are said many times in a run."""


@lru_cache(_REMEMBERED)
def say_quantity(thousandths: int | Fraction, unit: str | None) -> str:
    """A quantity of 1/1000 units: 1200500 件 → "1,200.5 件"."""
    return _number(Fraction(thousandths) / 1000) + (f" {unit}" if unit else "")


@lru_cache(_REMEMBERED)
def say_price(ten_thousandths: int | Fraction, unit: str | None) -> str:
    """A unit price of 1/10000 元: 125000 件 → "12.5 元/件"."""
    return _number(Fraction(ten_thousandths) / 10_000) + " 元" + (f"/{unit}" if unit else "")


@lru_cache(_REMEMBERED)
def say_place(code: str | None) -> str:
    """A region by its full name; "未登记地区" where none is known."""
    if code is None:
        return "未登记地区"
    return full_name(code) if region(code) else code


@lru_cache(_REMEMBERED)
def say_cities(codes: tuple[str, ...]) -> str:
    """Cities by their short names: "青岛、烟台、威海"."""
    return "、".join(short_name(code) if region(code) else code for code in codes)


@lru_cache(_REMEMBERED)
def say_parameter(parameter: Parameter) -> str:
    """A parameter as `shared.codes.parameters.say` says it."""
    return say(parameter)


def _number(value: Fraction) -> str:
    rounded = round(value, 4)
    text = f"{Decimal(rounded.numerator) / Decimal(rounded.denominator):,.4f}"
    return text.rstrip("0").rstrip(".")
