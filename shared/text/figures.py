"""Figures as people read them: 元 in 万元 and 亿元, shares in percent.

Rounding never makes more of a figure than there is: amounts are cut (999,999 元 is no million), and a share below
its target never reads as reached.
"""

from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

_YI = 10**8
_WAN = 10**4


def _cut(value: Fraction, places: int) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal(1).scaleb(-places), ROUND_DOWN)


def say_yuan(amount: int) -> str:
    """An amount of whole 元: 1 2345 6789 → 1.23 亿元, 12345 → 1.23 万元, 999 → 999 元.

    >>> say_yuan(123_456_789), say_yuan(-12_345), say_yuan(999)
    ('1.23 亿元', '-1.23 万元', '999 元')
    """
    for unit, name in ((_YI, "亿元"), (_WAN, "万元")):
        if abs(amount) >= unit:
            return f"{_cut(Fraction(amount, unit), 2):,} {name}"
    return f"{amount} 元"


def say_percent(part: int | Fraction, whole: int | Fraction, target: Fraction | None = None, *, places: int = 2) -> str:
    """part / whole in percent; a whole of nothing has no share.

    Rounded half up, as published figures are, but what is below `target` (a share of 1) never reads as reached, and
    less than all never reads as 100 %.

    >>> say_percent(338, 938), say_percent(154, 938), say_percent(0, 0)
    ('36.03%', '16.42%', '—')
    >>> say_percent(49_996, 100_000), say_percent(49_996, 100_000, Fraction(1, 2))
    ('50.00%', '49.99%')
    """
    if not whole:
        return "—"
    above, below = part.numerator * whole.denominator, part.denominator * whole.numerator
    scale = 100 * 10**places
    shown = (2 * above * scale + below) // (2 * below)
    for bar in (Fraction(1),) if target is None else (Fraction(1), target):
        if above * bar.denominator < bar.numerator * below and bar.numerator * scale <= shown * bar.denominator:
            shown = above * scale // below
    return f"{Decimal(shown).scaleb(-places)}%"


def say_points(part: int, whole: int, places: int = 1) -> str:
    """What `part` adds to a share of `whole`, in percentage points with its sign.

    >>> say_points(31, 1000)
    '+3.1 个百分点'
    """
    if whole == 0:
        return "—"
    return f"{_cut(Fraction(100 * part, whole), places):+} 个百分点"
