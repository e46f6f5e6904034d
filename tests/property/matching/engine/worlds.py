"""Fictitious snapshots for the engine's tests: small ones drawn by hypothesis, large ones from a seed."""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from hypothesis import strategies as st

from services.matching.engine.policy import Policy
from services.matching.engine.snapshot import (
    Capability,
    Certificate,
    CertificateAsked,
    Cluster,
    Commitment,
    Exclusion,
    Incumbent,
    Line,
    Preference,
    Product,
    Snapshot,
    Supplier,
)
from shared.codes.parameters import Parameter

AS_OF = date(2026, 11, 1)
CITIES = ("370100", "370200", "370600", "370700", "370800")
SCHEMES = ("ISO 9001", "IATF 16949", "ISO 14001")
CLASSES: list[str] = re.findall(
    r"\d+",
    "3311 3391 3392 3411 3421 3441 3443 3451 3452 3453 3484 3489 3511 3531 3562 3572 3597 3612 3660 3670 3714 3720 "
    "3812 3821 3825 3831 3841 3851 3857 3872 3912 3919 3921 3971 3982 4011 2911 2913 2922 2929",
)
PARTS = ("齿轮", "轴承", "活塞", "泵体", "阀门", "电机", "线束", "轮毂", "弹簧", "铸件", "密封圈", "连杆")
KINDS = ("精密", "铝合金", "不锈钢", "铸铁", "液压", "冷却", "传动", "制动", "转向", "润滑")


def make_world(
    random: Random, *, lines: int, capabilities: int, products: int = 4, classes: int = len(CLASSES), big: int = 8
) -> Snapshot:
    """A world of this size; amounts up to 10**big 元. Every feature occurs: pieces, orders, commitments …"""
    suppliers = [_supplier(random, number) for number in range(max(1, capabilities * 3 // 5))]
    clusters = [
        Cluster("A", "c-a", "胶东集群", 5000, CITIES[1:3]),
        Cluster("B", "c-b", "济济集群", 5000, (CITIES[0], CITIES[4])),
    ]
    made = [_product(random, number) for number in range(products)]
    rows = [_line(random, number, number % products, classes, big) for number in range(lines)]
    offers = [
        _capability(random, number, random.randrange(len(suppliers)), classes, big) for number in range(capabilities)
    ]
    snapshot = Snapshot(
        as_of=AS_OF,
        cursor="0:0",
        suppliers=suppliers,
        certificates=[_certificate(random, number) for number in range(len(suppliers)) if random.random() < 0.8],
        capabilities=offers,
        clusters=clusters,
        products=made,
        lines=rows,
    )
    return _with_history(random, snapshot)


@st.composite
def worlds(draw: st.DrawFn) -> Snapshot:
    """Small worlds, in which lines compete for the same few capabilities."""
    random = draw(st.randoms(use_true_random=False))
    return make_world(
        random,
        lines=draw(st.integers(1, 8)),
        capabilities=draw(st.integers(1, 10)),
        products=draw(st.integers(1, 3)),
        classes=2,
        big=draw(st.sampled_from((2, 4, 7))),
    )


def policies() -> st.SearchStrategy[Policy]:
    """Policies that differ in what the optimiser does."""
    return st.builds(
        Policy,
        scope=st.sampled_from(("province", "cluster", "city")),
        candidates_per_need=st.sampled_from((None, 2, 30)),
        supplier_cap=st.sampled_from((0.4, 0.6, 1)),
        minimum_share=st.sampled_from((0, 0.15, 0.3)),
        text_floor=st.sampled_from((0, 0.2)),
        limit_capacity=st.booleans(),
        require_verified=st.booleans(),
    )


def shuffled(random: Random, snapshot: Snapshot) -> Snapshot:
    """The same snapshot with the rows of every table in another order."""
    new: dict[str, list[int]] = {}
    rows: dict[str, list[object]] = {}
    for table in ("suppliers", "capabilities", "clusters", "products", "lines"):
        before = getattr(snapshot, table)
        order = list(range(len(before)))
        random.shuffle(order)
        rows[table] = [before[position] for position in order]
        new[table] = [order.index(position) for position in range(len(before))]
    supplier, line, capability = new["suppliers"], new["lines"], new["capabilities"]
    certificates = [replace(row, supplier=supplier[row.supplier]) for row in snapshot.certificates]
    incumbents = [replace(row, line=line[row.line], supplier=supplier[row.supplier]) for row in snapshot.incumbents]
    random.shuffle(certificates)
    random.shuffle(incumbents)
    return replace(
        snapshot,
        suppliers=rows["suppliers"],
        clusters=rows["clusters"],
        capabilities=[replace(row, supplier=supplier[row.supplier]) for row in rows["capabilities"]],
        products=[
            replace(row, cluster=None if row.cluster is None else new["clusters"][row.cluster])
            for row in rows["products"]
        ],
        lines=[replace(row, product=new["products"][row.product]) for row in rows["lines"]],
        certificates=certificates,
        incumbents=incumbents,
        commitments=[
            replace(row, line=line[row.line], capability=capability[row.capability]) for row in snapshot.commitments
        ],
        exclusions=[replace(row, line=line[row.line], supplier=supplier[row.supplier]) for row in snapshot.exclusions],
        preferences=[
            replace(row, line=line[row.line], supplier=supplier[row.supplier]) for row in snapshot.preferences
        ],
    )


def _supplier(random: Random, number: int) -> Supplier:
    return Supplier(
        key=f"S{number:05}",
        id=f"s-{number}",
        name=f"虚构供应商{number}",
        region=random.choice((*CITIES, *CITIES, "370000", "370214", None)),
        status=random.choice(("verified",) * 6 + ("submitted", "suspended")),
        known=random.random() < 0.3,
        cluster_keys=random.choice(((), (), ("A",), ("B",))),
        total_capacity=random.choice((None,) * 9 + (10_000_000,)),
    )


def _product(random: Random, number: int) -> Product:
    return Product(
        key=f"P{number:03}",
        id=f"p-{number}",
        name=f"虚构产品{number}",
        leader_key=random.choice((None, f"L{number}", f"S{number:05}")),
        leader_name=f"虚构链主{number}",
        leader_region=random.choice(CITIES),
        cluster=random.choice((0, 1, 0, 1, None)),
        target=5000,
    )


def _text(random: Random, class_code: str) -> str:
    part = PARTS[(CLASSES.index(class_code) + random.randrange(2)) % len(PARTS)]
    return f"{random.choice(KINDS)}{part}"


def _line(random: Random, number: int, product: int, classes: int, big: int) -> Line:
    class_code = CLASSES[int(random.random() ** 1.5 * classes)]
    price = random.choice((50_000, 120_000, 1_000_000, 37_123))
    quantity = random.randint(1, 10 ** (big - 2)) * 1000
    spend = quantity * price // 10_000_000
    excluded, local = (random.choice((0, 0, spend // 10)), random.choice((0, spend // 4)))
    outside = random.choice((0, (spend - excluded - local) // 2, spend - excluded - local))
    unknown = spend - excluded - local - outside
    return Line(
        key=f"N{number:05}",
        id=f"n-{number}",
        product=product,
        part_code=f"N{number:05}",
        part_name=_text(random, class_code),
        text=random.choice(("", "按图加工", random.choice(KINDS))),
        class_code=random.choice((class_code,) * 5 + (None,)),
        unit="件",
        quantity=quantity,
        unit_price=price,
        spend=spend,
        excluded=excluded,
        local_now=local,
        committed=0,
        outside=outside,
        unknown=unknown,
        movable=(outside + unknown) * random.choice((10, 10, 5)) // 10,
        certificates=(CertificateAsked(random.choice(SCHEMES), AS_OF),) if random.random() < 0.4 else (),
        parameters=(_interval(random),) if random.random() < 0.3 else (),
        lead_time_days=random.choice((None, 30, 60)),
        max_moq=random.choice((None, None, quantity // 2)),
        price_ceiling=random.choice((None, None, price)),
        distance_limit_km=random.choice((None,) * 9 + (200,)),
    )


def _interval(random: Random) -> Parameter:
    low = random.choice((10, 50))
    return Parameter(name="外径", low=Decimal(low), high=Decimal(low + random.choice((10, 100))), unit="mm")


def _capability(random: Random, number: int, supplier: int, classes: int, big: int) -> Capability:
    class_code = CLASSES[int(random.random() ** 1.5 * classes)]
    in_yuan = random.randint(0, 10 ** random.randint(1, big))
    in_units = random.randint(0, 10 ** max(1, big - 2)) * 1000
    yuan, units = random.choice(((in_yuan, None), (None, in_units), (None, in_units), (None, None)))
    return Capability(
        key=f"C{number:05}",
        id=f"k-{number}",
        supplier=supplier,
        name=_text(random, class_code),
        text=random.choice(("", _text(random, class_code))),
        class_code=random.choice((class_code,) * 5 + (class_code[:2], None)),
        parameters=random.choice(((), (Parameter(name="外径", low=Decimal(5), high=Decimal(200), unit="mm"),))),
        capacity_yuan=yuan,
        capacity_units=units,
        unit=random.choice(("件",) * 6 + ("套", None)),
        unit_price=random.choice((None, 40_000, 100_000, 900_000)),
        moq=random.choice((None, None, 1000, 50_000)),
        lead_time_days=random.choice((None, 15, 30, 45, 90)),
    )


def _certificate(random: Random, supplier: int) -> Certificate:
    until = AS_OF + timedelta(days=random.choice((-30, 200, 700)))
    return Certificate(supplier, random.choice(SCHEMES), f"Z{supplier}", None, until, "verified")


def _with_history(random: Random, snapshot: Snapshot) -> Snapshot:
    """Some lines have local incumbents, approved suggestions and rejected pairs."""
    lines, incumbents, commitments, exclusions = list(snapshot.lines), [], [], []
    preferences = []
    for position, line in enumerate(lines):
        supplier = random.randrange(len(snapshot.suppliers))
        capability = random.randrange(len(snapshot.capabilities))
        if line.local_now and random.random() < 0.5:
            incumbents.append(Incumbent(position, supplier, line.local_now, random.random() < 0.2))
        if line.movable > 10 and random.random() < 0.2:
            amount = line.movable // 5
            from_outside = min(amount, line.outside)
            lines[position] = replace(
                line,
                committed=amount,
                outside=line.outside - from_outside,
                unknown=line.unknown - (amount - from_outside),
                movable=line.movable - amount,
            )
            commitments.append(Commitment(position, capability, amount))
        if random.random() < 0.1:
            exclusions.append(Exclusion(position, supplier, "价格不合适"))
        if random.random() < 0.2:
            preferences.append(Preference(position, random.randrange(len(snapshot.suppliers)), random.random() < 0.5))
        if random.random() < 0.2:
            lines[position] = replace(lines[position], supplier_cap=random.choice((2_500, 3_333, 10_000)))
    return replace(
        snapshot,
        lines=lines,
        incumbents=incumbents,
        commitments=commitments,
        exclusions=exclusions,
        preferences=preferences,
    )
