"""What the next run has to respect, by the states of suggestions."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from services.matching.cooperation import service as cooperation
from services.matching.cooperation.rules import Mode
from services.matching.cooperation.service import Terms
from services.matching.engine.policy import Policy
from services.matching.suggestions import service
from services.matching.suggestions.rules import Decisions, Placed, Rejected, State, Verb
from services.matching.suggestions.service import Asked, Item
from shared.contracts.v1 import PurchaseV1
from shared.db.database import Database
from shared.security.actor import Actor, Role
from tests.support.feed_world import LEADER, OUTSIDER, SHAFT, TURNER
from tests.support.matching_runs import REVIEWER
from tests.support.review_world import HOUSINGS, MADE, SHAFTS, WORLD, stored, tell

BY_LEADER = Actor("链主", Role.CHAIN_LEADER, WORLD.id(LEADER))
BY_TURNER = Actor("供应商", Role.SUPPLIER, WORLD.id(TURNER))
NOW = MADE + timedelta(days=1)
TODAY = date(2026, 11, 2)
SHAFT_LINE = "P1/Z-200"


def decisions(database: Database, as_of: date = TODAY, **policy: int) -> Decisions:
    with database.session() as session:
        return service.decisions(session, Policy(**policy), as_of)


def step(database: Database, actor: Actor, asked: Asked, id: UUID = SHAFTS, now: datetime = NOW) -> None:
    with database.session() as session:
        service.move(session, actor, Item(id, stored(database, id).version), asked, now)


def in_place(database: Database) -> list[tuple[str, int]]:
    return [(row.line_key, row.amount) for row in decisions(database).approved]


def agree(database: Database, amount: int) -> None:
    step(database, REVIEWER, Asked(Verb.APPROVE))
    step(database, BY_LEADER, Asked(Verb.ACCEPT, amount=amount))
    step(database, BY_TURNER, Asked(Verb.CONSENT))


def contract(database: Database, amount: int) -> None:
    terms = Terms("示例-1", date(2025, 1, 1), date(2026, 12, 31), amount, (Mode.ORDER_GUARANTEE,))
    with database.session() as session:
        item = Item(SHAFTS, stored(database, SHAFTS).version)
        cooperation.conclude(session, BY_LEADER, item, terms, NOW)


def bought(number: int, supplier: str, amount: str) -> PurchaseV1:
    return PurchaseV1(
        id=WORLD.id(f"bought {number}"),
        version=1,
        leader_id=WORLD.id(LEADER),
        part_code=SHAFT,
        supplier_id=WORLD.id(supplier),
        supplier_name=None,
        supplier_region=None,
        period="2026-03",
        quantity=None,
        amount=Decimal(amount),
    )


def test_what_is_proposed_is_told_apart(review_database: Database) -> None:
    found = decisions(review_database)
    assert (found.approved, found.rejected) == ([], [])
    assert Placed(SHAFT_LINE, "S3/车削", 60_000) in found.proposed


def test_what_was_agreed_in_part_stays_and_the_rest_is_free(review_database: Database) -> None:
    step(review_database, REVIEWER, Asked(Verb.APPROVE))
    assert in_place(review_database) == [(SHAFT_LINE, 60_000)]
    step(review_database, BY_LEADER, Asked(Verb.ACCEPT, amount=25_000))
    assert in_place(review_database) == [(SHAFT_LINE, 25_000)]
    step(review_database, BY_TURNER, Asked(Verb.CONSENT))
    contract(review_database, 40_000)
    assert in_place(review_database) == [(SHAFT_LINE, 20_000)]


def test_what_invoices_show_as_bought_is_not_moved_a_second_time(review_database: Database) -> None:
    agree(review_database, 60_000)
    contract(review_database, 120_000)
    # a tenth of what was bought of the part stands for a tenth of the line's 100,000 元
    tell(review_database, bought(1, TURNER, "3000"), bought(2, OUTSIDER, "27000"))
    with review_database.session() as session:
        cooperation.tend(session, NOW)
    assert in_place(review_database) == [(SHAFT_LINE, 50_000)]
    tell(review_database, bought(3, TURNER, "60000"))
    with review_database.session() as session:
        cooperation.tend(session, NOW)
    assert in_place(review_database) == []


def test_an_ended_cooperation_is_free_again(review_database: Database) -> None:
    agree(review_database, 60_000)
    contract(review_database, 60_000)
    step(review_database, BY_TURNER, Asked(Verb.END, "产线搬迁"))
    found = decisions(review_database)
    assert (found.approved, found.rejected) == ([], [])


@pytest.mark.parametrize("verb", [Verb.DECLINE, Verb.WITHDRAW])
def test_what_was_turned_down_cools_off_with_its_reason(review_database: Database, verb: Verb) -> None:
    step(review_database, REVIEWER, Asked(Verb.APPROVE))
    actor = BY_LEADER if verb is Verb.DECLINE else REVIEWER
    step(review_database, actor, Asked(verb, "已有供应商"))
    said = "链主已婉拒" if verb is Verb.DECLINE else "已撤回"
    expected = [Rejected(SHAFT_LINE, "S3", f"{said}：已有供应商")]
    assert decisions(review_database, TODAY + timedelta(days=29), cool_off_days=30).rejected == expected
    assert decisions(review_database, TODAY + timedelta(days=30), cool_off_days=30).rejected == []


def test_what_is_deferred_is_left_out_until_its_day(review_database: Database) -> None:
    step(review_database, REVIEWER, Asked(Verb.DEFER, "待核实", until=date(2026, 12, 1)))
    expected = [Rejected(SHAFT_LINE, "S3", "已暂缓至 2026-12-01：待核实")]
    assert decisions(review_database, date(2026, 11, 30)).rejected == expected
    assert decisions(review_database, date(2026, 12, 1)).rejected == []


def test_a_restored_pair_is_no_longer_left_out_and_the_last_reason_counts(review_database: Database) -> None:
    step(review_database, REVIEWER, Asked(Verb.REJECT, "价格偏高"))
    step(review_database, REVIEWER, Asked(Verb.RESTORE, "已澄清"))
    assert decisions(review_database).rejected == []
    step(review_database, REVIEWER, Asked(Verb.REJECT, "质量事故"))
    assert decisions(review_database).rejected == [Rejected(SHAFT_LINE, "S3", "质量事故")]


def test_what_expired_may_come_back(review_database: Database) -> None:
    with review_database.session() as session:
        service.tend(session, MADE + timedelta(days=91))
    assert stored(review_database, HOUSINGS).state == State.EXPIRED
    assert decisions(review_database) == Decisions([], [], [])
