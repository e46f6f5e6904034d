"""The arithmetic of the supporting rate: origins of spend, the rate itself. Exact, without floats.

Of many lines at once `netting`, `origins` and `tally` say the same with arrays.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import zip_longest
from math import lcm

from services.matching.engine.locality import Locality
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
    ratios = [weight.as_integer_ratio() for weight in weights]
    unit = lcm(*(below for _, below in ratios))
    sizes = [above * (unit // below) for above, below in ratios]
    whole = sum(sizes)
    parts, remainders = map(list, zip(*(divmod(total * size, whole) for size in sizes), strict=True))
    by_remainder = sorted(range(len(parts)), key=lambda at: -remainders[at])
    for at in by_remainder[: total - sum(parts)]:
        parts[at] += 1
    return parts


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


def ratio(numerator: Fraction, denominator: Fraction) -> Decimal | None:
    """The share of 1, rounded down to six places so that rounding reaches no target; None without denominator."""
    if not denominator:
        return None
    above, below = numerator.numerator * denominator.denominator, numerator.denominator * denominator.numerator
    return Decimal(above * 10**6 // below).scaleb(-6)


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
