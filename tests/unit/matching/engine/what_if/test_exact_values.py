"""Hand-worked values: what a cure, a lever, more capacity and a set of cures bring, and why no more."""

from dataclasses import replace
from datetime import date
from typing import Any

from services.matching.engine.plan import CapacityValue, Rule
from services.matching.engine.snapshot import CertificateAsked, Snapshot
from services.matching.engine.what_if.changes import AddSupplier, OpenPair, RemoveSupplier, SetCapacity, SetMovable
from services.matching.engine.what_if.rehearsal import Rehearsal
from tests.unit.matching.engine.build import (
    PLAIN,
    capability,
    certificate,
    cluster,
    line,
    plan_of,
    product,
    snapshot,
    supplier,
)

ASKED = (CertificateAsked("IATF 16949", date(2026, 12, 31)),)
HELD = date(2027, 1, 1)


def one_short(**tables: Any) -> Snapshot:
    """Three suppliers of 300,000 元 each for a line of 1,000,000 元; only the first has the certificate."""
    rows: dict[str, Any] = {
        "suppliers": [supplier(), supplier("S2"), supplier("S3")],
        "capabilities": [capability(f"C{at + 1}", at, capacity_yuan=300_000) for at in range(3)],
        "certificates": [certificate("IATF 16949", HELD)],
        "lines": [line(certificates=ASKED)],
    }
    return snapshot(**rows | tables)


def test_each_near_miss_says_what_its_cure_alone_brings() -> None:
    near = plan_of(one_short()).near_misses
    assert [(row.supplier, row.gain) for row in near] == [(1, 300_000), (2, 300_000)]
    assert [row.product_gain for row in near] == [{0: 300_000}] * 2


def test_a_cure_frees_another_line_s_supplier() -> None:
    """S2 could take N1 from S1, who alone can serve N2: the gain may fall on the line not named."""
    of = one_short(
        suppliers=[supplier(), supplier("S2")],
        capabilities=[capability(capacity_yuan=1_000_000), capability("C2", 1, lead_time_days=50)],
        lines=[line(certificates=ASKED), line("N2", lead_time_days=30, spend=1_000_000)],
    )
    found = Rehearsal(of, PLAIN).what_if([OpenPair(0, 1)], 10)
    assert found.after.total - found.before.total == 1_000_000
    assert max((shift.after, shift.line, shift.capability) for shift in found.shifts)[0] == 1_000_000


def test_together_they_bring_no_more_than_is_left() -> None:
    of = one_short(lines=[line(certificates=ASKED, movable=500_000)])
    plan = plan_of(of)
    assert [row.gain for row in plan.near_misses] == [200_000, 200_000]
    assert [(lever.what, lever.suppliers, lever.gain) for lever in plan.levers] == [("IATF 16949", [1, 2], 200_000)]


def test_the_smallest_set_of_cures() -> None:
    """Half of 1,000,000 元 is the target and 300,000 元 are there: one firm more does it."""
    (found,) = plan_of(one_short()).cures
    assert (found.product, found.lacking, found.gain, found.most) == (0, 200_000, 200_000, 200_000)
    assert (found.reached, found.lower_bound) == (True, 1)
    assert [(cure.supplier, cure.rule, cure.what, cure.lines) for cure in found.cures] == [
        (1, Rule.CERTIFICATE, "IATF 16949", [0])
    ]


def test_a_target_that_no_cure_reaches_is_said_to_be_out_of_reach() -> None:
    of = one_short(products=[product(target=9500)])
    (found,) = plan_of(of).cures
    assert (found.lacking, found.gain, found.most) == (650_000, 600_000, 600_000)
    assert (found.reached, found.lower_bound, len(found.cures)) == (False, None, 2)


def test_a_cluster_reaches_its_target_by_what_any_of_its_products_gains() -> None:
    """Two products of 1,000,000 元 each: P1 can have 300,000 (two rules keep S2 out), P2 all but for S2's lead time."""
    of = one_short(
        products=[product(), product("P2")],
        lines=[line(certificates=ASKED, lead_time_days=30), line("N2", 1, lead_time_days=30)],
        capabilities=[capability(capacity_yuan=300_000), capability("C2", 1, lead_time_days=50)],
        suppliers=[supplier(), supplier("S2")],
        clusters=[cluster()],
    )
    of = replace(of, products=[replace(row, cluster=0) for row in of.products])
    plan, rehearsal = plan_of(of), Rehearsal(of, PLAIN)
    (found,) = plan.cluster_cures
    assert (found.product, found.cluster, found.lacking) == (None, 0, 700_000)
    assert (found.reached, found.lower_bound, found.gain) == (True, 1, 700_000)
    assert [(cure.rule, cure.lines) for cure in found.cures] == [(Rule.LEAD_TIME, [1])]
    assert [(row.product, row.cluster, row.reached) for row in plan.cures] == [(0, None, False), (1, None, True)]
    assert rehearsal.cluster_cures(0) == found


def test_no_set_is_sought_where_the_target_is_reached() -> None:
    assert plan_of(snapshot()).cures == []


def test_what_more_capacity_brings() -> None:
    (found,) = plan_of(one_short()).capacity_values
    assert found == CapacityValue(
        0, step=1, step_gain=1, tenth=30_000, tenth_gain=30_000, at_most=30_000, product_gain={0: 30_000}
    )


def test_the_dual_promises_what_round_money_does_not_hold() -> None:
    """The line is as large as the capacity: the dual says one 元 each, and not one more can be moved."""
    of = snapshot(capabilities=[capability(capacity_yuan=1_000_000)])
    assert plan_of(of).capacity_values == []


def test_capacity_in_pieces_grows_by_a_piece() -> None:
    (found,) = plan_of(snapshot(capabilities=[capability(capacity_units=3_000_000)])).capacity_values
    assert (found.step, found.step_gain, found.tenth, found.tenth_gain) == (100, 100, 30_000, 30_000)


def test_what_if_on_a_run() -> None:
    rehearsal = Rehearsal(one_short(), PLAIN)

    def gain(*changes: Any) -> int:
        found = rehearsal.what_if(changes, 10)
        return found.after.total - found.before.total

    assert gain() == 0
    assert gain(OpenPair(0, 1)) == 300_000
    assert gain(OpenPair(0, 1), OpenPair(0, 2)) == 600_000
    assert gain(RemoveSupplier(0)) == -300_000
    assert gain(RemoveSupplier(0), OpenPair(0, 2)) == 0
    assert gain(SetCapacity(0, yuan=450_000)) == 150_000
    assert gain(SetCapacity(0)) == 700_000
    assert gain(SetMovable(0, 100_000)) == -200_000
    assert gain(AddSupplier((0,), (500,), 50_000)) == 50_000


def test_a_product_s_target_goes_before_another_s_score() -> None:
    """One supplier for two products: when the first one's target is met, what is left goes where more is lacking."""
    of = snapshot(
        products=[product(target=2000), product("P2", target=8000)],
        lines=[line(), line("N2", 1)],
        capabilities=[capability(capacity_yuan=1_000_000)],
    )
    found = Rehearsal(of, PLAIN).what_if([SetCapacity(0, yuan=1_100_000)], 10)
    assert (found.before.toward_target, found.after.toward_target) == (1_000_000, 1_000_000)
    assert found.after.total == 1_100_000
    assert found.moved_after[0] >= 200_000 and found.moved_after[1] >= 800_000
