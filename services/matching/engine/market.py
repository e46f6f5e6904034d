"""What the optimiser trades in: offers, gates and room, in whole 元. Built once from the shortlists.

An *offer* is an eligible capability on a line. A *gate* is a minimum: the offers behind it together carry nothing, or
at least that much. The offers of one supplier on one line share the dual-source cap and one gate.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from services.matching.engine.facts import Facts, unit_factor
from services.matching.engine.plan import Objective
from services.matching.engine.policy import Basis
from services.matching.engine.snapshot import Capability, Line

PIECES_PER_YUAN = 10_000_000
"""1/1000 units that 1 元 buys at a unit price of 1/10000 元."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An eligible capability on a line, or one that a cure would make eligible.

    `most` 元 can go this way at all: by the cap, what is movable, and the capacity at this line's price. `pieces` is
    how many 1/1000 units of the capability 1 元 takes; None where capacity is not stated in units. `order` is the
    minimum order in 元.
    """

    line: int
    supplier: int
    capability: int
    score: int
    most: int
    order: int
    pieces: Fraction | None


@dataclass(frozen=True, slots=True)
class Gate:
    """Offers (positions) that together carry nothing or at least `minimum` 元, and at most `cap`."""

    offers: tuple[int, ...]
    minimum: int
    cap: int


@dataclass(frozen=True, slots=True)
class Capacity:
    """What is left of a capability's capacity: in 元, or in 1/1000 units; both None: unlimited."""

    yuan: int | None
    units: Fraction | None


@dataclass(frozen=True)
class Market:
    """Everything that a plan must keep, and what it may gain.

    `through[offer]` are the gates of an offer: that of its supplier on the line, which holds the cap, and its own where
    it shares that one with others. `movable[line]` 元 may move; `product[line]` is the line's product; `room[product]`
    is what the product lacks of its target; `supplier_limit[supplier]` 元 can come from a supplier (None: no limit).
    """

    offers: list[Offer]
    gates: list[Gate]
    through: list[tuple[int, ...]]
    movable: list[int]
    product: list[int]
    room: list[int]
    capacity: list[Capacity]
    supplier_limit: list[int | None]


def objective_of(market: Market, amounts: Sequence[int]) -> Objective:
    """What amounts per offer reach: 元 below the products' targets, 元 in all, 元 × score."""
    moved = moved_by_product(market, amounts)
    return Objective(
        toward_target=sum(min(done, room) for done, room in zip(moved, market.room, strict=True)),
        total=sum(amounts),
        weighted_score=sum(offer.score * amount for offer, amount in zip(market.offers, amounts, strict=True)),
    )


def moved_by_product(market: Market, amounts: Sequence[int]) -> list[int]:
    """元 moved per product."""
    moved = [0] * len(market.room)
    for offer, amount in zip(market.offers, amounts, strict=True):
        moved[market.product[offer.line]] += amount
    return moved


def open_market(facts: Facts, pairs: Iterable[tuple[int, int, int]]) -> Market:
    """The market of eligible pairs (line, capability, score); those through which nothing can flow are left out."""
    snapshot = facts.snapshot
    capacity = [_capacity_left(facts, position) for position in range(len(snapshot.capabilities))]
    found = (make_offer(facts, capacity, *pair) for pair in pairs)
    offers = sorted(
        (offer for offer in found if offer.most > 0), key=lambda row: (row.line, row.supplier, row.capability)
    )
    gates, through = _gates(facts, offers)
    return Market(
        offers=offers,
        gates=gates,
        through=through,
        movable=[line.movable for line in snapshot.lines],
        product=[line.product for line in snapshot.lines],
        room=_room(facts),
        capacity=capacity,
        supplier_limit=_supplier_limits(facts),
    )


def make_offer(facts: Facts, capacity: Sequence[Capacity], line: int, capability: int, score: int) -> Offer:
    """The offer of a capability on a line; `most` is 0 when nothing can flow."""
    row, offered = facts.snapshot.lines[line], facts.snapshot.capabilities[capability]
    pieces = _pieces(row, offered) if capacity[capability].units is not None else None
    limits = [row.movable, pair_cap(facts, line, offered.supplier), *_own_limits(capacity[capability], pieces)]
    order = 0 if facts.policy.basis is Basis.LINES else _order_in_yuan(row, offered)
    return Offer(line, offered.supplier, capability, score, max(0, min(limits)), order, pieces)


def pair_cap(facts: Facts, line: int, supplier: int) -> int:
    """What the dual-source cap leaves to a supplier on a line, beside what it already has."""
    cap = floor(Decimal(str(facts.policy.supplier_cap)) * facts.snapshot.lines[line].spend)
    return max(0, cap - facts.existing.get((line, supplier), 0))


def pair_minimum(facts: Facts, line: int) -> int:
    """The least of a line that is worth a new supplier."""
    return ceil(Decimal(str(facts.policy.minimum_share)) * facts.snapshot.lines[line].spend)


def in_whole_yuan(pieces: Fraction, per_yuan: Fraction) -> int:
    """How many whole 元 so many pieces are good for."""
    return floor(pieces / per_yuan)


def _own_limits(capacity: Capacity, pieces: Fraction | None) -> list[int]:
    if capacity.units is not None:
        return [in_whole_yuan(capacity.units, pieces) if pieces is not None else 0]
    return [] if capacity.yuan is None else [capacity.yuan]


def _pieces(line: Line, capability: Capability) -> Fraction | None:
    """1/1000 units of the capability per 元 of the line; None where the line has no price: nothing can be promised."""
    factor = unit_factor(line.unit, capability.unit)
    return None if not line.unit_price or factor is None else factor * Fraction(PIECES_PER_YUAN, line.unit_price)


def _order_in_yuan(line: Line, capability: Capability) -> int:
    factor = unit_factor(capability.unit, line.unit)
    if capability.moq is None or line.unit_price is None or factor is None:
        return 0
    return ceil(capability.moq * factor * Fraction(line.unit_price, PIECES_PER_YUAN))


def _capacity_left(facts: Facts, position: int) -> Capacity:
    """A capability's capacity after what approved suggestions of earlier runs take of it."""
    row = facts.snapshot.capabilities[position]
    if not facts.policy.limit_capacity or facts.policy.basis is Basis.LINES:
        return Capacity(None, None)
    taken = [done for done in facts.snapshot.commitments if done.capability == position]
    if row.capacity_yuan is not None:
        return Capacity(max(0, row.capacity_yuan - sum(done.amount for done in taken)), None)
    if row.capacity_units is None:
        return Capacity(None, None)
    pieces = ((done.amount, _pieces(facts.snapshot.lines[done.line], row)) for done in taken)
    used = sum((amount * each for amount, each in pieces if each is not None), Fraction(0))
    return Capacity(None, max(Fraction(0), row.capacity_units - used))


def _supplier_limits(facts: Facts) -> list[int | None]:
    taken: dict[int, int] = defaultdict(int)
    for done in facts.snapshot.commitments:
        taken[facts.snapshot.capabilities[done.capability].supplier] += done.amount
    limited = facts.policy.limit_capacity and facts.policy.basis is not Basis.LINES
    return [
        None if row.total_capacity is None or not limited else max(0, row.total_capacity - taken[position])
        for position, row in enumerate(facts.snapshot.suppliers)
    ]


def _room(facts: Facts) -> list[int]:
    """What each product lacks of its target: of all that counts, less what is local and what is approved."""
    counted, done = [0] * len(facts.snapshot.products), [0] * len(facts.snapshot.products)
    for line in facts.snapshot.lines:
        counted[line.product] += line.spend - line.excluded
        done[line.product] += line.local_now + line.committed
    targets = [product.target for product in facts.snapshot.products]
    return [max(0, -(-target * of // 10_000) - has) for target, of, has in zip(targets, counted, done, strict=True)]


def _gates(facts: Facts, offers: Sequence[Offer]) -> tuple[list[Gate], list[tuple[int, ...]]]:
    """One gate per supplier and line; where it has several offers there, one more for each minimum order."""
    behind: dict[tuple[int, int], list[int]] = defaultdict(list)
    for position, offer in enumerate(offers):
        behind[offer.line, offer.supplier].append(position)
    gates: list[Gate] = []
    through: list[tuple[int, ...]] = [()] * len(offers)
    for (line, supplier), members in behind.items():
        share, cap = pair_minimum(facts, line), pair_cap(facts, line, supplier)
        alone = offers[members[0]].order if len(members) == 1 else 0
        gates.append(Gate(tuple(members), max(share, alone), cap))
        shared = len(gates) - 1
        for member in members:
            through[member] = (shared,)
        for member in members if len(members) > 1 else ():
            gates.append(Gate((member,), offers[member].order, offers[member].most))
            through[member] = (shared, len(gates) - 1)
    return gates, through
