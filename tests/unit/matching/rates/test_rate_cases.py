"""The supporting rate on small cases worked by hand: basis × scope × stage, with the arithmetic beside each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

import pytest

from services.matching.engine.locality import Anchor
from services.matching.engine.policy import Basis, Scope
from services.matching.rates.definition import Definition, Period, Stage
from services.matching.rates.rules import Bought, SupportingRate, ratio
from services.matching.rates.tally import Counts, Moved
from shared.text.figures import say_percent
from tests.support.rate_arrays import counts
from tests.support.rate_ledger import Ledger, Need, Product, actual_lines, projected_lines, supporting_rate

JINAN, QINGDAO, CHENGYANG, JIMO = "370100", "370200", "370214", "370215"
ZIBO, YANTAI, WEIFANG, LINYI = "370300", "370600", "370700", "371300"
SHANDONG, SUZHOU, LAIWU_RETIRED = "370000", "320500", "371200"

IN_SHIPS = Anchor(QINGDAO, (QINGDAO, YANTAI), "SHIPS")
IN_JINAN = Anchor(JINAN)


def bought(supplier: str | None, amount: str, region: str | None, *clusters: str) -> Bought:
    return Bought(supplier, Decimal(amount), region, clusters)


def left_out(supplier: str, amount: str, region: str | None) -> Bought:
    return Bought(supplier, Decimal(amount), region, excluded=True)


def need(product: str, part: str, quantity: str | None = "100", price: str | None = "1") -> Need:
    number = None if quantity is None else Decimal(quantity)
    return Need(f"{product}/{part}", product, part, number, "件", None if price is None else Decimal(price))


def one_product(anchor: Anchor, needs: Sequence[Need], purchases: Mapping[str, Sequence[Bought]]) -> Ledger:
    by_part = {("L", part): rows for part, rows in purchases.items()}
    return Ledger({"P": Product("P", anchor, "L")}, needs, by_part)


@dataclass(frozen=True)
class Case:
    """`expected` is numerator, denominator, unknown, excluded; `rate` as rounded down to six places."""

    name: str
    ledger: Ledger
    basis: Basis
    scope: Scope
    stage: Stage
    expected: tuple[str, str, str, str]
    rate: str | None
    moved: Mapping[str, Moved] = field(default_factory=dict)

    def count(self) -> Counts:
        """As the service does, with arrays."""
        return counts(self.ledger, self.basis, self.scope, self.stage, self.moved)[0]

    def compute(self) -> SupportingRate:
        """As the definition reads, line by line."""
        lines = (
            actual_lines(self.ledger, self.scope)
            if self.stage is Stage.ACTUAL
            else projected_lines(self.ledger, self.scope, self.basis, self.moved)
        )
        definition = Definition(self.basis, self.scope, Period(2025), self.stage)
        return supporting_rate([line.origins for line in lines], definition)


# One part, four suppliers: 300 from Qingdao, 200 from Yantai, 100 from Linyi, 400 from Suzhou; together 1000.
FOUR_PLACES = one_product(
    IN_SHIPS,
    [need("P", "a", "50", "10")],
    {
        "a": [
            bought("q", "300", QINGDAO),
            bought("y", "200", YANTAI),
            bought("l", "100", LINYI),
            bought("s", "400", SUZHOU),
        ]
    },
)
# Two parts: `a` all local (90 元), `b` a quarter local (10 of 40 元).
TWO_PARTS = one_product(
    IN_SHIPS,
    [need("P", "a"), need("P", "b")],
    {"a": [bought("q", "90", QINGDAO)], "b": [bought("q", "10", QINGDAO), bought("s", "30", SUZHOU)]},
)
# 100 from a related firm in Qingdao, 60 from Qingdao, 40 from Suzhou.
WITH_EXCLUDED = one_product(
    IN_SHIPS,
    [need("P", "a", "10", "20")],
    {"a": [left_out("r", "100", QINGDAO), bought("q", "60", QINGDAO), bought("s", "40", SUZHOU)]},
)
# 50 from Qingdao, 30 from a firm known only as of Shandong, 20 from nobody knows where.
WITH_UNKNOWN = one_product(
    IN_SHIPS,
    [need("P", "a", "10", "10")],
    {"a": [bought("q", "50", QINGDAO), bought("p", "30", SHANDONG), bought("u", "20", None)]},
)
# One leader, two products that share part `a` 3 : 1; P is in the ships cluster, Q in none. 80 from Yantai, 20 Suzhou.
SHARED = Ledger(
    {"P": Product("P", IN_SHIPS, "L"), "Q": Product("Q", Anchor(QINGDAO), "L")},
    [need("P", "a", "30", "1"), need("Q", "a", "10", "1")],
    {("L", "a"): [bought("y", "80", YANTAI), bought("s", "20", SUZHOU)]},
)

VALUE, LINES, SUPPLIERS = Basis.VALUE, Basis.LINES, Basis.SUPPLIERS
ACTUAL, NOW, APPROVED, SUGGESTED = Stage.ACTUAL, Stage.LOCAL_NOW, Stage.APPROVED, Stage.SUGGESTED

CASES = [
    # 300 of 1000: only Qingdao, the leader's city.
    Case("value-city-actual", FOUR_PLACES, VALUE, Scope.CITY, ACTUAL, ("300", "1000", "0", "0"), "0.3"),
    # 300 + 200 of 1000: the cluster crosses cities, Qingdao and Yantai.
    Case("value-cluster-actual", FOUR_PLACES, VALUE, Scope.CLUSTER, ACTUAL, ("500", "1000", "0", "0"), "0.5"),
    # 胶东 holds Qingdao and Yantai, Linyi is in 鲁南: 500 of 1000.
    Case("value-circle-actual", FOUR_PLACES, VALUE, Scope.CIRCLE, ACTUAL, ("500", "1000", "0", "0"), "0.5"),
    # All but Suzhou: 600 of 1000.
    Case("value-province-actual", FOUR_PLACES, VALUE, Scope.PROVINCE, ACTUAL, ("600", "1000", "0", "0"), "0.6"),
    # 2 of 4 suppliers are in the cluster's cities, whatever they sell.
    Case("suppliers-cluster-actual", FOUR_PLACES, SUPPLIERS, Scope.CLUSTER, ACTUAL, ("2", "4", "0", "0"), "0.5"),
    # `a` counts 1 × 90/90, `b` 1 × 10/40: 1.25 of 2, though by value it would be 100 of 130.
    Case("lines-city-actual", TWO_PARTS, LINES, Scope.CITY, ACTUAL, ("1.25", "2", "0", "0"), "0.625"),
    # 100 of 130 = 0.76923076…, rounded down.
    Case("value-city-two-parts", TWO_PARTS, VALUE, Scope.CITY, ACTUAL, ("100", "130", "0", "0"), "0.769230"),
    # q sells both parts and counts once: 1 of 2 (q, s).
    Case("suppliers-counted-once", TWO_PARTS, SUPPLIERS, Scope.CITY, ACTUAL, ("1", "2", "0", "0"), "0.5"),
    # The related 100 leave both sides: 60 of 60 + 40.
    Case("value-excluded", WITH_EXCLUDED, VALUE, Scope.CITY, ACTUAL, ("60", "100", "0", "100"), "0.6"),
    # The line counts 1, its local share is 60 of the 100 that are left.
    Case("lines-excluded", WITH_EXCLUDED, LINES, Scope.CITY, ACTUAL, ("0.6", "1", "0", "0"), "0.6"),
    # q and s count, r is left out: 1 of 2, 1 excluded.
    Case("suppliers-excluded", WITH_EXCLUDED, SUPPLIERS, Scope.CITY, ACTUAL, ("1", "2", "0", "1"), "0.5"),
    # Spend 10 × 20 = 200 by shares 100 : 60 : 40 of 200: excluded 100, local 60, outside 40.
    Case("value-excluded-projected", WITH_EXCLUDED, VALUE, Scope.CITY, NOW, ("60", "100", "0", "100"), "0.6"),
    # Scope city: known only by province = unknown; 50 of 100, with 30 + 20 unknown in the denominator.
    Case("value-unknown-city", WITH_UNKNOWN, VALUE, Scope.CITY, ACTUAL, ("50", "100", "50", "0"), "0.5"),
    # Scope province: the 30 of Shandong are local; 80 of 100, 20 unknown.
    Case("value-unknown-province", WITH_UNKNOWN, VALUE, Scope.PROVINCE, ACTUAL, ("80", "100", "20", "0"), "0.8"),
    # 1 of 3 suppliers is local, 2 are of unknown place.
    Case("suppliers-unknown", WITH_UNKNOWN, SUPPLIERS, Scope.CITY, ACTUAL, ("1", "3", "2", "0"), "0.333333"),
    # P gets 30/40 of 80 + 20 = 60 + 15 and Yantai is in its cluster; Q gets 20 + 5, nothing local: 60 of 100.
    Case("value-shared-part", SHARED, VALUE, Scope.CLUSTER, ACTUAL, ("60", "100", "0", "0"), "0.6"),
    # Q is in no cluster: P's line 60/75 = 0.8, Q's 0: 0.8 of 2.
    Case("lines-shared-part", SHARED, LINES, Scope.CLUSTER, ACTUAL, ("0.8", "2", "0", "0"), "0.4"),
    # y is local for P and outside for Q: local for one product is local; y of y, s.
    Case("suppliers-shared-part", SHARED, SUPPLIERS, Scope.CLUSTER, ACTUAL, ("1", "2", "0", "0"), "0.5"),
    # Needs: P 30 元 × 80 % = 24 local, 6 outside; Q 10 元, none local: 24 of 40.
    Case("value-shared-projected", SHARED, VALUE, Scope.CLUSTER, NOW, ("24", "40", "0", "0"), "0.6"),
    # A member outside the cluster's cities (Weifang) is local to the cluster: 70 of 100.
    Case(
        "value-member-outside-the-cities",
        one_product(
            IN_SHIPS, [need("P", "a")], {"a": [bought("w", "70", WEIFANG, "SHIPS"), bought("s", "30", SUZHOU)]}
        ),
        VALUE,
        Scope.CLUSTER,
        ACTUAL,
        ("70", "100", "0", "0"),
        "0.7",
    ),
    # … and so is one of unknown place; a member of another cluster is not.
    Case(
        "value-member-of-unknown-place",
        one_product(
            IN_SHIPS, [need("P", "a")], {"a": [bought("m", "25", None, "SHIPS"), bought("t", "75", ZIBO, "TOOLS")]}
        ),
        VALUE,
        Scope.CLUSTER,
        ACTUAL,
        ("25", "100", "0", "0"),
        "0.25",
    ),
    # No cluster, no cluster scope: a supplier next door is outside, one of unknown place stays unknown. 0 of 100.
    Case(
        "value-product-without-cluster",
        one_product(IN_JINAN, [need("P", "a")], {"a": [bought("j", "60", JINAN), bought("u", "40", None)]}),
        VALUE,
        Scope.CLUSTER,
        ACTUAL,
        ("0", "100", "40", "0"),
        "0",
    ),
    # 莱芜 is 济南's since 2019: 45 of 100 are local to a leader in Jinan.
    Case(
        "value-retired-region",
        one_product(IN_JINAN, [need("P", "a")], {"a": [bought("w", "45", LAIWU_RETIRED), bought("q", "55", QINGDAO)]}),
        VALUE,
        Scope.CITY,
        ACTUAL,
        ("45", "100", "0", "0"),
        "0.45",
    ),
    # County: Chengyang 20; Jimo 30 is outside; 10 known only as of Qingdao are unknown. 20 of 60.
    Case(
        "value-county",
        one_product(
            Anchor(CHENGYANG),
            [need("P", "a")],
            {"a": [bought("c", "20", CHENGYANG), bought("j", "30", JIMO), bought("q", "10", QINGDAO)]},
        ),
        VALUE,
        Scope.COUNTY,
        ACTUAL,
        ("20", "60", "10", "0"),
        "0.333333",
    ),
    # `a` has purchases (half local), `b` has none: 50 of 200, b's 100 unknown.
    Case(
        "value-need-without-purchases",
        one_product(
            IN_SHIPS, [need("P", "a"), need("P", "b")], {"a": [bought("q", "5", QINGDAO), bought("s", "5", SUZHOU)]}
        ),
        VALUE,
        Scope.CITY,
        NOW,
        ("50", "200", "100", "0"),
        "0.25",
    ),
    # Actual knows only what was bought: part `b` is not there. 5 of 10.
    Case(
        "value-actual-ignores-needs-without-purchases",
        one_product(
            IN_SHIPS, [need("P", "a"), need("P", "b")], {"a": [bought("q", "5", QINGDAO), bought("s", "5", SUZHOU)]}
        ),
        VALUE,
        Scope.CITY,
        ACTUAL,
        ("5", "10", "0", "0"),
        "0.5",
    ),
    # 100 元 in thirds: 33 + 33 + 33, the odd 元 never goes to local: 33 local, 34 outside, 33 unknown.
    Case(
        "value-largest-remainder",
        one_product(
            IN_SHIPS,
            [need("P", "a")],
            {"a": [bought("q", "1", QINGDAO), bought("s", "1", SUZHOU), bought("u", "1", None)]},
        ),
        VALUE,
        Scope.CITY,
        NOW,
        ("33", "100", "33", "0"),
        "0.33",
    ),
    # 500 元: 60 % of 500 = 300 in the cluster? No: 500/1000 of 500 = 250 local; approved 100 more: 350 of 500.
    Case(
        "value-approved",
        FOUR_PLACES,
        VALUE,
        Scope.CLUSTER,
        APPROVED,
        ("350", "500", "0", "0"),
        "0.7",
        {"P/a": Moved(100, Fraction(1, 5), frozenset({"n"}))},
    ),
    # By lines the same 100 of 500 are a fifth of the line: 0.5 + 0.2 of 1.
    Case(
        "lines-suggested",
        FOUR_PLACES,
        LINES,
        Scope.CLUSTER,
        SUGGESTED,
        ("0.7", "1", "0", "0"),
        "0.7",
        {"P/a": Moved(100, Fraction(1, 5), frozenset({"n"}))},
    ),
    # n comes as a fifth supplier, and local: 3 of 5; nobody is presumed to leave.
    Case(
        "suppliers-suggested",
        FOUR_PLACES,
        SUPPLIERS,
        Scope.CLUSTER,
        SUGGESTED,
        ("3", "5", "0", "0"),
        "0.6",
        {"P/a": Moved(100, Fraction(1, 5), frozenset({"n"}))},
    ),
    # 50 local, 50 unknown; 20 moved can only come out of the unknown: 70 of 100, 30 still unknown.
    Case(
        "value-moved-from-unknown",
        WITH_UNKNOWN,
        VALUE,
        Scope.CITY,
        SUGGESTED,
        ("70", "100", "30", "0"),
        "0.7",
        {"P/a": Moved(20, Fraction(1, 5), frozenset({"n"}))},
    ),
    # More than there is to move (the need shrank since): local is all, never more.
    Case(
        "value-moved-never-above-all",
        WITH_UNKNOWN,
        VALUE,
        Scope.CITY,
        APPROVED,
        ("100", "100", "0", "0"),
        "1",
        {"P/a": Moved(999, Fraction(1), frozenset({"n"}))},
    ),
    # 3 × 0.5 = 1.5 → 2 元 (half up); all local.
    Case(
        "value-spend-half-up",
        one_product(IN_SHIPS, [need("P", "a", "3", "0.5")], {"a": [bought("q", "9", QINGDAO)]}),
        VALUE,
        Scope.CITY,
        NOW,
        ("2", "2", "0", "0"),
        "1",
    ),
    # Without price a need has no spend: by value there is nothing to divide by …
    Case(
        "value-no-price",
        one_product(IN_SHIPS, [need("P", "a", price=None)], {}),
        VALUE,
        Scope.PROVINCE,
        NOW,
        ("0", "0", "0", "0"),
        None,
    ),
    # … by lines it is one part of unknown origin.
    Case(
        "lines-no-price",
        one_product(IN_SHIPS, [need("P", "a", price=None)], {}),
        LINES,
        Scope.PROVINCE,
        NOW,
        ("0", "1", "1", "0"),
        "0",
    ),
    # Everything excluded: no denominator, no rate; the part is excluded as a line.
    Case(
        "lines-all-excluded",
        one_product(IN_SHIPS, [need("P", "a")], {"a": [left_out("r", "7", QINGDAO)]}),
        LINES,
        Scope.CITY,
        ACTUAL,
        ("0", "0", "0", "1"),
        None,
    ),
    # q's 100 were reversed, s is left with 40 of 40: q is no supplier of the period. 0 of 1.
    Case(
        "suppliers-reversed-invoice",
        one_product(
            IN_SHIPS,
            [need("P", "a")],
            {"a": [bought("q", "100", QINGDAO), bought("q", "-100", QINGDAO), bought("s", "40", SUZHOU)]},
        ),
        SUPPLIERS,
        Scope.CITY,
        ACTUAL,
        ("0", "1", "0", "0"),
        "0",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_hand_worked_case(case: Case) -> None:
    found = case.compute()
    counts_expected = tuple(Fraction(number) for number in case.expected)
    assert (found.numerator, found.denominator, found.unknown, found.excluded) == counts_expected
    assert found.rate == (None if case.rate is None else Decimal(case.rate))
    assert case.count() == Counts(*counts_expected)
    assert ratio(Fraction(case.expected[0]), Fraction(case.expected[1])) == found.rate


def qingdao_rail_2014(scope: Scope) -> SupportingRate:
    """938 suppliers of the rail industry of Qingdao: 154 in Chengyang district, 338 in the city with them."""
    places = [CHENGYANG] * 154 + [JIMO] * (338 - 154) + [SUZHOU] * (938 - 338)
    purchases = [bought(f"s{at}", "1", place) for at, place in enumerate(places)]
    ledger = one_product(Anchor(CHENGYANG), [need("P", "a")], {"a": purchases})
    definition = Definition(SUPPLIERS, scope, Period(2014), ACTUAL)
    return supporting_rate([line.origins for line in actual_lines(ledger, scope)], definition)


@pytest.mark.parametrize(("scope", "local", "published"), [(Scope.CITY, 338, "36.03%"), (Scope.COUNTY, 154, "16.42%")])
def test_qingdao_rail_2014(scope: Scope, local: int, published: str) -> None:
    found = qingdao_rail_2014(scope)
    assert (found.numerator, found.denominator) == (local, 938)
    assert say_percent(found.numerator, found.denominator) == published


def test_range_with_and_without_the_unknown() -> None:
    # 50 local, 50 unknown of 100: 50 % conservative, 100 % if all of it were local, 50 of 50 of what is known.
    found = next(case for case in CASES if case.name == "value-unknown-city").compute()
    assert (found.rate, found.if_unknown_local, found.of_known) == (Decimal("0.5"), Decimal(1), Decimal(1))
