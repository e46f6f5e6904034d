"""Enterprises and certificates in bulk: created, changed, unchanged; versions; the outbox in the same transaction."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import Session, col

from services.catalog.enterprises import service
from services.catalog.enterprises.models import Certificate, Enterprise
from services.catalog.enterprises.rules import Trust
from services.catalog.enterprises.schemas import CertificateWrite, EnterpriseWrite
from services.catalog.feed import service as feed
from shared.codes.credit_code import make
from shared.db.database import Database
from shared.db.upserts import Change
from shared.http.problems import Problem
from shared.security.actor import Actor
from tests.support.catalog_world import REVIEWER, World, firm
from tests.support.queries import recorded

Events = Callable[[], list[dict[str, Any]]]


def changes(outcomes: list[Any]) -> list[Change]:
    return [outcome.change for outcome in outcomes]


def test_new_rows_are_created_and_told_once(session: Session, news: Events) -> None:
    outcomes = service.upsert_enterprises(session, REVIEWER, [firm(1, "甲"), firm(2, "乙")])
    assert changes(outcomes) == [Change.CREATED, Change.CREATED]
    told = news()
    assert [(event["id"], event["version"]) for event in told] == [(outcome.id, 1) for outcome in outcomes]
    assert told[0]["data"]["status"] == "submitted"


def test_the_same_rows_again_change_nothing_and_tell_nothing(session: Session, news: Events) -> None:
    first = service.upsert_enterprises(session, REVIEWER, [firm(1, "甲")])
    news()
    again = service.upsert_enterprises(session, REVIEWER, [firm(1, "甲")])
    assert changes(again) == [Change.UNCHANGED]
    assert again[0].id == first[0].id
    assert news() == []


def test_a_change_names_its_fields_and_raises_the_version(session: Session, news: Events) -> None:
    service.upsert_enterprises(session, REVIEWER, [firm(1, "甲")])
    news()
    (outcome,) = service.upsert_enterprises(
        session, REVIEWER, [firm(1, "甲").model_copy(update={"revenue_wan": Decimal(299)})]
    )
    assert (outcome.change, set(outcome.changed_fields)) == (Change.CHANGED, {"revenue_wan", "size"})
    (event,) = news()
    assert (event["version"], event["data"]["revenue_wan"], event["data"]["size"]) == (2, "299.00", "micro")


def test_a_field_that_is_not_given_stays_as_it_is(session: Session) -> None:
    service.upsert_enterprises(session, REVIEWER, [firm(1, "甲")])
    partial = EnterpriseWrite(credit_code=make(1), name="甲（虚构）", short_name="甲")
    (outcome,) = service.upsert_enterprises(session, REVIEWER, [partial])
    assert outcome.changed_fields == ("short_name",)
    assert session.execute(select(Enterprise.region, Enterprise.staff)).one() == ("370200", 120)  # type: ignore[call-overload]


def test_a_key_that_is_given_as_nothing_stays(session: Session) -> None:
    both = firm(1, "甲").model_copy(update={"source_key": "list:1"})
    service.upsert_enterprises(session, REVIEWER, [EnterpriseWrite.model_validate(both.model_dump())])
    blank = EnterpriseWrite(credit_code=None, source_key="list:1", name=both.name)
    assert changes(service.upsert_enterprises(session, REVIEWER, [blank])) == [Change.UNCHANGED]
    assert session.execute(select(Enterprise.credit_code)).scalar_one() == make(1)  # type: ignore[call-overload]


def test_who_may_say_how_far_a_certificate_was_checked(session: Session, world: World) -> None:
    near = world.enterprises["near"]

    def write(actor: Actor, **fields: Any) -> str:
        row = CertificateWrite(
            **{"enterprise_id": near, "scheme": "ISO 9001", "number": "Q-1", "valid_until": date(2027, 1, 1), **fields}
        )
        service.upsert_certificates(session, actor, [row])
        found = select(Certificate.trust).where(col(Certificate.number) == "Q-1")
        return str(session.execute(found).scalar_one())

    holder = world.supplier("near")
    assert write(holder, trust=Trust.VERIFIED) == "self_declared"
    assert write(REVIEWER, trust=Trust.VERIFIED) == "verified"
    assert write(holder, trust=Trust.SELF_DECLARED) == "verified"
    assert write(holder, valid_until=date(2030, 1, 1)) == "self_declared"


def test_a_name_that_is_given_as_nothing_is_removed(session: Session) -> None:
    service.upsert_enterprises(session, REVIEWER, [firm(1, "甲")])
    cleared = firm(1, "甲").model_copy(update={"region": None})
    assert service.upsert_enterprises(session, REVIEWER, [cleared])[0].changed_fields == ("region",)


def test_a_credit_code_joins_the_enterprise_that_only_its_source_knew(session: Session) -> None:
    keyed = EnterpriseWrite(source_key="list:1", name="甲（虚构）", is_supplier=True)
    (first,) = service.upsert_enterprises(session, REVIEWER, [keyed])
    (second,) = service.upsert_enterprises(session, REVIEWER, [keyed.model_copy(update={"credit_code": make(1)})])
    assert (second.id, second.changed_fields) == (first.id, ("credit_code",))
    assert service.by_keys(session, [make(1), "list:1", "nobody"]) == {make(1): first.id, "list:1": first.id}


def test_one_row_that_means_two_enterprises_is_a_conflict(session: Session) -> None:
    keyed = EnterpriseWrite(source_key="list:1", name="甲（虚构）", is_supplier=True)
    service.upsert_enterprises(session, REVIEWER, [keyed, firm(1, "乙")])
    with pytest.raises(Problem) as raised:
        service.upsert_enterprises(session, REVIEWER, [keyed.model_copy(update={"credit_code": make(1)})])
    assert raised.value.status == 409


def test_two_rows_that_mean_one_enterprise_are_a_conflict(session: Session) -> None:
    with pytest.raises(Problem) as raised:
        service.upsert_enterprises(session, REVIEWER, [firm(1, "甲"), firm(1, "乙")])
    assert raised.value.status == 409


def test_rolled_back_rows_leave_no_event(session: Session, news: Events) -> None:
    service.upsert_enterprises(session, REVIEWER, [firm(1, "甲")])
    session.rollback()
    assert news() == []
    assert session.execute(select(func.count()).select_from(Enterprise)).scalar_one() == 0


def test_a_batch_takes_few_queries_whatever_its_size(session: Session, catalog_database: Database) -> None:
    feed.take_turn(session)
    with recorded(catalog_database.engine) as small:
        service.upsert_enterprises(session, REVIEWER, [firm(serial, "甲") for serial in range(5)])
    with recorded(catalog_database.engine) as large:
        service.upsert_enterprises(session, REVIEWER, [firm(serial, "甲") for serial in range(100, 900)])
    assert small.total <= 5
    assert large.total <= small.total + 4


def test_certificates_are_known_by_scheme_and_number(session: Session, world: World, news: Events) -> None:
    news()
    given = CertificateWrite(
        enterprise_id=world.enterprises["near"], scheme="ISO 9001", number="Q-near", valid_until=date(2028, 1, 1)
    )
    (renewed,) = service.upsert_certificates(session, REVIEWER, [given])
    assert (renewed.change, renewed.changed_fields) == (Change.CHANGED, ("valid_until",))
    assert [event["kind"] for event in news()] == ["certificate"]


@pytest.mark.parametrize("name", ["far", "A"])
def test_a_supplier_writes_only_its_own_certificates(session: Session, world: World, name: str) -> None:
    given = CertificateWrite(
        enterprise_id=world.enterprises[name], scheme="ISO 9001", number="1", valid_until=date(2028, 1, 1)
    )
    with pytest.raises(Problem) as raised:
        service.upsert_certificates(session, world.supplier("near"), [given])
    assert raised.value.status == 403


def test_only_a_reviewer_writes_enterprises(session: Session, world: World) -> None:
    with pytest.raises(Problem) as raised:
        service.upsert_enterprises(session, world.leader("A"), [firm(1, "甲")])
    assert raised.value.status == 403
