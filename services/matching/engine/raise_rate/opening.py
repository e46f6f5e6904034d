"""From the snapshot's columns and eligible pairs to a market: what each pair can carry, in one compiled pass."""

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from services.matching.engine.columns import NOT_TOLD, Columns
from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.judgement.facts import unit_factor
from services.matching.engine.policy import Basis, exact_share
from services.matching.engine.raise_rate.market import Ints, Market, Offers, assemble, by_group, starts, summed
from services.matching.engine.raise_rate.stocks import divided, set_stocks
from services.matching.engine.snapshot import PIECES_PER_YUAN
from shared.compiled import compiled

_WHOLE = 10_000
"""A line's own cap is in 1/10000 of it."""


class Trade(NamedTuple):
    """What limits a pair, by line, capability and supplier.

    `cap` and `share` (lines,) are the dual-source cap and the minimum, in 元. `held` 元 a year are already in place on
    the pairs `held_key` = line · suppliers + supplier, ascending. Of a capability `yuan` (`UNLIMITED`: any) or `units`
    (-1: it is not stated so) are left; of a supplier `limit`. `top` / `bottom` (line units, capability units; the last
    of each: not told) are capability units per line unit; 0: not convertible. `orders`: minimum orders count.
    """

    movable: Ints
    price: Ints
    line_unit: Ints
    cap: Ints
    share: Ints
    held_key: Ints
    held: Ints
    supplier: Ints
    yuan: Ints
    units: Ints
    moq: Ints
    unit: Ints
    limit: Ints
    top: Ints
    bottom: Ints
    orders: bool


class Limits(NamedTuple):
    """Per pair, in 元: see `Offers`; and what a line pays for 1/1000 unit as `price_top` / `price_bottom`."""

    most: Ints
    order: Ints
    reach: Ints
    cap: Ints
    price_top: Ints
    price_bottom: Ints


@dataclass(frozen=True)
class Pairs:
    """Eligible pairs: capability and score (0-1000) on a line; all of shape (pairs,)."""

    line: Ints
    capability: Ints
    score: Ints


def open_market(columns: Columns, trade: Trade, pairs: Pairs) -> Market:
    """The market of eligible pairs; those through which nothing can flow are left out. O(pairs) where in order."""
    limits = limits_of(trade, pairs.line, pairs.capability)
    if not limits.most.all():
        able = np.flatnonzero(limits.most)
        pairs = Pairs(pairs.line[able], pairs.capability[able], pairs.score[able])
        limits = Limits(*(column[able] for column in limits))
    begin, stock = starts(pairs.capability, len(trade.units)), trade.yuan.copy()
    order = by_group(np.ascontiguousarray(pairs.capability, np.int64), begin)
    use = set_stocks(begin, order, limits.price_top, limits.price_bottom, limits.reach, trade.units, stock)
    offers = Offers(
        line=pairs.line,
        supplier=trade.supplier[pairs.capability],
        capability=pairs.capability,
        score=pairs.score,
        most=limits.most,
        order=limits.order,
        use=use,
        reach=limits.reach,
        share=trade.share[pairs.line],
        cap=limits.cap,
    )
    return assemble(offers, trade.movable, columns.lines.product, room_of(columns), stock, trade.limit)


def limits_of(trade: Trade, line: Ints, capability: Ints) -> Limits:
    """What each pair (line, capability) can carry, eligible or not; `most` is 0 where nothing can flow."""
    return _limits(trade, np.ascontiguousarray(line, np.int64), np.ascontiguousarray(capability, np.int64))


def trade_of(columns: Columns) -> Trade:
    """What limits the pairs of a snapshot under its policy."""
    lines, offered, policy = columns.lines, columns.capabilities, columns.policy
    top, bottom = _factors(columns)
    limited = policy.limit_capacity and policy.basis is not Basis.LINES
    yuan, units = _left(columns, top, bottom) if limited else _unlimited(len(offered.supplier))
    held_key, held = _held(columns)
    return Trade(
        movable=lines.movable,
        price=lines.unit_price,
        line_unit=lines.unit,
        cap=_most_of_one(columns),
        share=-_share_of(-policy.minimum_share, lines.spend),
        held_key=held_key,
        held=held,
        supplier=offered.supplier,
        yuan=yuan,
        units=units,
        moq=offered.moq,
        unit=offered.unit,
        limit=_supplier_limits(columns) if limited else np.full(len(columns.suppliers.party), UNLIMITED, np.int64),
        top=top,
        bottom=bottom,
        orders=policy.basis is not Basis.LINES,
    )


def room_of(columns: Columns) -> Ints:
    """What each product lacks of its target: of all that counts, less what is local and what is approved."""
    lines, products = columns.lines, columns.products
    counted = summed(lines.product, lines.spend - lines.excluded, len(products.target))
    done = summed(lines.product, lines.local_now + lines.committed, len(products.target))
    asked = [-(-target * of // 10_000) for target, of in zip(products.target.tolist(), counted.tolist(), strict=True)]
    return np.ascontiguousarray(np.maximum(np.array(asked, np.int64) - done, 0))


@compiled
def _limits(trade: Trade, line: Ints, capability: Ints) -> Limits:
    size, suppliers = len(line), len(trade.limit)
    found = Limits(
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        np.ones(size, np.int64),
        np.ones(size, np.int64),
    )
    for row in range(size):
        at, of = line[row], capability[row]
        held = _held_by(trade, at * suppliers + trade.supplier[of])
        found.cap[row] = max(0, trade.cap[at] - held)
        top, bottom = _price(trade, at, of)
        found.reach[row] = trade.yuan[of]
        if trade.units[of] >= 0:
            found.reach[row] = divided(trade.units[of], top, bottom)[0]
            found.price_top[row], found.price_bottom[row] = top, bottom
        if trade.orders and trade.moq[of] > 0 and top > 0:
            whole, rest = divided(trade.moq[of], top, bottom)
            found.order[row] = whole + (rest > 0)
        found.most[row] = min(trade.movable[at], found.cap[row], found.reach[row], trade.limit[trade.supplier[of]])
    return found


@compiled
def _price(trade: Trade, line: int, capability: int) -> tuple[int, int]:
    """What the line pays for 1/1000 unit of the capability, as a fraction in 元; (0, 1): nothing can be promised."""
    unit, own = trade.line_unit[line], trade.unit[capability]
    top, bottom, price = trade.top[unit, own], trade.bottom[unit, own], trade.price[line]
    if price <= 0 or top == 0:
        return 0, 1
    bottom, top = price * bottom, top * PIECES_PER_YUAN  # pieces per 元 are top / bottom of these
    shared = np.gcd(top, bottom)
    return bottom // shared, top // shared


@compiled
def _held_by(trade: Trade, key: int) -> int:
    if len(trade.held_key) == 0:
        return 0
    at = np.searchsorted(trade.held_key, key)
    return trade.held[at] if at < len(trade.held_key) and trade.held_key[at] == key else 0


def _factors(columns: Columns) -> tuple[Ints, Ints]:
    """Capability units per line unit as fractions; 0 / 1 where they do not convert."""
    units = [*columns.vocabulary.units, None]
    found = [[unit_factor(asked, offered) or Fraction(0) for offered in units] for asked in units]
    top = np.array([[each.numerator for each in row] for row in found], np.int64)
    bottom = np.array([[each.denominator for each in row] for row in found], np.int64)
    price = int(columns.lines.unit_price.max(initial=1))
    if price * int(bottom.max()) >= UNLIMITED or int(top.max()) * PIECES_PER_YUAN >= UNLIMITED:
        raise OverflowError("单价或计量单位的换算系数过大")
    return top, bottom


def _most_of_one(columns: Columns) -> Ints:
    """What one supplier may have of each line: by the line's own cap, or else by the policy's."""
    lines = columns.lines
    own = lines.spend // _WHOLE * lines.supplier_cap + lines.spend % _WHOLE * lines.supplier_cap // _WHOLE
    return np.where(lines.supplier_cap == NOT_TOLD, _share_of(columns.policy.supplier_cap, lines.spend), own)


def _share_of(share: float, spend: Ints) -> Ints:
    """⌊share · spend⌋ per line, by the share's decimals as written."""
    exact = exact_share(share)
    if int(spend.max(initial=0)) * abs(exact.numerator) < UNLIMITED:
        return np.ascontiguousarray(spend * exact.numerator // exact.denominator, np.int64)
    return np.array([int(each) * exact.numerator // exact.denominator for each in spend], np.int64)


def _held(columns: Columns) -> tuple[Ints, Ints]:
    """What suppliers already have of lines, bought or approved: keys, ascending, and 元 a year."""
    bought, approved = columns.incumbents, columns.commitments
    suppliers = len(columns.suppliers.party)
    keys = np.append(
        bought.line * suppliers + bought.supplier,
        approved.line * suppliers + columns.capabilities.supplier[approved.capability],
    )
    unique, position = np.unique(keys, return_inverse=True)
    return unique.astype(np.int64), summed(position, np.append(bought.amount, approved.amount), len(unique))


def _left(columns: Columns, top: Ints, bottom: Ints) -> tuple[Ints, Ints]:
    """What approved suggestions leave of capabilities: 元 (`UNLIMITED`: any) and 1/1000 units (-1: not stated so)."""
    offered, taken = columns.capabilities, columns.commitments
    in_yuan, in_units = offered.capacity_yuan >= 0, (offered.capacity_yuan < 0) & (offered.capacity_units >= 0)
    used = summed(taken.capability, taken.amount, len(offered.supplier))
    yuan = np.where(in_yuan, np.maximum(offered.capacity_yuan - used, 0), UNLIMITED)
    pieces: dict[int, Fraction] = {}
    for line, capability, amount in zip(taken.line, taken.capability, taken.amount, strict=True):
        if in_units[capability] and columns.lines.unit_price[line] > 0:
            at = columns.lines.unit[line], offered.unit[capability]
            each = Fraction(int(top[at]), int(bottom[at])) * Fraction(
                PIECES_PER_YUAN, int(columns.lines.unit_price[line])
            )
            pieces[capability] = pieces.get(capability, Fraction(0)) + int(amount) * each
    units = np.where(in_units, offered.capacity_units, -1)
    for capability, gone in pieces.items():
        units[capability] = max(0, (int(units[capability]) - gone).__floor__())
    return yuan.astype(np.int64), units.astype(np.int64)


def _unlimited(size: int) -> tuple[Ints, Ints]:
    return np.full(size, UNLIMITED, np.int64), np.full(size, -1, np.int64)


def _supplier_limits(columns: Columns) -> Ints:
    taken, total = columns.commitments, columns.suppliers.total_capacity
    used = summed(columns.capabilities.supplier[taken.capability], taken.amount, len(total))
    return np.where(total >= 0, np.maximum(total - used, 0), UNLIMITED).astype(np.int64)


@compiled
def pair_caps(trade: Trade, line: Ints, supplier: Ints) -> Ints:
    """What the dual-source cap leaves to each supplier on a line, beside what it already has."""
    found = np.zeros(len(line), np.int64)
    for row in range(len(line)):
        at = line[row]
        found[row] = max(0, trade.cap[at] - _held_by(trade, at * len(trade.limit) + supplier[row]))
    return found
