"""The ledger of a rate: products, what they need, what was bought; and from it each line's origins. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from services.matching.engine.locality import Anchor, Locality, locality
from services.matching.engine.policy import Basis, Scope
from services.matching.rates.rules import (
    Bought,
    LineOrigins,
    LocalityOf,
    Origin,
    amounts_by_origin,
    line_origins,
    line_spend,
    netted,
    origin_split,
    split_shared_purchase,
    suppliers_of,
)

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


@dataclass(frozen=True)
class Moved:
    """What plans move of a need to local suppliers: 元, the share of the line, and who gets it."""

    amount: int = 0
    share: Fraction = Fraction(0)
    suppliers: frozenset[str] = frozenset()


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
