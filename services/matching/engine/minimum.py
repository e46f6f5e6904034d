"""The minimum rule: an offer worth less than a new supplier's trouble is no offer.

Every gate carries nothing or at least its minimum, which no flow can say by itself.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

from services.matching.engine.market import Market, in_whole_yuan


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


def overbooked(market: Market, amounts: Mapping[int, int], units: Sequence[Fraction | None]) -> list[int]:
    """The capabilities of which these amounts take more pieces than the `units` that there are of each."""
    used: dict[int, Fraction] = defaultdict(Fraction)
    for offer, amount in amounts.items():
        row = market.offers[offer]
        if amount and row.pieces is not None:
            used[row.capability] += amount * row.pieces
    return sorted(
        capability for capability, pieces in used.items() if (left := units[capability]) is not None and pieces > left
    )


def piece_limits(
    market: Market,
    amounts: Mapping[int, int],
    capability: int,
    units: Sequence[Fraction | None],
    reserved: Callable[[int], int],
) -> dict[int, int]:
    """What each offer of an overbooked capability may carry at most, so that these amounts would fit in pieces.

    After what is reserved, pieces go to the offers of the highest price first: there they bring most 元.
    """
    rows = market.offers
    asked = [(rows[offer].pieces or Fraction(0), offer) for offer in amounts if rows[offer].capability == capability]
    kept = {offer: reserved(offer) for _, offer in asked}
    left = (units[capability] or Fraction(0)) - sum((kept[offer] * each for each, offer in asked), Fraction(0))
    limits: dict[int, int] = {}
    for each, offer in sorted(asked):
        more = max(0, amounts[offer] - kept[offer])
        fits = max(0, in_whole_yuan(left, each)) if each else more
        if fits < more:
            limits[offer] = kept[offer] + fits
        left -= min(more, fits) * each
    return limits


def _reach(market: Market, gate: int, offers: Sequence[int]) -> int:
    members = [market.offers[offer] for offer in offers]
    limits = [market.gates[gate].cap, sum(row.most for row in members), market.movable[members[0].line]]
    supplier = market.supplier_limit[members[0].supplier]
    return min(limits if supplier is None else [*limits, supplier])
