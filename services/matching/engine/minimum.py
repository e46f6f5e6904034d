"""The minimum rule: an offer worth less than a new supplier's trouble is no offer.

Every gate carries nothing or at least its minimum, which no flow can say by itself. Island by island the flow is
*repaired*: gates that carry too little are opened (they get their minimum as a lower bound) or closed, and the flow is
solved again, until none is left; then *improved*: single gates are opened or closed where that brings more. Capacities
in pieces are kept on the way: a capability that is overbooked in pieces gets a smaller capacity in 元.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import count

from services.matching.engine.islands import islands
from services.matching.engine.ledger import Ledger, best_first, booked
from services.matching.engine.market import Market, in_whole_yuan
from services.matching.engine.supply_network import (
    Counting,
    Terms,
    best_amounts,
    highest_capacity,
    lowest_capacity,
)
from services.matching.engine.targets import Optimum

_CUTS = 6
_WIDE_ROUNDS = 2
_WORTH_OPENING = Fraction(1, 2)


def hopeless(market: Market, offers: Iterable[int]) -> set[int]:
    """The gates which these offers together cannot bring to their minimum: no plan can use them."""
    alive: dict[int, list[int]] = {}
    for offer in offers:
        for gate in market.through[offer]:
            alive.setdefault(gate, []).append(offer)
    return {gate for gate, members in alive.items() if _reach(market, gate, members) < market.gates[gate].minimum}


def viable(market: Market, offers: Iterable[int] | None = None) -> list[int]:
    """Those of the offers (of all when left out) that stand behind no hopeless gate."""
    among = sorted(range(len(market.offers)) if offers is None else offers)
    closed = hopeless(market, among)
    return [offer for offer in among if not closed.intersection(market.through[offer])]


def repair(market: Market, bound: Optimum) -> Ledger:
    """A plan that keeps every rule: a ledger with what each offer gets, filled up by score where room is left.

    Products count toward their targets as the bound's flow says: all their 元 where it stays below, else none.
    """
    counting = [
        Counting.ALL if moved < room else Counting.NONE for moved, room in zip(bound.moved, market.room, strict=True)
    ]
    amounts, closed, offers = [0] * len(market.offers), hopeless(market, range(len(market.offers))), viable(market)
    for island in islands(market, offers):
        for offer, amount in _repair(market, island, counting, closed).items():
            amounts[offer] = amount
    ledger = booked(market, amounts)
    ledger.fill(best_first(market, offers))
    return ledger


def _reach(market: Market, gate: int, offers: Sequence[int]) -> int:
    members = [market.offers[offer] for offer in offers]
    limits = [market.gates[gate].cap, sum(row.most for row in members), market.movable[members[0].line]]
    supplier = market.supplier_limit[members[0].supplier]
    return min(limits if supplier is None else [*limits, supplier])


def _repair(market: Market, island: Sequence[int], counting: list[Counting], closed: set[int]) -> dict[int, int]:
    """Open or close gates until the flow breaks none: some rounds with all offers, then with those in use only."""
    terms, reserve = Terms(counting, highest_capacity(market, island), closed=set(closed)), Ledger(market)
    cuts: Counter[int] = Counter()
    offers = list(island)
    for attempt in count():
        amounts = best_amounts(market, offers, terms)
        broken, over = broken_gates(market, amounts), overbooked(market, amounts)
        over = {capability: fitting for capability, fitting in over.items() if cuts[capability] <= _CUTS}
        if not broken and not over:
            break
        for gate in sorted(broken, key=lambda row: (-broken[row], row)):
            _open_or_close(market, gate, broken[gate], terms, reserve)
        _cut(market, island, terms, over, cuts)
        _keep_reserved(market, terms, reserve)
        if attempt >= _WIDE_ROUNDS:
            offers = [offer for offer in offers if amounts.get(offer) or terms.open.intersection(market.through[offer])]
    return amounts


def _cut(market: Market, island: Sequence[int], terms: Terms, over: Mapping[int, int], cuts: Counter[int]) -> None:
    """Give overbooked capabilities less; the last time so little that they cannot be overbooked in any mix."""
    safe = lowest_capacity(market, island) if any(cuts[capability] == _CUTS for capability in over) else {}
    for capability, fitting in over.items():
        terms.capacity[capability] = safe[capability] if cuts[capability] == _CUTS else fitting
        cuts[capability] += 1


def _keep_reserved(market: Market, terms: Terms, reserve: Ledger) -> None:
    """A capacity never falls below what the open gates have reserved of it."""
    held: Counter[int] = Counter()
    for offer in {member for gate in terms.open for member in market.gates[gate].offers}:
        held[market.offers[offer].capability] += reserve.amounts[offer]
    for capability, amount in held.items():
        if capability in terms.capacity:
            terms.capacity[capability] = max(terms.capacity[capability], amount)


def broken_gates(market: Market, amounts: Mapping[int, int]) -> dict[int, Fraction]:
    """The gates that carry something below their minimum, with the share of it that they carry."""
    carried: dict[int, int] = defaultdict(int)
    for offer, amount in amounts.items():
        for gate in market.through[offer]:
            carried[gate] += amount
    return {
        gate: Fraction(amount, market.gates[gate].minimum)
        for gate, amount in carried.items()
        if 0 < amount < market.gates[gate].minimum
    }


def overbooked(market: Market, amounts: Mapping[int, int]) -> dict[int, int]:
    """The capabilities of which more pieces are used than there are, each with the 元 that fit in the same mix."""
    used: dict[int, Fraction] = defaultdict(Fraction)
    money: dict[int, int] = defaultdict(int)
    for offer, amount in amounts.items():
        row = market.offers[offer]
        if amount and row.pieces is not None:
            used[row.capability] += amount * row.pieces
            money[row.capability] += amount
    return {
        capability: in_whole_yuan(left, pieces / money[capability])
        for capability, pieces in used.items()
        if (left := market.capacity[capability].units) is not None and pieces > left
    }


def _open_or_close(market: Market, gate: int, share: Fraction, terms: Terms, reserve: Ledger) -> None:
    """Open a gate that carries half its minimum or more, if all open gates can have theirs; close it otherwise."""
    if share >= _WORTH_OPENING and _reserve(market, gate, terms, reserve):
        terms.open.add(gate)
        return
    terms.closed.add(gate)
    _judge_again(market, gate, terms, reserve)


def _judge_again(market: Market, gate: int, terms: Terms, reserve: Ledger) -> None:
    """Take back what was opened for the same supplier and line: it may have stood on the offer that is now gone."""
    members = market.gates[market.through[market.gates[gate].offers[0]][0]].offers
    terms.open.difference_update(other for offer in members for other in market.through[offer])
    for offer in members:
        reserve.book(offer, -reserve.amounts[offer])


def _reserve(market: Market, gate: int, terms: Terms, reserve: Ledger) -> bool:
    """Book a gate's minimum beside those of the other open gates; False, and nothing booked, where it does not fit.

    What is reserved is itself a flow that keeps all lower bounds: the network stays feasible.
    """
    lacking, booked_now = market.gates[gate].minimum - reserve.through_gate[gate], []
    alive = [offer for offer in market.gates[gate].offers if not terms.closed.intersection(market.through[offer])]
    for offer in best_first(market, alive):
        amount = min(lacking, reserve.room(offer))
        reserve.book(offer, amount)
        booked_now.append((offer, amount))
        lacking -= amount
    if lacking > 0:
        for offer, amount in booked_now:
            reserve.book(offer, -amount)
    return lacking <= 0
