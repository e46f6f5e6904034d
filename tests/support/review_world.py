"""Suggestions to review over the small world of feed_world, written straight down: no engine is needed for them.

For the press P1 of 示例重工: housings at the first caster (500 件, 50,000 元) and at the second (400 件, 40,000 元),
shafts at the turner (1200 件, 60,000 元); for Q housings at the first caster again (300 件, 30,000 元). He
has 600 to spare.
"""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from services.matching.engine.policy import Policy
from services.matching.mirror import service as mirror
from services.matching.suggestions.models import Suggestion
from services.matching.suggestions.rules import State
from shared.contracts.v1 import Entity, FeedEventV1
from shared.db.database import Database
from tests.support import small_province
from tests.support.feed_world import CASTER, HOUSING, LEADER, SECOND_CASTER, SHAFT, TURNER, World, page, upsert
from tests.support.matching_runs import mirror_world

WORLD = World()
RUN = small_province.R1
MADE = datetime(2026, 11, 1, 2, tzinfo=UTC)
HOUSINGS, SECOND_HOUSINGS, SHAFTS, HOUSINGS_OF_Q = (UUID(int=0x7000 + number) for number in range(4))
"""The suggestions, in the order in which they were made."""


def settle(database: Database) -> None:
    """Fill an empty database: the mirror, a run, its suggestions; all proposed."""
    mirror_world(database, WORLD)
    rows = [
        suggestion(HOUSINGS, "P1", HOUSING, CASTER, 500, 100),
        suggestion(SECOND_HOUSINGS, "P1", HOUSING, SECOND_CASTER, 400, 100),
        suggestion(SHAFTS, "P1", SHAFT, TURNER, 1200, 50),
        suggestion(HOUSINGS_OF_Q, "Q", HOUSING, CASTER, 300, 100),
    ]
    with database.session() as session:
        groups = small_province.run_rows(RUN, small_province.snapshot(), small_province.plan(), Policy())
        for group in groups:
            session.add_all(group)
            session.flush()
        session.add_all(rows)
        session.commit()


def suggestion(id: UUID, product: str, part: str, supplier: str, pieces: int, price: int) -> Suggestion:
    """A proposed suggestion of these pieces a year."""
    offer, housing = ("车削" if supplier == TURNER else "铸造"), part == HOUSING
    needed = {("P1", HOUSING): 1000, ("P1", SHAFT): 2000, ("Q", HOUSING): 500}[product, part]
    return Suggestion(
        id=id,
        run_id=RUN,
        state=State.PROPOSED,
        basis="value",
        need_id=WORLD.id(f"{product}/{part}"),
        line_key=f"{product}/{part}",
        product_id=WORLD.id(product),
        leader_id=WORLD.id(LEADER),
        leader_key=LEADER,
        cluster_id=WORLD.id("MACHINE") if product == "P1" else None,
        supplier_id=WORLD.id(supplier),
        supplier_key=supplier,
        capability_id=WORLD.id(f"{supplier}/{offer}"),
        capability_key=f"{supplier}/{offer}",
        amount=pieces * price,
        quantity=Decimal(pieces),
        placed_amount=pieces * price,
        placed_quantity=Decimal(pieces),
        line_spend=needed * price,
        score=800,
        merit=pieces * price * 800,
        labels={
            "product_code": product,
            "product_name": "示例压力机" if product == "P1" else "示例剪板机",
            "leader_name": "示例重工",
            "cluster_name": "示例机床集群" if product == "P1" else None,
            "part_code": part,
            "part_name": "铸铁壳体" if housing else "传动轴",
            "class_code": "3391" if housing else "3489",
            "unit": "件",
            "unit_price": str(price),
            "supplier_name": f"示例{supplier}",
            "supplier_region": "370200",
            "supplier_place": "青岛市",
            "capability_name": "壳体铸造" if housing else "轴车削",
        },
        score_parts={"text": 800},
        evidence=[],
        effect={"cluster": {"key": "MACHINE"}},
        created_at=MADE,
    )


def tell(database: Database, *told: Entity | FeedEventV1) -> None:
    """Let the mirror follow: entities as they are now, or events."""
    events = [each if isinstance(each, FeedEventV1) else upsert(each) for each in told]
    with database.session() as session:
        position = mirror.position(session)
        cursor = f"9:{int((position.cursor or '9:9').rpartition(':')[2]) + 1}"
        mirror.apply_page(session, page(events, cursor), position.cursor, datetime.now(UTC))


def stored(database: Database, id: UUID) -> Suggestion:
    """A suggestion as it is now."""
    with database.session() as session:
        return session.get_one(Suggestion, id)
