"""What holds of every supporting rate, whatever was bought."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.engine.locality import Anchor
from services.matching.engine.policy import Basis, Scope
from services.matching.rates.definition import Definition, Period, Stage
from services.matching.rates.rules import (
    CUT,
    Bought,
    SupportingRate,
    apportion,
    cut_sum,
    origin_split,
    ratio,
)
from services.matching.rates.sharing import LIMB_BITS, LIMBS, fixed_point, share_out, share_out_columns
from services.matching.rates.tally import Counts, Moved
from shared.text.figures import say_percent
from tests.support.rate_arrays import counts
from tests.support.rate_ledger import (
    CountedLine,
    Ledger,
    Need,
    Product,
    actual_lines,
    projected_lines,
    split_shared_purchase,
    supporting_rate,
    viewpoint,
)

REGIONS = [None, "370000", "370100", "370200", "370214", "370215", "370600", "371200", "371300", "320500", "310000"]
LEADERS = [None, "370000", "370100", "370200", "370214", "371300"]
PARTS = ["a", "b", "c"]

scopes = st.sampled_from([scope for scope in Scope if scope is not Scope.RADIUS])
amounts = st.decimals(min_value=-500, max_value=10_000, places=2)
purchases = st.builds(
    Bought,
    supplier=st.sampled_from([None, "s1", "s2", "s3", "s4"]),
    amount=amounts,
    region=st.sampled_from(REGIONS),
    clusters=st.sampled_from([(), ("C1",), ("C2",)]),
    excluded=st.booleans(),
)
anchors = st.one_of(
    st.builds(Anchor, st.sampled_from(LEADERS)),
    st.builds(Anchor, st.sampled_from(LEADERS), st.just(("370200", "370600")), st.just("C1")),
)
needs = st.builds(
    Need,
    id=st.uuids().map(str),
    product=st.sampled_from(["P", "Q"]),
    part_code=st.sampled_from(PARTS),
    quantity=st.none() | st.decimals(min_value=0, max_value=1000, places=3),
    unit=st.sampled_from(["件", "千克"]),
    unit_price=st.none() | st.decimals(min_value=0, max_value=100, places=4),
)


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    products = {key: Product(key, draw(anchors), "L") for key in ("P", "Q")}
    rows = draw(st.lists(needs, max_size=5, unique_by=lambda need: (need.product, need.part_code)))
    summed = st.lists(
        purchases, max_size=5, unique_by=lambda row: (row.supplier, row.region, row.clusters, row.excluded)
    )
    bought = {("L", part): draw(summed) for part in PARTS}
    return Ledger(products, rows, bought)


def define(basis: Basis, scope: Scope) -> Definition:
    return Definition(basis, scope, Period(2025), Stage.ACTUAL)


def lines_of(ledger: Ledger, basis: Basis, scope: Scope, actual: bool) -> list[CountedLine]:
    return list(actual_lines(ledger, scope) if actual else projected_lines(ledger, scope, basis, {}))


@given(st.integers(0, 10**12), st.lists(purchases, max_size=6), anchors, scopes)
def test_an_origin_split_adds_up(spend: int, rows: list[Bought], anchor: Anchor, scope: Scope) -> None:
    split = origin_split(spend, rows, viewpoint(scope, anchor))
    assert split.excluded + split.local_now + split.outside + split.unknown == spend
    assert min(split.excluded, split.local_now, split.outside, split.unknown) >= 0


@given(
    st.lists(purchases, min_size=1, max_size=6).flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows)))
)
def test_an_origin_split_does_not_depend_on_the_order(pair: tuple[Sequence[Bought], Sequence[Bought]]) -> None:
    seen = viewpoint(Scope.CITY, Anchor("370200"))
    assert origin_split(1001, pair[0], seen) == origin_split(1001, pair[1], seen)


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=8).filter(any))
def test_apportioned_parts_add_up_and_stay_within_one_of_their_share(total: int, weights: list[int]) -> None:
    parts = apportion(total, weights)
    assert sum(parts) == total
    assert all(
        abs(part - Fraction(total * weight, sum(weights))) < 1 for part, weight in zip(parts, weights, strict=True)
    )


@given(amounts, st.lists(st.none() | st.decimals(min_value=0, max_value=10**6, places=3), min_size=1, max_size=6))
def test_a_shared_purchase_is_counted_once(amount: Decimal, quantities: list[Decimal | None]) -> None:
    assert sum(split_shared_purchase(amount, quantities)) == amount


@given(ledgers(), st.sampled_from(Basis), scopes, st.booleans())
def test_a_rate_stays_within_its_bounds(ledger: Ledger, basis: Basis, scope: Scope, actual: bool) -> None:
    lines = [line.origins for line in lines_of(ledger, basis, scope, actual)]
    found = supporting_rate(lines, define(basis, scope))
    assert 0 <= found.numerator <= found.numerator + found.unknown <= found.denominator
    assert (found.rate is None) == (found.denominator == 0)
    if found.rate is not None:
        assert found.if_unknown_local is not None
        assert 0 <= found.rate <= found.if_unknown_local <= 1
        assert found.of_known is None or found.rate <= found.of_known <= 1


@given(ledgers(), st.sampled_from([Basis.VALUE, Basis.LINES]), scopes, st.booleans())
def test_the_products_add_up_to_all(ledger: Ledger, basis: Basis, scope: Scope, actual: bool) -> None:
    lines = lines_of(ledger, basis, scope, actual)
    whole = supporting_rate([line.origins for line in lines], define(basis, scope))
    parts = [
        supporting_rate([line.origins for line in lines if line.need.product == product], define(basis, scope))
        for product in ("P", "Q")
    ]
    # Sums of lines' shares are cut to twelve places, once for each group.
    slack = 2 * Fraction(1, CUT) if basis is Basis.LINES else 0
    for name in ("numerator", "denominator", "unknown", "excluded"):
        assert abs(sum(getattr(part, name) for part in parts) - getattr(whole, name)) <= slack


@given(st.lists(st.fractions(min_value=0, max_value=1, max_denominator=10**6), max_size=40))
def test_a_cut_sum_is_the_exact_sum_cut_once(shares: list[Fraction]) -> None:
    exact = sum(shares, Fraction(0))
    assert 0 <= exact - cut_sum(shares) < Fraction(1, CUT)
    assert cut_sum(shares) * CUT == exact * CUT // 1


@given(ledgers(), st.booleans())
def test_a_narrower_scope_is_never_above_the_wider_one_by_value(ledger: Ledger, actual: bool) -> None:
    def found(scope: Scope) -> SupportingRate:
        lines = [line.origins for line in lines_of(ledger, Basis.VALUE, scope, actual)]
        return supporting_rate(lines, define(Basis.VALUE, scope))

    # A line's spend is split into whole 元, each scope for itself: at most 1 元 a line.
    slack = 0 if actual else len(ledger.needs)
    chain = [found(scope) for scope in (Scope.COUNTY, Scope.CITY, Scope.CIRCLE, Scope.PROVINCE)]
    assert all(near.numerator <= far.numerator + slack for near, far in pairwise(chain))
    # A cluster's member may be of unknown place, hence unknown to the province.
    assert found(Scope.CLUSTER).numerator <= chain[-1].numerator + chain[-1].unknown + slack


@given(ledgers(), st.sampled_from(Basis), scopes, st.data())
def test_what_plans_move_never_lowers_a_rate(ledger: Ledger, basis: Basis, scope: Scope, data: st.DataObject) -> None:
    moved = {
        need.id: Moved(
            data.draw(st.integers(0, 10**5)), Fraction(data.draw(st.integers(0, 100)), 100), frozenset({"new"})
        )
        for need in ledger.needs
    }
    before = [line.origins for line in projected_lines(ledger, scope, basis, {})]
    after = [line.origins for line in projected_lines(ledger, scope, basis, moved)]
    low, high = supporting_rate(before, define(basis, scope)), supporting_rate(after, define(basis, scope))
    assert (low.rate or 0) <= (high.rate or 0)
    assert low.excluded >= high.excluded


@given(st.integers(0, 10**7), st.integers(1, 10**7), st.integers(1, 1000), st.integers(0, 3))
def test_no_rounding_reaches_the_target(numerator: int, denominator: int, mille: int, places: int) -> None:
    share, target = Fraction(min(numerator, denominator), denominator), Fraction(mille, 1000)
    shown = say_percent(share, Fraction(1), target, places=places)
    assert (Fraction(shown.removesuffix("%")) >= target * 100) <= (share >= target)
    rounded = ratio(share, Fraction(1))
    assert rounded is not None
    assert (rounded >= target) <= (share >= target)


@st.composite
def moves(draw: st.DrawFn, ledger: Ledger) -> dict[str, Moved]:
    drawn = st.builds(
        Moved,
        amount=st.integers(0, 10**5),
        share=st.fractions(0, 1, max_denominator=97),
        suppliers=st.frozensets(st.sampled_from(["s1", "s4", "new"]), max_size=2),
    )
    return {need.id: draw(drawn) for need in ledger.needs if draw(st.booleans())}


@given(ledgers(), st.sampled_from(Basis), st.sampled_from(Scope), st.sampled_from(Stage), st.booleans(), st.data())
@settings(max_examples=300)
def test_arrays_count_what_the_definition_says(
    ledger: Ledger, basis: Basis, scope: Scope, stage: Stage, by_product: bool, data: st.DataObject
) -> None:
    radius_km = data.draw(st.integers(1, 700)) if scope is Scope.RADIUS else None
    anchored = {
        key: replace(row, anchor=replace(row.anchor, radius_km=radius_km)) for key, row in ledger.products.items()
    }
    ledger, actual = replace(ledger, products=anchored), stage is Stage.ACTUAL
    moved = {} if stage in (Stage.ACTUAL, Stage.LOCAL_NOW) else data.draw(moves(ledger))
    lines = actual_lines(ledger, scope) if actual else projected_lines(ledger, scope, basis, moved)
    counted = list(lines)
    groups = [["P"], ["Q"]] if by_product else [["P", "Q"]]
    rates = [
        supporting_rate([line.origins for line in counted if line.need.product in group], define(basis, scope))
        for group in groups
    ]
    expected = [Counts(rate.numerator, rate.denominator, rate.unknown, rate.excluded) for rate in rates]
    assert counts(ledger, basis, scope, stage, moved, radius_km=radius_km, by_product=by_product) == expected


@given(st.integers(0, 2**49), st.lists(st.integers(0, 2**53), min_size=1, max_size=6).filter(any))
def test_arrays_share_out_like_the_scalar_rule(total: int, weights: list[int]) -> None:
    group = np.zeros(len(weights), np.int64)
    totals, columns = np.full(len(weights), total), np.array(weights, np.int64)
    assert share_out(totals, columns, group).tolist() == apportion(total, weights)
    assert share_out_columns(np.array([total]), columns[None, :])[0].tolist() == apportion(total, weights)


@given(st.integers(1, 2**59), st.data())
def test_fixed_point_is_cut_by_less_than_its_last_place(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    limbs, short = fixed_point(np.array([part]), np.array([whole]))
    found = sum(int(limb) << LIMB_BITS * (LIMBS - at) for at, limb in enumerate(limbs[0]))
    exact = Fraction(part << LIMB_BITS * LIMBS, whole)
    assert 0 <= exact - found < 1
    assert bool(short[0]) == (exact != found)
