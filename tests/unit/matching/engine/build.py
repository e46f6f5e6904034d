"""Rows of small snapshots, with plain defaults: a verified supplier in Qingdao fits a line of 1,000,000 元."""

from datetime import date
from typing import Any

from services.matching.engine.judgement.facts import Facts, Pair, gather
from services.matching.engine.plan import Plan
from services.matching.engine.policy import Policy
from services.matching.engine.snapshot import Capability, Certificate, Cluster, Line, Product, Snapshot, Supplier
from services.matching.engine.solve import solve

AS_OF = date(2026, 11, 1)
QINGDAO, YANTAI, WEIFANG, JINAN = "370200", "370600", "370700", "370100"
PLAIN = Policy(supplier_cap=1, minimum_share=0)


def supplier(key: str = "S1", **changes: Any) -> Supplier:
    """A verified supplier in Qingdao."""
    fields: dict[str, Any] = {
        "key": key,
        "id": f"id-{key}",
        "name": f"虚构企业{key}",
        "region": QINGDAO,
        "status": "verified",
        "known": False,
    }
    return Supplier(**fields | changes)


def capability(key: str = "C1", supplier: int = 0, **changes: Any) -> Capability:
    """Makes 制动鼓, without limit."""
    fields: dict[str, Any] = {
        "key": key,
        "id": f"id-{key}",
        "supplier": supplier,
        "name": "制动鼓",
        "text": "",
        "class_code": "3670",
        "parameters": (),
        "capacity_yuan": None,
        "capacity_units": None,
        "unit": "件",
        "unit_price": 1_000_000,
        "moq": None,
        "lead_time_days": 20,
    }
    return Capability(**fields | changes)


def line(key: str = "N1", product: int = 0, **changes: Any) -> Line:
    """10,000 件 制动鼓 at 100 元, all bought outside and all released."""
    fields: dict[str, Any] = {
        "key": key,
        "id": f"id-{key}",
        "product": product,
        "part_code": key,
        "part_name": "制动鼓",
        "text": "",
        "class_code": "3670",
        "unit": "件",
        "quantity": 10_000_000,
        "unit_price": 1_000_000,
        "spend": 1_000_000,
        "excluded": 0,
        "local_now": 0,
        "committed": 0,
        "outside": 1_000_000,
        "unknown": 0,
        "movable": 1_000_000,
    }
    return Line(**fields | changes)


def product(key: str = "P1", **changes: Any) -> Product:
    """A product of a leader in Qingdao, in cluster 0, with a target of 50 %."""
    fields: dict[str, Any] = {
        "key": key,
        "id": f"id-{key}",
        "name": "虚构重卡",
        "leader_key": "L1",
        "leader_name": "虚构链主",
        "leader_region": "370214",
        "cluster": 0,
        "target": 5000,
    }
    return Product(**fields | changes)


def cluster(key: str = "A", **changes: Any) -> Cluster:
    """A cluster of Qingdao and Yantai."""
    fields: dict[str, Any] = {
        "key": key,
        "id": f"id-{key}",
        "name": "虚构集群",
        "target": 5000,
        "cities": (QINGDAO, YANTAI),
    }
    return Cluster(**fields | changes)


def certificate(scheme: str, until: date, supplier: int = 0, **changes: Any) -> Certificate:
    """A verified certificate."""
    fields: dict[str, Any] = {
        "supplier": supplier,
        "scheme": scheme,
        "number": "Z1",
        "valid_from": None,
        "valid_until": until,
        "trust": "verified",
    }
    return Certificate(**fields | changes)


def snapshot(**tables: Any) -> Snapshot:
    """One supplier, one capability, one line, one product, one cluster, unless told otherwise."""
    rows: dict[str, Any] = {
        "suppliers": [supplier()],
        "capabilities": [capability()],
        "lines": [line()],
        "products": [product()],
        "clusters": [cluster()],
    }
    return Snapshot(as_of=AS_OF, cursor="1:1", **rows | tables)


def first_pair(of: Snapshot, policy: Policy = PLAIN) -> tuple[Facts, Pair]:
    """The facts, and the pair of the first line and the first capability."""
    facts = gather(of, policy)
    return facts, facts.pair(0, 0)


def plan_of(of: Snapshot, policy: Policy = PLAIN) -> Plan:
    """The plan, without showing progress."""
    return solve(of, policy, lambda _: None)
