"""A small catalog for tests: two leaders, three suppliers, two clusters, and what belongs to each. All fictitious."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session

from services.catalog.capabilities import service as capabilities
from services.catalog.capabilities.schemas import CapabilityWrite
from services.catalog.clusters import service as clusters
from services.catalog.clusters.rules import Tier
from services.catalog.clusters.schemas import ClusterMemberWrite, ClusterWrite
from services.catalog.enterprises import decisions
from services.catalog.enterprises import service as enterprises
from services.catalog.enterprises.schemas import CertificateWrite, EnterpriseWrite, VerificationRequest
from services.catalog.products import service as products
from services.catalog.products.schemas import BomLineWrite, NeedWrite, ProductWrite, PurchaseWrite
from shared.codes.credit_code import make
from shared.security.actor import Actor, Role

REVIEWER = Actor("reviewer", Role.REVIEWER)
SERVICE = Actor("matching", Role.SERVICE)


@dataclass(frozen=True)
class World:
    """Ids by the short names that the tests use."""

    enterprises: dict[str, UUID]
    clusters: dict[str, UUID]
    products: dict[str, UUID]

    def leader(self, name: str) -> Actor:
        """The actor of a chain leader."""
        return Actor(f"leader {name}", Role.CHAIN_LEADER, self.enterprises[name])

    def supplier(self, name: str) -> Actor:
        """The actor of a supplier."""
        return Actor(f"supplier {name}", Role.SUPPLIER, self.enterprises[name])

    def organisation(self, *names: str) -> Actor:
        """The actor of the promotion organisation of clusters."""
        ids = frozenset(self.clusters[name] for name in names)
        return Actor("organisation", Role.CLUSTER_ORGANISATION, None, ids)


def firm(serial: int, name: str, *, leader: bool = False, region: str = "370200") -> EnterpriseWrite:
    """A fictitious enterprise with a valid credit code of region 000000."""
    return EnterpriseWrite(
        credit_code=make(serial),
        name=f"{name}（虚构）",
        is_chain_leader=leader,
        is_supplier=not leader,
        region=region,
        staff=120,
        revenue_wan=Decimal(5000),
    )


def build(session: Session) -> World:
    """Write the world and commit it.

    Cluster "ships" has leader A and supplier "near", cluster "tools" leader B and supplier "far"; supplier "keyed"
    has no credit code and stays submitted, the others are verified.
    """
    firms = {
        "A": firm(1, "甲船舶", leader=True),
        "B": firm(2, "乙机床", leader=True, region="370100"),
        "near": firm(3, "丙阀门"),
        "far": firm(4, "丁铸造", region="370800"),
        "keyed": EnterpriseWrite(source_key="list:7", name="戊泵业（虚构）", is_supplier=True),
    }
    written = enterprises.upsert_enterprises(session, REVIEWER, list(firms.values()))
    ids = {name: outcome.id for name, outcome in zip(firms, written, strict=True)}
    homes = _clusters(session, ids)
    made = _products(session, ids, homes)
    _demand(session, ids, made)
    _supply(session, ids)
    decisions.verify(session, REVIEWER, VerificationRequest(ids=[ids[name] for name in ("A", "B", "near", "far")]))
    return World(ids, homes, made)


def _clusters(session: Session, ids: dict[str, UUID]) -> dict[str, UUID]:
    rows = [
        ClusterWrite(code="SHIP", name="船舶集群", tier=Tier.NATIONAL, cities=["370600", "370200"]),
        ClusterWrite(code="TOOL", name="机床集群", tier=Tier.PROVINCIAL, target=Decimal("0.4"), cities=["370100"]),
    ]
    ships, tools = (outcome.id for outcome in clusters.upsert_clusters(session, REVIEWER, rows))
    members = [(ships, "A"), (ships, "near"), (tools, "B"), (tools, "far")]
    added = [ClusterMemberWrite(cluster_id=cluster, enterprise_id=ids[name]) for cluster, name in members]
    clusters.upsert_cluster_members(session, REVIEWER, added)
    return {"ships": ships, "tools": tools}


def _products(session: Session, ids: dict[str, UUID], homes: dict[str, UUID]) -> dict[str, UUID]:
    rows = [
        ProductWrite(
            code="A-1",
            name="散货船",
            leader_id=ids["A"],
            cluster_id=homes["ships"],
            annual_volume=Decimal(10),
            unit="艘",
        ),
        ProductWrite(
            code="B-1", name="车床", leader_id=ids["B"], cluster_id=homes["tools"], annual_volume=Decimal(200)
        ),
        ProductWrite(code="X-1", name="无链主产品"),
    ]
    written = products.upsert_products(session, REVIEWER, rows)
    return {row.code: outcome.id for row, outcome in zip(rows, written, strict=True)}


def _demand(session: Session, ids: dict[str, UUID], made: dict[str, UUID]) -> None:
    ship, lathe = made["A-1"], made["B-1"]
    lines = [
        BomLineWrite(product_id=ship, part_code="PIPE", part_name="管系", quantity=Decimal(2)),
        BomLineWrite(product_id=ship, parent="PIPE", part_code="VALVE", part_name="阀门", quantity=Decimal("3.5")),
        BomLineWrite(product_id=ship, part_code="VALVE", part_name="阀门", quantity=Decimal(1)),
        BomLineWrite(product_id=lathe, part_code="BED", part_name="床身"),
    ]
    products.upsert_bom_lines(session, REVIEWER, lines)
    needs = [
        NeedWrite(product_id=ship, part_code="VALVE", part_name="阀门", unit="件", unit_price=Decimal("12.5")),
        NeedWrite(product_id=ship, part_code="PAINT", part_name="油漆", unit="吨", annual_quantity=Decimal(40)),
        NeedWrite(product_id=lathe, part_code="BED", part_name="床身", unit="件", unit_price=Decimal(900)),
    ]
    products.upsert_needs(session, REVIEWER, needs)
    purchases = [
        ("A", "FP-1", "VALVE", "near", Decimal(400)),
        ("A", "FP-2", "ROPE", None, Decimal(70)),
        ("B", "FP-1", "BED", "far", Decimal(8000)),
    ]
    rows = [
        PurchaseWrite(
            leader_id=ids[leader],
            document=document,
            part_code=part,
            supplier_id=ids[supplier] if supplier else None,
            supplier_name=None if supplier else "外省绳索厂（虚构）",
            period="2025",
            amount=amount,
        )
        for leader, document, part, supplier, amount in purchases
    ]
    products.upsert_purchases(session, REVIEWER, rows)


def _supply(session: Session, ids: dict[str, UUID]) -> None:
    for name in ("near", "far"):
        certificate = CertificateWrite(
            enterprise_id=ids[name], scheme="ISO 9001", number=f"Q-{name}", valid_until=date(2027, 12, 31)
        )
        enterprises.upsert_certificates(session, REVIEWER, [certificate])
        capability = CapabilityWrite(
            supplier_id=ids[name],
            code="C-1",
            name=f"{name} 的产品",
            class_code="3443",
            spare_capacity=Decimal(1000),
            capacity_unit="件",
            unit_price=Decimal(11),
        )
        capabilities.upsert_capabilities(session, REVIEWER, [capability])
