"""The arithmetic of the supporting rate: origins of spend, shared parts, the rate itself. Exact, without floats."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from itertools import zip_longest

from services.matching.engine.locality import Locality
from services.matching.engine.policy import Basis
from services.matching.rates.definition import Definition

CUT = 10**12
"""Sums of shares of lines are cut to twelve places."""


class Origin(StrEnum):
    """Where a 元 of spend comes from. The order decides ties of rounding: never in favour of local."""

    OUTSIDE = "outside"
    UNKNOWN = "unknown"
    EXCLUDED = "excluded"
    LOCAL = "local"


_ORIGIN_OF = {
    Locality.LOCAL: Origin.LOCAL,
    Locality.OUTSIDE: Origin.OUTSIDE,
    Locality.UNKNOWN: Origin.UNKNOWN,
}


@dataclass(frozen=True)
class Bought:
    """A purchase as the rate sees it. `supplier` tells suppliers apart (None: nobody was named); `amount` in 元."""

    supplier: str | None
    amount: Decimal
    region: str | None = None
    clusters: tuple[str, ...] = ()
    excluded: bool = False


LocalityOf = Callable[[Bought], Locality]
"""Judges a purchase's supplier from where the buyer of a product stands."""


@dataclass(frozen=True)
class Split:
    """A line's spend by origin, in whole 元; the four add up to the spend."""

    excluded: int
    local_now: int
    outside: int
    unknown: int


def origin_split(spend: int, purchases: Iterable[Bought], locality_of: LocalityOf) -> Split:
    """Split `spend` by the origins of the part's purchases, in whole 元 by largest remainder: each 元 once.

    Purchases that net to nothing, or none at all, tell no origin: all is unknown.
    """
    amounts = amounts_by_origin(netted(purchases), locality_of)
    if not any(amounts.values()):
        return Split(0, 0, 0, spend)
    origins = list(Origin)
    parts = dict(zip(origins, apportion(spend, [amounts[origin] for origin in origins]), strict=True))
    return Split(parts[Origin.EXCLUDED], parts[Origin.LOCAL], parts[Origin.OUTSIDE], parts[Origin.UNKNOWN])


def amounts_by_origin(kept: Iterable[Bought], locality_of: LocalityOf) -> dict[Origin, Decimal]:
    """元 by origin of netted purchases."""
    sums = dict.fromkeys(Origin, Decimal(0))
    for bought in kept:
        sums[origin_of(bought, locality_of)] += bought.amount
    return sums


def netted(purchases: Iterable[Bought]) -> list[Bought]:
    """The purchases without reversals: each reversal (amount < 0) takes from the same supplier's largest purchases.

    What a supplier had reversed beyond what it sold in the period belongs to another period, and is left out.
    """
    by_supplier: dict[tuple[object, bool], list[Bought]] = defaultdict(list)
    for bought in purchases:
        by_supplier[bought.supplier or (bought.region, bought.clusters), bought.excluded].append(bought)
    return [kept for rows in by_supplier.values() for kept in _net_of_one(rows)]


def _net_of_one(rows: list[Bought]) -> list[Bought]:
    """One supplier's purchases, one a place, without what was reversed. In an order that does not depend on theirs."""
    if len(rows) == 1:
        return rows if rows[0].amount > 0 else []
    by_place: dict[tuple[str, tuple[str, ...]], list[Bought]] = defaultdict(list)
    for bought in rows:
        by_place[bought.region or "", bought.clusters].append(bought)
    sums = [
        replace(same[0], amount=sum((one.amount for one in same), Decimal(0)))
        for _, same in sorted(by_place.items(), key=lambda item: item[0])
    ]
    reversed_yet = -sum((bought.amount for bought in sums if bought.amount < 0), Decimal(0))
    rest = []
    for bought in sorted(sums, key=lambda one: -one.amount):
        taken = min(reversed_yet, max(bought.amount, Decimal(0)))
        reversed_yet -= taken
        if bought.amount > taken:
            rest.append(replace(bought, amount=bought.amount - taken))
    return rest


def origin_of(bought: Bought, locality_of: LocalityOf) -> Origin:
    """An excluded purchase is that, wherever it comes from."""
    return Origin.EXCLUDED if bought.excluded else _ORIGIN_OF[locality_of(bought)]


def apportion(total: int, weights: Sequence[Fraction | Decimal | int]) -> list[int]:
    """Split `total` ≥ 0 in whole units in proportion to `weights` ≥ 0, by largest remainder (Hamilton).

    The parts add up to `total`; each is its exact share rounded down or up; ties go to the earlier weight.
    Raises ZeroDivisionError when all weights are zero.
    """
    sizes = [Fraction(weight) for weight in weights]
    whole = sum(sizes)
    exact = [total * size / whole for size in sizes]
    parts = [int(share) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda at: parts[at] - exact[at])
    for at in by_remainder[: total - sum(parts)]:
        parts[at] += 1
    return parts


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


@dataclass(frozen=True)
class SupportingRate:
    """A rate with what it was computed from and its definition. `rate` is rounded down to six places.

    `numerator`, `denominator`, `unknown` and `excluded` are 元, parts or suppliers, by the basis; `unknown` is in the
    denominator, `excluded` is not. A denominator of zero gives no rate: None, never 0 and never 1.
    """

    numerator: Fraction
    denominator: Fraction
    unknown: Fraction
    excluded: Fraction
    rate: Decimal | None
    definition: Definition

    @property
    def if_unknown_local(self) -> Decimal | None:
        """The upper end of the range: as if all of unknown origin were local."""
        return ratio(self.numerator + self.unknown, self.denominator)

    @property
    def of_known(self) -> Decimal | None:
        """The rate with the unknown left out of the denominator."""
        return ratio(self.numerator, self.denominator - self.unknown)


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


def cut_sum(shares: Iterable[Fraction]) -> Fraction:
    """The sum of shares ≥ 0, computed exactly and then cut to twelve places.

    The exact sum of thousands of shares is a fraction of thousands of digits. Cut only once, it still compares with
    every decimal target of up to twelve places as the exact one does. Shares of one denominator are added first, the
    rest in a balanced tree, so that the long numbers are multiplied only near its top.
    """
    by_denominator: dict[int, int] = defaultdict(int)
    for share in shares:
        by_denominator[share.denominator] += share.numerator
    terms = [(numerator, denominator) for denominator, numerator in by_denominator.items()] or [(0, 1)]
    while len(terms) > 1:
        pairs = zip_longest(terms[::2], terms[1::2], fillvalue=(0, 1))
        terms = [(a * d + c * b, b * d) for (a, b), (c, d) in pairs]
    numerator, denominator = terms[0]
    return Fraction(numerator * CUT // denominator, CUT)


def _by_suppliers(lines: list[LineOrigins]) -> _Counts:
    """Distinct suppliers over all lines; one that has counted purchases is not an excluded one."""
    nearest: dict[str, Locality] = {}
    for line in lines:
        for supplier, locality in line.suppliers.items():
            nearest[supplier] = _nearest(locality, nearest.get(supplier))
    excluded = frozenset[str]().union(*(line.excluded_suppliers for line in lines)) - nearest.keys()
    found = list(nearest.values())
    local, unknown = found.count(Locality.LOCAL), found.count(Locality.UNKNOWN)
    return Fraction(local), Fraction(len(found)), Fraction(unknown), Fraction(len(excluded))


def ratio(numerator: Fraction, denominator: Fraction) -> Decimal | None:
    """The share of 1, rounded down to six places so that rounding reaches no target; None without denominator."""
    return decimal_of(numerator / denominator, 6) if denominator else None


def raised(rate: SupportingRate, gain: int, definition: Definition) -> SupportingRate:
    """The rate when `gain` more of what is not local (known outsiders first, then the unknown) becomes local."""
    numerator = min(rate.numerator + gain, rate.denominator)
    unknown = min(rate.unknown, rate.denominator - numerator)
    reached = ratio(numerator, rate.denominator)
    return SupportingRate(numerator, rate.denominator, unknown, rate.excluded, reached, definition)


def line_spend(quantity: Decimal | None, unit_price: Decimal | None) -> int | None:
    """Annual quantity × unit price in whole 元, half up; None where either is not known."""
    if quantity is None or unit_price is None:
        return None
    return int((quantity * unit_price).quantize(Decimal(1), ROUND_HALF_UP))


def decimal_of(value: Fraction, places: int) -> Decimal:
    """A fraction ≥ 0 as a Decimal of `places` places, rounded down."""
    return Decimal(value.numerator * 10**places // value.denominator).scaleb(-places)
