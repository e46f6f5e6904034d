"""Improving a plan under minimums: where a line is left short, open one more gate and let its neighbourhood make room.

A neighbourhood is the line, the lines that the gate's suppliers serve now, and the lines that share suppliers with
those. Its lines are solved anew by an exact flow, in which every gate in use keeps its minimum and the new one gets it;
all else stays as it is. A change is kept if it reaches more, in the order of the objectives.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from services.matching.engine.flow import InfeasibleFlow
from services.matching.engine.ledger import Ledger, best_first
from services.matching.engine.market import Market
from services.matching.engine.minimum import broken_gates
from services.matching.engine.supply_network import Counting, Terms, best_amounts

_LINES = 14
_TRIED_PER_LINE = 8
_RIVALS = 4
_ROUNDS = 2


@dataclass(frozen=True)
class Places:
    """The offers by line and by capability."""

    by_line: dict[int, list[int]]
    by_capability: dict[int, list[int]]


def improve(ledger: Ledger, offers: Sequence[int]) -> None:
    """Change the plan in `ledger` for the better, line by line, until a round brings nothing."""
    places = _places(ledger.market, offers)
    for _ in range(_ROUNDS):
        before = sum(ledger.amounts)
        for line in _shortest_first(ledger, places.by_line):
            if ledger.line_left[line] > 0:
                _serve(ledger, places, line)
        if sum(ledger.amounts) == before:
            return


def _shortest_first(ledger: Ledger, lines: Iterable[int]) -> list[int]:
    """Lines of products below their target before others; among them those with most 元 left."""
    product, room = ledger.market.product, ledger.market.room

    def rank(line: int) -> tuple[bool, int, int]:
        return ledger.moved[product[line]] >= room[product[line]], -ledger.line_left[line], line

    return sorted(lines, key=rank)


def _serve(ledger: Ledger, places: Places, line: int) -> None:
    """Try the line's suppliers that it does not use, the best score first; stop when the line is full."""
    gates = ledger.market.through
    first_of: dict[int, int] = {}
    for offer in best_first(ledger.market, places.by_line[line]):
        first_of.setdefault(gates[offer][0], offer)
    unused = [offer for gate, offer in first_of.items() if ledger.through_gate[gate] == 0]
    for offer in unused[:_TRIED_PER_LINE]:
        _try_opening(ledger, places, offer)
        if ledger.line_left[line] == 0:
            return


def _try_opening(ledger: Ledger, places: Places, new: int) -> None:
    """Open an offer's gates; if that brings nothing, try it with one of its rivals gone."""
    for gone in (None, *_rivals(ledger, places, new)):
        if _try(ledger, places, new, gone):
            return


def _rivals(ledger: Ledger, places: Places, new: int) -> list[int]:
    """What is in use on the new offer's line, or takes its capacity; the smallest first."""
    row = ledger.market.offers[new]
    near = {*places.by_line[row.line], *places.by_capability[row.capability]}
    return sorted((offer for offer in near if ledger.amounts[offer]), key=lambda o: (ledger.amounts[o], o))[:_RIVALS]


def _try(ledger: Ledger, places: Places, new: int, gone: int | None) -> bool:
    """Solve the neighbourhood with the new offer and without the one gone; keep what is better, else leave all."""
    lines = _neighbourhood(ledger, places, new)
    inside = [offer for line in lines for offer in places.by_line[line] if ledger.amounts[offer]]
    before = {offer: ledger.amounts[offer] for offer in inside}
    for offer in inside:
        ledger.book(offer, -before[offer])
    offers = [offer for offer in (*inside, new) if offer != gone]
    for of_prices in (max, min):  # at the lowest price no mix overbooks pieces; the highest leaves more room
        after = _solved(ledger, offers, of_prices)
        if after is None or _value(ledger, after) <= _value(ledger, before):
            break
        if _book_all(ledger, after):
            return True
    _book_all(ledger, before)
    return False


def _solved(ledger: Ledger, offers: list[int], of_prices: Callable[[int, int], int]) -> dict[int, int] | None:
    """The best amounts on these offers, all gates open, with what the ledger has left; None where that does not fit."""
    market = ledger.market
    counting = [
        Counting.ALL if moved < room else Counting.NONE for moved, room in zip(ledger.moved, market.room, strict=True)
    ]
    gates = {gate for offer in offers for gate in market.through[offer]}
    try:
        return best_amounts(market, offers, Terms(counting, ledger.capacity_left(offers, of_prices), open=gates))
    except InfeasibleFlow:
        return None


def _book_all(ledger: Ledger, amounts: dict[int, int]) -> bool:
    """Book these amounts if every one fits, in pieces too, and none is below a minimum; else book nothing."""
    done: list[int] = []
    fits = not broken_gates(ledger.market, amounts)
    for offer, amount in amounts.items() if fits else ():
        fits = fits and amount <= ledger.room(offer)
        if fits:
            ledger.book(offer, amount)
            done.append(offer)
    if not fits:
        for offer in done:
            ledger.book(offer, -amounts[offer])
    return fits


def _neighbourhood(ledger: Ledger, places: Places, new: int) -> list[int]:
    """The lines to solve anew, nearest first, a bounded number."""
    row, rows = ledger.market.offers[new], ledger.market.offers
    lines = dict.fromkeys([row.line, *_served(ledger, places, [row.capability])])
    sharing = (rows[offer].capability for line in lines for offer in places.by_line[line] if ledger.amounts[offer])
    lines.update(dict.fromkeys(_served(ledger, places, dict.fromkeys(sharing))))
    return list(lines)[:_LINES]


def _served(ledger: Ledger, places: Places, capabilities: Iterable[int]) -> list[int]:
    market = ledger.market
    return [
        market.offers[offer].line
        for capability in capabilities
        for offer in places.by_capability[capability]
        if ledger.amounts[offer]
    ]


def _value(ledger: Ledger, amounts: dict[int, int]) -> tuple[int, int, int]:
    """What amounts beside those in the ledger bring, in the order of the objectives."""
    market = ledger.market
    moved: dict[int, int] = {}
    for offer, amount in amounts.items():
        product = market.product[market.offers[offer].line]
        moved[product] = moved.get(product, ledger.moved[product]) + amount
    toward = sum(min(done, market.room[product]) for product, done in moved.items())
    score = sum(amount * market.offers[offer].score for offer, amount in amounts.items())
    return toward, sum(amounts.values()), score


def _places(market: Market, offers: Iterable[int]) -> Places:
    by_line: dict[int, list[int]] = {}
    by_capability: dict[int, list[int]] = {}
    for offer in offers:
        by_line.setdefault(market.offers[offer].line, []).append(offer)
        by_capability.setdefault(market.offers[offer].capability, []).append(offer)
    return Places(by_line, by_capability)
