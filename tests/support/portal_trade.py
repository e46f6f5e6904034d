"""Trade in a portal's world: parts that leader A buys elsewhere, suppliers who could make them, a run, approvals."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from services.catalog.capabilities import service as capabilities
from services.catalog.capabilities.schemas import CapabilityWrite
from services.catalog.enterprises import decisions
from services.catalog.enterprises import service as enterprises
from services.catalog.enterprises.schemas import CertificateWrite, VerificationRequest
from services.catalog.products import service as products
from services.catalog.products.schemas import BomLineWrite, NeedWrite, PurchaseWrite
from services.matching.mirror.feed import CatalogFeed
from services.matching.mirror.follower import catch_up
from services.matching.suggestions import service as suggestions
from services.matching.suggestions.models import Suggestion
from services.matching.suggestions.rules import Verb
from shared.contracts.v1 import CertificateRequirement
from shared.db.database import Database
from shared.security.actor import Role
from tests.support.catalog_world import REVIEWER, firm
from tests.support.matching_runs import decide, execute, request, suggested
from tests.support.portal import Portal

#: Code, name, pieces a year, 元 each, the certificate asked for, the firms that make it.
PARTS = (
    ("PUMP", "压载泵", 4000, 900, "ISO 9001", ("east", "west")),
    ("HATCH", "舱口盖", 120, 26000, "ISO 9001", ("west",)),
    ("ANCHOR", "锚链", 300, 5200, "ISO 14001", ("east",)),
)
SHIPS = 10
FIRMS = {"east": "己泵阀", "west": "庚重工"}


@dataclass(frozen=True)
class Trade:
    """The firms by their short names, the run, and its approved suggestions, the best first."""

    firms: dict[str, UUID]
    run_id: UUID
    approved: Sequence[Suggestion]


def build(portal: Portal) -> Trade:
    """Write it, let matching follow, match, and approve all that was suggested to leader A."""
    leader, ship = portal.world.enterprises["A"], portal.world.products["A-1"]
    firms = _firms(portal.catalog)
    _demand(portal.catalog, leader, ship)
    asyncio.run(_follow(portal))
    run_id = request(portal.matching)
    execute(portal.matching, run_id)
    found = [row for row in suggested(portal.matching, run_id) if row.leader_id == leader]
    return Trade(firms, run_id, [decide(portal.matching, row, Verb.APPROVE) for row in found])


def accept(portal: Portal, row: Suggestion) -> Suggestion:
    """Let leader A accept the whole of an approved suggestion."""
    actor = portal.world.leader("A")
    with portal.matching.session() as session:
        item = suggestions.Item(row.id, row.version)
        return suggestions.move(session, actor, item, suggestions.Asked(Verb.ACCEPT), datetime.now(UTC))


def _firms(catalog: Database) -> dict[str, UUID]:
    with catalog.session() as session:
        rows = [firm(20 + at, name) for at, name in enumerate(FIRMS.values())]
        written = enterprises.upsert_enterprises(session, REVIEWER, rows)
        ids = {name: outcome.id for name, outcome in zip(FIRMS, written, strict=True)}
        decisions.verify(session, REVIEWER, VerificationRequest(ids=list(ids.values())))
        papers = [
            CertificateWrite(enterprise_id=id, scheme="ISO 9001", number=f"Q-{name}", valid_until=date(2028, 12, 31))
            for name, id in ids.items()
        ]
        enterprises.upsert_certificates(session, REVIEWER, papers)
        capabilities.upsert_capabilities(session, REVIEWER, list(_offers(ids)))
        session.commit()
        return ids


def _offers(ids: dict[str, UUID]) -> Sequence[CapabilityWrite]:
    return [
        CapabilityWrite(
            supplier_id=ids[maker],
            code=f"C-{part}",
            name=name,
            class_code="3443",
            text=name,
            spare_capacity=Decimal(quantity) * 3 / 4,
            capacity_unit="件",
            unit_price=Decimal(price) * 95 / 100,
            lead_time_days=30,
        )
        for part, name, quantity, price, _, makers in PARTS
        for maker in makers
    ]


def _demand(catalog: Database, leader: UUID, ship: UUID) -> None:
    with catalog.session() as session:
        lines = [
            BomLineWrite(product_id=ship, part_code=code, part_name=name, quantity=Decimal(pieces) / SHIPS)
            for code, name, pieces, *_ in PARTS
        ]
        products.upsert_bom_lines(session, REVIEWER, lines)
        needs = [
            NeedWrite(
                product_id=ship,
                part_code=code,
                part_name=name,
                unit="件",
                annual_quantity=Decimal(quantity),
                unit_price=Decimal(price),
                class_code="3443",
                text=name,
                lead_time_days=45,
                certificates=[CertificateRequirement(scheme=scheme)],
            )
            for code, name, quantity, price, scheme, _ in PARTS
        ]
        products.upsert_needs(session, REVIEWER, needs)
        bought = [
            PurchaseWrite(
                leader_id=leader,
                document=f"FP-{code}",
                part_code=code,
                supplier_name="外省配件厂（虚构）",
                supplier_region="320500",
                period="2025",
                amount=Decimal(quantity) * Decimal(price),
            )
            for code, _, quantity, price, *_ in PARTS
        ]
        products.upsert_purchases(session, REVIEWER, bought)
        session.commit()


async def _follow(portal: Portal) -> None:
    async with CatalogFeed(portal.base, portal.signing.token(Role.SERVICE)) as feed:
        await catch_up(portal.matching, feed)
