"""The supporting rate counted line by line with fractions, as its definition reads: the oracle of the arrays.

Also what it costs to do without arrays: the rival of the bench of the rates.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from services.matching.engine.locality import Anchor, Locality, locality
from services.matching.engine.policy import Basis, Scope
from services.matching.rates.definition import Definition
from services.matching.rates.rules import (
    Bought,
    LocalityOf,
    Origin,
    SupportingRate,
    amounts_by_origin,
    apportion,
    cut_sum,
    line_spend,
    netted,
    origin_split,
    ratio,
)
from services.matching.rates.tally import Moved

PartKey = tuple[str, str]
"""A leader and its part code: what a purchase names."""


@dataclass(frozen=True)
class Product:
    """A leading product, where local is measured from for it, and the groups that its rate is told by."""

    id: str
    anchor: Anchor
    leader: str | None = None


@dataclass(frozen=True)
class Need:
    """A bought leaf part of a product."""

    id: str
    product: str
    part_code: str
    quantity: Decimal | None = None
    unit: str | None = None
    unit_price: Decimal | None = None


NOTHING_MOVED = Moved()


@dataclass(frozen=True)
class Ledger:
    """All products of the leaders concerned (a shared part is split over all of them), their needs and purchases."""

    products: Mapping[str, Product] = field(default_factory=dict)
    needs: Sequence[Need] = ()
    purchases: Mapping[PartKey, Sequence[Bought]] = field(default_factory=dict)

    def part_of(self, need: Need) -> PartKey | None:
        """What purchases of this need name; None where the product has no leader, for then nobody buys."""
        leader = self.products[need.product].leader
        return None if leader is None else (leader, need.part_code)

    def bought_for(self, need: Need) -> Sequence[Bought]:
        """All purchases of the need's part by its leader, whichever product they went into."""
        part = self.part_of(need)
        return () if part is None else self.purchases.get(part, ())


@dataclass(frozen=True)
class LineOrigins:
    """One bought part of one product, as the rate counts it: amounts by origin in one unit, and who supplies it.

    `moved` is what approved or suggested plans take from outside and unknown to local, in the amounts' unit;
    `suppliers` holds those of counted purchases with their locality, `excluded_suppliers` those of excluded ones.
    """

    amounts: Mapping[Origin, Decimal]
    suppliers: Mapping[str, Locality] = field(default_factory=dict)
    excluded_suppliers: frozenset[str] = frozenset()
    moved: Fraction = Fraction(0)

    @cached_property
    def counted(self) -> Fraction:
        """What is in the denominator."""
        return Fraction(sum(self.amounts.values()) - self.amounts[Origin.EXCLUDED])

    @cached_property
    def local(self) -> Fraction:
        """What is in the numerator: local now and what plans move, never more than is counted."""
        return min(Fraction(self.amounts[Origin.LOCAL]) + self.moved, self.counted)

    @cached_property
    def unknown(self) -> Fraction:
        """What is still of unknown origin: plans take from known outsiders first, so that less is presumed."""
        return min(Fraction(self.amounts[Origin.UNKNOWN]), self.counted - self.local)


@dataclass(frozen=True)
class CountedLine:
    """A need with its origins, as one stage counts it."""

    need: Need
    origins: LineOrigins


def viewpoint(scope: Scope, anchor: Anchor) -> LocalityOf:
    """Locality of a purchase's supplier as seen from `anchor`."""

    def seen(bought: Bought) -> Locality:
        return locality(scope, bought.region, bought.clusters, anchor)

    return seen


def actual_lines(ledger: Ledger, scope: Scope) -> Iterator[CountedLine]:
    """The lines with purchases; a part that several products use is split over them by their needs' quantities."""
    users: dict[PartKey, list[Need]] = defaultdict(list)
    for need in ledger.needs:
        part = ledger.part_of(need)
        if part is not None and part in ledger.purchases:
            users[part].append(need)
    for part, needs in users.items():
        for need, purchases in zip(needs, _shared(ledger.purchases[part], needs), strict=True):
            seen = viewpoint(scope, ledger.products[need.product].anchor)
            yield CountedLine(need, line_origins(purchases, seen))


def _shared(purchases: Sequence[Bought], needs: Sequence[Need]) -> list[Sequence[Bought]]:
    """Each need's part of each purchase. Quantities in different units do not compare: then equal parts."""
    if len(needs) == 1:
        return [purchases]
    comparable = len({need.unit for need in needs}) == 1
    quantities = [need.quantity if comparable else None for need in needs]
    shares = [split_shared_purchase(bought.amount, quantities) for bought in purchases]
    return [
        [replace(bought, amount=share[at]) for bought, share in zip(purchases, shares, strict=True)]
        for at in range(len(needs))
    ]


def unassigned(ledger: Ledger) -> Decimal:
    """元 of purchases of parts that no product of their leader needs: outside the rate's level."""
    needed = {ledger.part_of(need) for need in ledger.needs}
    amounts = (bought.amount for part, rows in ledger.purchases.items() if part not in needed for bought in rows)
    return sum(amounts, Decimal(0))


def projected_lines(ledger: Ledger, scope: Scope, basis: Basis, moved: Mapping[str, Moved]) -> Iterator[CountedLine]:
    """The needs with the origins of their purchases, and what plans have moved on top.

    By value a need without quantity or price has no spend and is left out; by lines and suppliers each need is 1.
    """
    for need in ledger.needs:
        spend = line_spend(need.quantity, need.unit_price) if basis is Basis.VALUE else 1
        if spend is not None:
            yield CountedLine(need, _projected(ledger, need, scope, basis, spend, moved.get(need.id, NOTHING_MOVED)))


def _projected(ledger: Ledger, need: Need, scope: Scope, basis: Basis, spend: int, moved: Moved) -> LineOrigins:
    seen = viewpoint(scope, ledger.products[need.product].anchor)
    kept = netted(ledger.bought_for(need))
    counted, excluded = suppliers_of(kept, seen)
    amounts = _whole_yuan(spend, kept, seen) if basis is Basis.VALUE else _as_bought(kept, seen)
    return LineOrigins(
        amounts=amounts,
        suppliers=counted | dict.fromkeys(moved.suppliers, Locality.LOCAL),
        excluded_suppliers=excluded,
        moved=Fraction(moved.amount) if basis is Basis.VALUE else moved.share * Fraction(sum(amounts.values())),
    )


def _whole_yuan(spend: int, kept: Sequence[Bought], seen: LocalityOf) -> dict[Origin, Decimal]:
    split = origin_split(spend, kept, seen)
    return {
        Origin.OUTSIDE: Decimal(split.outside),
        Origin.UNKNOWN: Decimal(split.unknown),
        Origin.EXCLUDED: Decimal(split.excluded),
        Origin.LOCAL: Decimal(split.local_now),
    }


def _as_bought(kept: Sequence[Bought], seen: LocalityOf) -> dict[Origin, Decimal]:
    """What was bought by origin, whose shares are the line's; without purchases all is unknown."""
    amounts = amounts_by_origin(kept, seen)
    return amounts if any(amounts.values()) else {**amounts, Origin.UNKNOWN: Decimal(1)}


def split_shared_purchase(amount: Decimal, quantities: Sequence[Decimal | None]) -> list[Decimal]:
    """Split a purchase of a part over the products that use it, by their needs' quantities, to the 分 at least.

    Where a quantity is missing, or all are zero, nothing tells the products apart: equal parts.
    """
    known = [Decimal(0) if quantity is None else quantity for quantity in quantities]
    weights = known if None not in quantities and any(known) else [Decimal(1)] * len(known)
    exponent = amount.normalize().as_tuple().exponent
    places = max(2, -exponent) if isinstance(exponent, int) else 2
    smallest = Decimal(1).scaleb(-places).copy_sign(amount)
    return [part * smallest for part in apportion(int(amount / smallest), weights)]


def line_origins(purchases: Sequence[Bought], locality_of: LocalityOf) -> LineOrigins:
    """A line's origins straight from its purchases, as stage `actual` counts them."""
    kept = netted(purchases)
    return LineOrigins(amounts_by_origin(kept, locality_of), *suppliers_of(kept, locality_of))


def suppliers_of(kept: Iterable[Bought], locality_of: LocalityOf) -> tuple[dict[str, Locality], frozenset[str]]:
    """The distinct named suppliers of netted purchases: of counted ones with their locality, and of excluded ones."""
    counted: dict[str, Locality] = {}
    excluded: set[str] = set()
    for bought in kept:
        if bought.supplier is not None and bought.excluded:
            excluded.add(bought.supplier)
        elif bought.supplier is not None:
            counted[bought.supplier] = _nearest(locality_of(bought), counted.get(bought.supplier))
    return counted, frozenset(excluded)


_NEARNESS = [Locality.OUTSIDE, Locality.UNKNOWN, Locality.LOCAL]


def _nearest(one: Locality, other: Locality | None) -> Locality:
    """A supplier that is local to one of the counted products is a local one."""
    return one if other is None else max(one, other, key=_NEARNESS.index)


def supporting_rate(lines: Iterable[LineOrigins], definition: Definition) -> SupportingRate:
    """The rate of `lines` together, by the definition's basis."""
    count = {Basis.VALUE: _by_value, Basis.LINES: _by_lines, Basis.SUPPLIERS: _by_suppliers}[definition.basis]
    numerator, denominator, unknown, excluded = count(list(lines))
    rate = ratio(numerator, denominator)
    return SupportingRate(numerator, denominator, unknown, excluded, rate, definition)


_Counts = tuple[Fraction, Fraction, Fraction, Fraction]


def _by_value(lines: list[LineOrigins]) -> _Counts:
    nothing = Fraction(0)
    return (
        sum((line.local for line in lines), nothing),
        sum((line.counted for line in lines), nothing),
        sum((line.unknown for line in lines), nothing),
        Fraction(sum((line.amounts[Origin.EXCLUDED] for line in lines), Decimal(0))),
    )


def _by_lines(lines: list[LineOrigins]) -> _Counts:
    """A line counts 1 and its shares are of what is not excluded; it is excluded only if all of it is."""
    counted = [line for line in lines if line.counted]
    excluded = sum(1 for line in lines if not line.counted and line.amounts[Origin.EXCLUDED])
    local = cut_sum(line.local / line.counted for line in counted)
    local_or_unknown = cut_sum((line.local + line.unknown) / line.counted for line in counted)
    return local, Fraction(len(counted)), local_or_unknown - local, Fraction(excluded)


def _by_suppliers(lines: list[LineOrigins]) -> _Counts:
    """Distinct suppliers over all lines; one that has counted purchases is not an excluded one."""
    nearest: dict[str, Locality] = {}
    for line in lines:
        for supplier, where in line.suppliers.items():
            nearest[supplier] = _nearest(where, nearest.get(supplier))
    excluded = frozenset[str]().union(*(line.excluded_suppliers for line in lines)) - nearest.keys()
    found = list(nearest.values())
    local, unknown = found.count(Locality.LOCAL), found.count(Locality.UNKNOWN)
    return Fraction(local), Fraction(len(found)), Fraction(unknown), Fraction(len(excluded))
