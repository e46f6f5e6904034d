"""Compile the engine before its first real run: a made-up snapshot and an assignment go the whole way once.

The machine code is kept on disk (shared.compiled), so that later processes only load it.
"""

from datetime import date
from fractions import Fraction

from services.matching.engine.assignment.core import core_of
from services.matching.engine.assignment.deadline import Deadline
from services.matching.engine.assignment.highs import relax
from services.matching.engine.assignment.lagrangian import Knapsacks
from services.matching.engine.assignment.problem import AssignmentProblem, Goal, Pair
from services.matching.engine.assignment.problem import Supplier as Source
from services.matching.engine.assignment.search import Search
from services.matching.engine.plan import Plan
from services.matching.engine.policy import Policy
from services.matching.engine.snapshot import (
    Capability,
    Certificate,
    CertificateAsked,
    Cluster,
    Line,
    Product,
    Snapshot,
    Supplier,
)
from services.matching.engine.solve import solve
from services.matching.engine.what_if.changes import SetCapacity
from services.matching.engine.what_if.rehearsal import Rehearsal

_DAY = date(2026, 1, 1)


def warm_up() -> Plan:
    """Solve the sample, ask a what-if of it, and look for an assignment; returns the sample's plan."""
    _close_in()
    snapshot, policy = sample(), Policy()
    plan = solve(snapshot, policy, lambda _: None)
    rehearsal = Rehearsal(snapshot, policy)
    rehearsal.what_if([SetCapacity(capability=0, yuan=1)], most_shifts=1)
    rehearsal.cures(0)
    return plan


def sample() -> Snapshot:
    """Four fictitious suppliers for three lines, one of which asks for a certificate that not all of them have."""
    return Snapshot(
        as_of=_DAY,
        cursor="0:0",
        suppliers=[
            Supplier(f"S{n}", f"s{n}", f"样例企业{n}", "370200", "verified", known=n % 2 == 0) for n in range(4)
        ],
        certificates=[Certificate(0, "ISO 9001", "样例", None, date(2030, 1, 1), "verified")],
        capabilities=[_capability(n) for n in range(4)],
        clusters=[Cluster("C", "c", "样例集群", 5000, ("370200",))],
        products=[Product("P", "p", "样例产品", "L", "样例链主", "370200", 0, 9000)],
        lines=[_line(n) for n in range(3)],
    )


def _close_in() -> None:
    """The steps of an assignment that are compiled; so small a problem would end before them."""
    pairs = tuple(Pair(line, who, Fraction(3 + line + who), Fraction(2)) for line in range(6) for who in range(3))
    suppliers = tuple(Source(f"S{who}", Fraction(5), local=who == 0) for who in range(3))
    lines = tuple(f"N{line}" for line in range(6))
    core = core_of(AssignmentProblem(suppliers, lines, pairs, True, Goal.MIN_COST, None, None, 1.0), _cost, [])
    relaxed = relax(core, Deadline.after(60.0))
    knapsacks = Knapsacks(core, relaxed)
    knapsacks.climb(Fraction(core.lines * 10), Deadline.after(1.0))
    knapsacks.rise()
    Search(core, relaxed, None).run(Deadline.after(0.15))


def _cost(pair: Pair) -> Fraction:
    return pair.cost


def _capability(number: int) -> Capability:
    in_pieces = number == 3
    return Capability(
        key=f"M{number}",
        id=f"m{number}",
        supplier=number,
        name="制动鼓",
        text="灰铸铁 精加工",
        class_code="3670",
        parameters=(),
        capacity_yuan=None if in_pieces else 400_000 + number,
        capacity_units=3_000_000 if in_pieces else None,
        unit="件",
        unit_price=1_000_000,
        moq=1_000,
        lead_time_days=20,
    )


def _line(number: int) -> Line:
    spend = 1_000_000 - number
    return Line(
        key=f"N{number}",
        id=f"n{number}",
        product=0,
        part_code=f"N{number}",
        part_name="制动鼓",
        text="灰铸铁",
        class_code="3670" if number else None,
        unit="件",
        quantity=10_000_000,
        unit_price=1_000_000 + number,
        spend=spend,
        excluded=0,
        local_now=0,
        committed=0,
        outside=spend,
        unknown=0,
        movable=spend,
        certificates=(CertificateAsked("ISO 9001", _DAY),) if number else (),
    )
