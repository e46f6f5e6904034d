"""A province small enough to work by hand: three products, four suppliers, two runs. Every firm is fictitious.

Part `a` is shared 30 : 10 by P1 and P2 of leader L1 (Qingdao, cluster SHIPS of Qingdao and Yantai); P1 also needs `b`,
of which nothing was bought; P2 needs `d` without a price; leader L2 (Jinan) needs `c` for Q, in no cluster.
"""

import zlib
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session, SQLModel

from services.matching.engine import plan as planned
from services.matching.engine import snapshot as frozen
from services.matching.engine.plan import Evidence, Plan, Rule, SpendClass, Verdict
from services.matching.engine.policy import Policy
from services.matching.engine.snapshot import Snapshot
from services.matching.engine.wire import plan_to_json, snapshot_to_json
from services.matching.mirror.service import (
    MirrorCluster,
    MirrorEnterprise,
    MirrorNeed,
    MirrorProduct,
    MirrorPurchase,
)
from services.matching.runs.models import MatchRun, RunRecord, RunSnapshot
from services.matching.runs.rules import RunStatus
from services.matching.suggestions.models import Suggestion
from services.matching.suggestions.rules import State

QINGDAO, YANTAI, WEIFANG, JINAN, SHANDONG, SUZHOU = "370200", "370600", "370700", "370100", "370000", "320500"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def numbered(number: int) -> UUID:
    """A fixed id; larger numbers sort later, as UUIDv7 do."""
    return UUID(int=number)


L1, L2, S1, S2, S3, S4, S5 = map(numbered, range(1, 8))
SHIPS, P1, P2, Q = map(numbered, range(20, 24))
P1A, P1B, P2A, P2D, QC = map(numbered, range(30, 35))
R1, R2 = numbered(100), numbered(101)


def mirror_rows() -> list[SQLModel]:
    """What the mirror holds."""
    return [*_parties(), *_products(), *_needs(), *_purchases()]


def _parties() -> Iterable[SQLModel]:
    places = {L1: QINGDAO, L2: JINAN, S1: QINGDAO, S2: SUZHOU, S3: YANTAI, S4: WEIFANG, S5: QINGDAO}
    for number, (id_, region) in enumerate(places.items(), 1):
        yield MirrorEnterprise(
            id=id_,
            version=1,
            epoch="e",
            credit_code=f"F{number}",
            name=f"示例{number}号厂",
            is_chain_leader=id_ in (L1, L2),
            is_supplier=id_ not in (L1, L2),
            region=region,
            staff=None,
            status="verified",
        )
    yield MirrorCluster(
        id=SHIPS,
        version=1,
        epoch="e",
        code="SHIPS",
        name="示例船舶集群",
        tier="provincial",
        target=Decimal("0.5"),
        cities=[QINGDAO, YANTAI],
        member_ids=[str(S4)],
    )


def _products() -> Iterable[SQLModel]:
    rows = [(P1, "P1", "示例货船", L1, SHIPS), (P2, "P2", "示例渔船", L1, SHIPS), (Q, "Q", "示例车床", L2, None)]
    for id_, code, name, leader, cluster in rows:
        yield MirrorProduct(id=id_, version=1, epoch="e", code=code, name=name, leader_id=leader, cluster_id=cluster)


def _needs() -> Iterable[SQLModel]:
    rows = [
        (P1A, P1, L1, "a", "30", "10"),
        (P1B, P1, L1, "b", "4", "50"),
        (P2A, P2, L1, "a", "10", "10"),
        (P2D, P2, L1, "d", "5", None),
        (QC, Q, L2, "c", "10", "10"),
    ]
    for id_, product, leader, part, quantity, price in rows:
        yield MirrorNeed(
            id=id_,
            version=1,
            epoch="e",
            product_id=product,
            leader_id=leader,
            part_code=part,
            part_name=f"零部件{part}",
            unit="件",
            annual_quantity=Decimal(quantity),
            unit_price=None if price is None else Decimal(price),
            text="",
            certificates=[],
            parameters=[],
            lead_time_days=None,
            distance_limit_km=None,
            release_share=Decimal(1),
        )


def _purchases() -> Iterable[SQLModel]:
    rows = [
        (L1, "a", S1, None, None, "2025-03", "50", False),
        (L1, "a", S2, None, None, "2025Q3", "30", False),
        (L1, "a", S4, None, None, "2025", "20", False),
        (L1, "a", S5, None, None, "2025", "100", True),
        (L1, "z", S1, None, None, "2025", "40", False),
        (L2, "c", None, "示例五金（山东）", SHANDONG, "2025", "60", False),
        (L2, "c", None, None, None, "2025", "40", False),
        (L1, "a", S1, None, None, "2024", "999", False),
    ]
    for number, (leader, part, supplier, name, region, period, amount, related) in enumerate(rows, 200):
        yield MirrorPurchase(
            id=numbered(number),
            version=1,
            epoch="e",
            leader_id=leader,
            part_code=part,
            supplier_id=supplier,
            supplier_name=name,
            supplier_region=region,
            period=period,
            amount=Decimal(amount),
            related_party=related,
            toll_processing=False,
            energy_water=False,
        )


def snapshot() -> Snapshot:
    """What run R2 was computed from: the same province, with 50 元 of P1/b approved before."""
    return Snapshot(
        as_of=date(2026, 3, 1),
        cursor="1",
        suppliers=[
            frozen.Supplier("F3", str(S1), "示例3号厂", QINGDAO, "verified", True),
            frozen.Supplier("F5", str(S3), "示例5号厂", YANTAI, "verified", False),
            frozen.Supplier("F6", str(S4), "示例6号厂", WEIFANG, "verified", True, ("SHIPS",)),
        ],
        capabilities=[_offer(0, "F3", "锻件"), _offer(1, "F5", "铸件"), _offer(2, "F6", "机加工")],
        clusters=[frozen.Cluster("SHIPS", str(SHIPS), "示例船舶集群", 5000, (QINGDAO, YANTAI))],
        products=[
            frozen.Product("P1", str(P1), "示例货船", "F1", "示例1号厂", QINGDAO, 0, 5000),
            frozen.Product("P2", str(P2), "示例渔船", "F1", "示例1号厂", QINGDAO, 0, 5000),
            frozen.Product("Q", str(Q), "示例车床", "F2", "示例2号厂", JINAN, None, 5000),
        ],
        lines=[
            _line("P1/a", P1A, 0, 300, excluded=150, local_now=105, outside=45, schemes=("IATF 16949",)),
            _line("P1/b", P1B, 0, 200, committed=50, unknown=150),
            _line("P2/a", P2A, 1, 100, excluded=50, local_now=35, outside=15),
            _line("P2/d", P2D, 1, 0),
            _line("Q/c", QC, 2, 100, outside=60, unknown=40),
        ],
        period="2025",
    )


def _offer(supplier: int, key: str, name: str) -> frozen.Capability:
    id_ = str(numbered(40 + supplier))
    return frozen.Capability(f"{key}/{name}", id_, supplier, name, "", None, (), None, None, None, None, None, None)


def _line(
    key: str, id_: UUID, product: int, spend: int, *, schemes: tuple[str, ...] = (), **origins: int
) -> frozen.Line:
    parts = {name: origins.get(name, 0) for name in ("excluded", "local_now", "committed", "outside", "unknown")}
    part = key.partition("/")[2]
    asked = tuple(frozen.CertificateAsked(scheme, date(2026, 12, 31)) for scheme in schemes)
    return frozen.Line(
        key=key,
        id=str(id_),
        product=product,
        part_code=part,
        part_name=f"零部件{part}",
        text="",
        class_code=None,
        unit="件",
        quantity=None,
        unit_price=None,
        spend=spend,
        movable=parts["outside"] + parts["unknown"],
        certificates=asked,
        **parts,
    )


def plan() -> Plan:
    """What came out of R2: 50 元 of P1/b, two near misses at P1/a, one lever."""
    lacking = Evidence(
        Rule.CERTIFICATE,
        Verdict.FAILED,
        "IATF 16949 于 2026-12-31 有效",
        "无证书",
        "要求 IATF 16949 于 2026-12-31 有效，该企业没有登记任何证书",
    )
    near = SpendClass.NEAR_CERTIFICATE
    return Plan(
        objective=planned.Objective(50, 50, 40_000),
        bound=planned.Objective(60, 60, 45_000),
        greedy=planned.Objective(40, 40, 30_000),
        gap=1 / 6,
        suggestions=[
            planned.Suggestion(1, 0, 0, 30, None, 800, {"text": 800}, []),
            planned.Suggestion(1, 2, 2, 20, None, 700, {"text": 700}, []),
        ],
        near_misses=[
            planned.NearMiss(0, 1, 1, Rule.CERTIFICATE, lacking, 600, 27),
            planned.NearMiss(0, 2, 2, Rule.CERTIFICATE, lacking, 500, 45),
        ],
        funnels=[
            planned.Funnel(0, 3, 0, 0, {Rule.CERTIFICATE: 2, Rule.NOT_IN_FULL: 1}),
            planned.Funnel(1, 3, 2, 2, {Rule.PARAMETER: 1}),
            planned.Funnel(2, 2, 0, 0, {Rule.LOCALITY: 2}),
            planned.Funnel(3, 0, 0, 0, {}),
            planned.Funnel(4, 0, 0, 0, {}),
        ],
        diagnosis=[
            {SpendClass.EXCLUDED: 150, SpendClass.LOCAL_NOW: 105, near: 45},
            {SpendClass.APPROVED: 50, SpendClass.SUGGESTED: 50, SpendClass.UNKNOWN_NOT_MOVED: 100},
            {SpendClass.EXCLUDED: 50, SpendClass.LOCAL_NOW: 35, SpendClass.ONE_OTHER_RULE: 15},
            {},
            {SpendClass.UNKNOWN_NOT_MOVED: 40, SpendClass.NO_CANDIDATE: 60},
        ],
        unknown_reasons=[
            {},
            {SpendClass.CAPACITY_TAKEN: 60, SpendClass.KEPT_BY_CAP: 40},
            {},
            {},
            {SpendClass.NO_CANDIDATE: 40},
        ],
        products=[
            planned.ProductTotals(0, 60, 70, 40),
            planned.ProductTotals(1, 0, 0, 0),
            planned.ProductTotals(2, 0, 0, 0),
        ],
        levers=[planned.Lever(Rule.CERTIFICATE, "IATF 16949", WEIFANG, [2], 45, {0: 45})],
    )


def run_rows(run_id: UUID, made: Snapshot, result: Plan, policy: Policy) -> list[list[SQLModel]]:
    """A succeeded run, in the order in which its rows must be written."""
    stored = policy.model_dump(mode="json")
    run = MatchRun(
        id=run_id, status=RunStatus.SUCCEEDED, policy=stored, as_of=made.as_of, requested_by="t", created_at=NOW
    )
    frozen_row = RunSnapshot(
        run_id=run_id,
        content=zlib.compress(snapshot_to_json(made)),
        sha256="s",
        policy=stored,
        epoch="e",
        cursor=made.cursor,
        sizes={},
        seconds={},
        frozen_at=NOW,
    )
    record = RunRecord(
        run_id=run_id,
        snapshot_sha256="s",
        policy=stored,
        plan=zlib.compress(plan_to_json(result)),
        plan_sha256="p",
        objective={},
        bound={},
        greedy={},
        gap=0.0,
        sizes={},
        seconds={},
        engine_version="test",
        recorded_at=NOW,
    )
    return [[run], [frozen_row], [record]]


def suggestion(run_id: UUID, supplier: UUID, key: str, amount: int, state: State) -> Suggestion:
    """A suggestion for P1/b."""
    return Suggestion(
        run_id=run_id,
        state=state,
        basis="value",
        need_id=P1B,
        line_key="P1/b",
        product_id=P1,
        leader_id=L1,
        leader_key="F1",
        cluster_id=SHIPS,
        supplier_id=supplier,
        supplier_key=key,
        capability_id=numbered(40),
        capability_key=f"{key}/x",
        stage=State.APPROVED if state is State.APPROVED else State.PROPOSED,
        amount=amount,
        placed_amount=amount,
        quantity=None,
        line_spend=200,
        score=800,
        merit=amount * 800,
        labels={},
        score_parts={},
        evidence=[],
        effect={},
        created_at=NOW,
    )


def settle(session: Session, *, runs: bool = True) -> None:
    """Write the province, and with `runs` the older run R1 and the newer R2 with their suggestions.

    R1: 50 元 of P1/b at S3, approved. R2: 30 at S1, proposed; 20 at S4, rejected.
    """
    groups: list[list[SQLModel]] = [mirror_rows()]
    if runs:
        for run_id in (R1, R2):
            groups += run_rows(run_id, snapshot(), plan(), Policy())
        groups.append(
            [
                suggestion(R1, S3, "F5", 50, State.APPROVED),
                suggestion(R2, S1, "F3", 30, State.PROPOSED),
                suggestion(R2, S4, "F6", 20, State.REJECTED),
            ]
        )
    for group in groups:
        session.add_all(group)
        session.flush()
    session.commit()
