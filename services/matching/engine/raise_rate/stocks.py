"""Pieces as whole numbers: what an offer takes of a capability's stock, exactly or at worst a hair too much.

A line pays `top` / `bottom` 元 for 1/1000 unit of a capability, so each 元 takes `bottom` / `top` of them. Where all
offers of a capability pay the same, its stock is counted in 元. Else in 1 / lcm(tops) of 1/1000 unit, if that fits
into 62 bits; if it does not, by a scale as fine as fits, with what is taken rounded up and what there is rounded down.
"""

from math import gcd

import numpy as np

from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.raise_rate.market import Ints
from shared.compiled import compiled

_ROOM = 2.0**61


@compiled
def divided(a: int, b: int, c: int) -> tuple[int, int]:
    """⌊a · b / c⌋ and the rest, for a, b ≥ 0, c > 0, exact whatever a · b is; (`UNLIMITED`, 0) beyond that."""
    if float(a) * float(b) < _ROOM:
        return a * b // c, a * b % c
    if float(a) * float(b) / float(c) >= _ROOM:
        return UNLIMITED, 0
    quotient, rest = 0, 0
    whole, part = b // c, b % c
    for shift in range(62, -1, -1):  # a in binary, the highest digit first: schoolbook multiplication and division
        quotient, rest = 2 * quotient, 2 * rest
        if rest >= c:
            quotient, rest = quotient + 1, rest - c
        if (a >> shift) & 1:
            quotient, rest = quotient + whole, rest + part
            if rest >= c:
                quotient, rest = quotient + 1, rest - c
    return quotient, rest


@compiled
def set_stocks(starts: Ints, rows: Ints, top: Ints, bottom: Ints, reach: Ints, units: Ints, stock: Ints) -> Ints:
    """`use` per offer, and `stock` of the capabilities with `units` ≥ 0 in place; O(offers).

    `rows` are the offers by capability, as `starts` cuts them; `reach` is what all units are worth to an offer.
    """
    use = np.ones(len(rows), np.int64)
    for capability in range(len(units)):
        first, last = starts[capability], starts[capability + 1]
        if units[capability] < 0:
            continue
        stock[capability] = 0
        if first == last:
            continue
        members = rows[first:last]
        if _one_price(members, top, bottom):
            stock[capability] = reach[members[0]]
        else:
            stock[capability] = _common_stock(members, top, bottom, units[capability], use)
    return use


@compiled
def _one_price(members: Ints, top: Ints, bottom: Ints) -> bool:
    same = True
    for row in members:
        same = same and top[row] == top[members[0]] and bottom[row] == bottom[members[0]]
    return same


@compiled
def _common_stock(members: Ints, top: Ints, bottom: Ints, units: int, use: Ints) -> int:
    """Set `use` of the members, and return the stock; exact where the common denominator fits."""
    most, common = 0, 1
    for row in members:
        most = max(most, bottom[row])
        if common > 0:
            factor = top[row] // gcd(common, top[row])
            fits = float(common) * float(factor) * float(max(units, bottom[row])) < _ROOM
            common = common * factor if fits else 0
    if common > 0:
        shared = 0
        for row in members:
            use[row] = common // top[row] * bottom[row]
            shared = gcd(shared, use[row])
        for row in members:
            use[row] //= shared
        return common * units // shared
    scale = int(_ROOM / float(max(units, most, 1)))
    for row in members:
        use[row] = (scale * bottom[row] + top[row] - 1) // top[row]
    return scale * units
