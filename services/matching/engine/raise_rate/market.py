"""What the optimiser trades in, as arrays: offers, pairs and room, in whole 元.

An *offer* is an eligible capability on a line. A *pair* is a supplier on a line: its offers share the dual-source cap,
and together they carry nothing or at least the pair's minimum. All arrays are int64 and C-contiguous, so that compiled
functions take a `Market` as it is.

Capacity is a stock. An offer of a capability takes `use` of its stock with each 元. Where capacity is stated in 元, or
in pieces that all its offers pay the same for, a unit of stock is 1 元; where the prices differ, it is a common
fraction of a piece (see `stocks.py`). Booking within the stock never overbooks a piece.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.plan import Objective
from shared.compiled import compiled

Ints = NDArray[np.int64]


class Market(NamedTuple):
    """Everything that a plan must keep, and what it may gain.

    Shapes: `line` … `pair` (offers,), in the order of line, supplier, capability; `most` 元 can go by an offer at all,
    at least `least` if anything does; `reach` 元 are what the whole of its capability is worth to it. `pair_start`
    (pairs + 1,) are the offers of each pair, `minimum` and `cap` (pairs,) what it carries at least, if anything, and
    at most. `line_start` (lines + 1,) are the offers of each line, of which `movable` 元 may move; `product` (lines,)
    is its product, `room` (products,) what that lacks of its target. `stock` (capabilities,) and `limit` (suppliers,)
    are `UNLIMITED` where nothing is said. `offers_of` (offers,) are the offers by capability, as `capability_start`
    (capabilities + 1,) cuts them.
    """

    line: Ints
    supplier: Ints
    capability: Ints
    score: Ints
    most: Ints
    least: Ints
    use: Ints
    reach: Ints
    pair: Ints
    pair_start: Ints
    minimum: Ints
    cap: Ints
    line_start: Ints
    movable: Ints
    product: Ints
    room: Ints
    stock: Ints
    offers_of: Ints
    capability_start: Ints
    limit: Ints


class Offers(NamedTuple):
    """Offers as they are gathered, in any order; `order` is the minimum order, `share` and `cap` those of the pair.

    All of shape (offers,), in 元; see `Market` for the others.
    """

    line: Ints
    supplier: Ints
    capability: Ints
    score: Ints
    most: Ints
    order: Ints
    use: Ints
    reach: Ints
    share: Ints
    cap: Ints


def assemble(offers: Offers, movable: Ints, product: Ints, room: Ints, stock: Ints, limit: Ints) -> Market:
    """Put offers in order, and tell the pairs: O(offers log offers), or O(offers) where they are in order already."""
    kept = _in_order(offers)
    pair, pair_start, least, minimum = _paired(kept.line, kept.supplier, kept.order, kept.share)
    return Market(
        line=kept.line,
        supplier=kept.supplier,
        capability=kept.capability,
        score=kept.score,
        most=kept.most,
        least=least,
        use=kept.use,
        reach=kept.reach,
        pair=pair,
        pair_start=pair_start,
        minimum=minimum,
        cap=kept.cap[pair_start[:-1]],
        line_start=starts(kept.line, len(movable)),
        movable=_ints(movable),
        product=_ints(product),
        room=_ints(room),
        stock=_ints(stock),
        offers_of=by_group(kept.capability, starts(kept.capability, len(stock))),
        capability_start=starts(kept.capability, len(stock)),
        limit=_ints(limit),
    )


def objective_of(market: Market, amounts: Ints) -> Objective:
    """What amounts per offer reach: 元 below the products' targets, 元 in all, 元 × score; exact."""
    moved = moved_by_product(market, amounts)
    return Objective(
        toward_target=int(np.minimum(moved, market.room).sum()),
        total=int(amounts.sum()),
        weighted_score=exact_dot(market.score, amounts),
    )


def moved_by_product(market: Market, amounts: Ints) -> Ints:
    """元 moved per product."""
    return summed(market.product[market.line], amounts, len(market.room))


def moved_by_line(market: Market, amounts: Ints) -> Ints:
    """元 moved per line."""
    return summed(market.line, amounts, len(market.movable))


def summed(groups: Ints, amounts: Ints, size: int) -> Ints:
    """The sum of the amounts of each group, in whole numbers (`bincount` would go by way of floats)."""
    return _summed(_ints(groups), _ints(amounts), size)


def highest(groups: Ints, amounts: Ints, size: int) -> Ints:
    """The greatest amount of each group, 0 where there is none above that."""
    return _highest(_ints(groups), _ints(amounts), size)


@compiled
def _summed(groups: Ints, amounts: Ints, size: int) -> Ints:
    total = np.zeros(size, np.int64)
    for item in range(len(groups)):
        total[groups[item]] += amounts[item]
    return total


@compiled
def _highest(groups: Ints, amounts: Ints, size: int) -> Ints:
    most = np.zeros(size, np.int64)
    for item in range(len(groups)):
        most[groups[item]] = max(most[groups[item]], amounts[item])
    return most


def exact_dot(left: Ints, right: Ints) -> int:
    """Σ left · right of numbers ≥ 0, exact also beyond 2**63: in two halves of 31 bits."""
    low, high = right & (2**31 - 1), right >> 31
    return int(_blocked_sum(left * low)) + (int(_blocked_sum(left * high)) << 31)


def _blocked_sum(terms: Ints) -> int:
    """The sum in Python integers of partial sums: 2**20 terms below 2**43 stay below 2**63."""
    return sum(int(terms[at : at + 2**20].sum()) for at in range(0, len(terms), 2**20))


def starts(sorted_or_not: Ints, size: int) -> Ints:
    """Where each of `size` groups begins once the items stand in the order of their groups: (size + 1,)."""
    return np.append(0, np.cumsum(np.bincount(sorted_or_not, minlength=size))).astype(np.int64)


@compiled
def by_group(groups: Ints, begin: Ints) -> Ints:
    """The items in the order of their groups, which begin there (see `starts`); in a group as they came. O(items)."""
    order, place = np.empty(len(groups), np.int64), begin.copy()
    for item in range(len(groups)):
        order[place[groups[item]]] = item
        place[groups[item]] += 1
    return order


def limited(values: Ints) -> NDArray[np.bool_]:
    """Which of the stocks or limits are limits."""
    return values < UNLIMITED


def _in_order(offers: Offers) -> Offers:
    """The offers through which something can flow, by line, supplier and capability."""
    rows = Offers(*map(_ints, offers))
    if not rows.most.all():
        able = np.flatnonzero(rows.most > 0)
        rows = Offers(*(column[able] for column in rows))
    if _ordered(rows.line, rows.supplier, rows.capability):
        return rows
    order = np.lexsort((rows.capability, rows.supplier, rows.line))
    return Offers(*(column[order] for column in rows))


@compiled
def _ordered(line: Ints, supplier: Ints, capability: Ints) -> bool:
    for at in range(1, len(line)):
        if line[at] != line[at - 1]:
            later = line[at] > line[at - 1]
        elif supplier[at] != supplier[at - 1]:
            later = supplier[at] > supplier[at - 1]
        else:
            later = capability[at] >= capability[at - 1]
        if not later:
            return False
    return True


@compiled
def _paired(line: Ints, supplier: Ints, order: Ints, share: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Each offer's pair, where pairs begin, and the minimums of offers and of pairs.

    The minimum order of an offer that is alone in its pair is the pair's.
    """
    count, pairs = len(line), 0
    pair, start = np.empty(count, np.int64), np.empty(count + 1, np.int64)
    for at in range(count):
        if at == 0 or line[at] != line[at - 1] or supplier[at] != supplier[at - 1]:
            start[pairs] = at
            pairs += 1
        pair[at] = pairs - 1
    start[pairs] = count
    least, minimum = order.copy(), np.empty(pairs, np.int64)
    for at in range(pairs):
        first = start[at]
        minimum[at] = share[first]
        if start[at + 1] == first + 1:
            minimum[at], least[first] = max(share[first], order[first]), 0
    return pair, start[: pairs + 1].copy(), least, minimum


def _ints(values: Ints) -> Ints:
    return np.ascontiguousarray(values, np.int64)
