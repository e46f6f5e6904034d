"""Every change of every tracked row is in the history, whoever wrote it and however; rows come back as they were."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import select, text
from sqlmodel import Session

from services.catalog.enterprises import service as enterprises
from services.catalog.enterprises.rules import Trust
from services.catalog.enterprises.schemas import CertificateWrite
from services.catalog.history import retiring, service
from services.catalog.history.models import HistoryEntry
from services.catalog.history.reversal import put_back, remove
from services.catalog.kinds import KINDS
from services.catalog.products import service as products
from services.catalog.products.schemas import BomLineWrite, ProductWrite
from services.catalog.writing import service as writing
from shared.db.upserts import sql_table
from shared.http.problems import Problem
from tests.conftest import Clone
from tests.support.catalog_world import REVIEWER, World, firm

Events = Callable[[], list[dict[str, Any]]]
_HISTORY = sql_table(HistoryEntry)


def entries(session: Session, id: UUID) -> list[Any]:
    """A row's entries, oldest first."""
    return list(session.execute(select(_HISTORY).where(_HISTORY.c.entity_id == id).order_by(_HISTORY.c.id)))


def steps(session: Session, kind: str, id: UUID) -> list[dict[str, Any]]:
    """A row's history as its route tells it, latest first."""
    return list(retiring.page(session, REVIEWER, KINDS[kind], id, None, 100).items)


def row_of(session: Session, kind: str, key: str, value: str) -> dict[str, Any]:
    """The one row of a kind with a value."""
    table = KINDS[kind].table
    return dict(session.execute(select(table).where(table.c[key] == value)).mappings().one())


def test_every_kind_is_tracked_and_told_by_its_own_name(catalog_clone: Clone) -> None:
    with psycopg.connect(catalog_clone.owner) as connection:
        rows = connection.execute(
            "SELECT tgrelid::regclass::text, encode(tgargs, 'escape'), count(*) FROM pg_trigger"
            " WHERE tgname LIKE 'keep_history_of_%' GROUP BY 1, 2"
        ).fetchall()
    found = {str(table): (str(name).removesuffix("\\000"), count) for table, name, count in rows}
    assert {kind.table.name: (kind.name, 3) for kind in KINDS.values()}.items() <= found.items()


def test_a_change_tells_who_when_what_and_why(session: Session) -> None:
    (made,) = enterprises.upsert_enterprises(session, REVIEWER, [firm(1, "甲")])
    session.commit()
    import_id = uuid4()
    service.sign(session, REVIEWER, reason="更名", import_id=import_id)
    enterprises.upsert_enterprises(session, REVIEWER, [firm(1, "甲新").model_copy(update={"staff": 130})])
    session.commit()
    latest, first = steps(session, "enterprise", made.id)
    assert (first["op"], first["version"], first["reason"], first["import_id"]) == ("insert", 1, "", None)
    told = {change["field"]: change["after"] for change in first["changes"]}
    assert (told["name"], str(told["revenue_wan"]), told["staff"]) == ("甲（虚构）", "5000.00", 120)
    assert (latest["op"], latest["version"], latest["actor"], latest["reason"]) == ("update", 2, "reviewer", "更名")
    assert latest["import_id"] == import_id
    assert latest["changes"] == [
        {"field": "name", "before": "甲（虚构）", "after": "甲新（虚构）"},
        {"field": "staff", "before": 120, "after": 130},
    ]


def test_what_is_signed_ends_with_the_transaction(session: Session) -> None:
    service.sign(session, REVIEWER, reason="试算", import_id=uuid4())
    session.rollback()
    (made,) = enterprises.upsert_enterprises(session, REVIEWER, [firm(1, "甲")])
    session.commit()
    (entry,) = entries(session, made.id)
    assert (entry.actor, entry.reason, entry.import_id) == ("reviewer", "", None)


def test_who_writes_past_the_use_cases_is_named_by_its_database_role(session: Session) -> None:
    (made,) = enterprises.upsert_enterprises(session, REVIEWER, [firm(1, "甲")])
    session.commit()
    session.execute(text("UPDATE enterprises SET name = 'x', version = version + 1"))
    session.commit()
    assert entries(session, made.id)[-1].actor == "catalog_app"


def test_a_rolled_back_change_leaves_no_entry(session: Session) -> None:
    (made,) = enterprises.upsert_enterprises(session, REVIEWER, [firm(1, "甲")])
    session.rollback()
    assert entries(session, made.id) == []


@pytest.mark.parametrize(
    "statement", ["UPDATE history SET actor = 'x'", "DELETE FROM history", "INSERT INTO history DEFAULT VALUES"]
)
def test_the_application_cannot_rewrite_history(session: Session, statement: str) -> None:
    with pytest.raises(Exception, match="permission denied for table history"):
        session.execute(text(statement))


@pytest.mark.usefixtures("world")
def test_a_deleted_row_is_told_and_comes_back_as_it_was(session: Session, news: Events) -> None:
    before = row_of(session, "certificate", "number", "Q-near")
    news()
    retiring.retire(session, REVIEWER, KINDS["certificate"], before["id"], before["version"], "重复登记")
    (gone,) = news()
    assert (gone["op"], gone["id"], gone["version"], gone["data"]) == ("delete", before["id"], 2, None)
    back = writing.restore(session, REVIEWER, KINDS["certificate"], before["id"], "删错了")
    (told,) = news()
    assert (told["op"], told["version"], told["data"]["number"]) == ("upsert", 3, "Q-near")
    kept = ("id", "scheme", "number", "valid_until", "trust", "sites", "created_at")
    assert {name: back[name] for name in kept} == {name: before[name] for name in kept}
    assert [(step["op"], step["reason"]) for step in steps(session, "certificate", before["id"])] == [
        ("insert", "删错了"),
        ("delete", "重复登记"),
        ("insert", ""),
    ]


def test_a_firm_brings_back_what_it_deleted_and_not_what_a_reviewer_did(session: Session, world: World) -> None:
    kind, holder = KINDS["certificate"], world.supplier("near")
    row = row_of(session, "certificate", "number", "Q-near")
    retiring.retire(session, REVIEWER, kind, row["id"], row["version"], "证书系伪造")
    with pytest.raises(Problem) as raised:
        writing.restore(session, holder, kind, row["id"], "请恢复")
    session.rollback()
    assert (raised.value.status, raised.value.detail) == (403, "这条资质证书由他人删除，只有审核员可以恢复。")
    back = writing.restore(session, REVIEWER, kind, row["id"], "经核实无误")
    retiring.retire(session, holder, kind, row["id"], back["version"], "误删")
    assert writing.restore(session, holder, kind, row["id"], "误删")["trust"] == row["trust"]


@pytest.mark.usefixtures("world")
def test_a_row_older_than_a_column_comes_back_with_its_default(session: Session, catalog_owner_url: str) -> None:
    row = row_of(session, "certificate", "number", "Q-near")
    retiring.retire(session, REVIEWER, KINDS["certificate"], row["id"], row["version"], "")
    with psycopg.connect(catalog_owner_url) as owner:
        owner.execute("UPDATE history SET before = before - 'sites' - 'suspended_on'")
    back = writing.restore(session, REVIEWER, KINDS["certificate"], row["id"], "？")
    assert (back["sites"], back["suspended_on"]) == ([], None)


@pytest.mark.usefixtures("world")
def test_what_others_refer_to_is_not_deleted(session: Session) -> None:
    product = row_of(session, "product", "code", "A-1")
    with pytest.raises(Problem) as raised:
        retiring.retire(session, REVIEWER, KINDS["product"], product["id"], product["version"], "")
    assert (raised.value.status, raised.value.kind) == (409, "referred-to")
    assert raised.value.title == "主导产品仍被引用"
    assert "物料清单行" in raised.value.detail or "配套需求" in raised.value.detail


@pytest.mark.usefixtures("world")
def test_what_has_been_registered_anew_is_not_brought_back(session: Session) -> None:
    row = row_of(session, "certificate", "number", "Q-near")
    retiring.retire(session, REVIEWER, KINDS["certificate"], row["id"], row["version"], "")
    again = CertificateWrite(
        enterprise_id=row["enterprise_id"],
        scheme="ISO 9001",
        number="Q-near",
        valid_until=date(2029, 1, 1),
        trust=Trust.VERIFIED,
    )
    enterprises.upsert_certificates(session, REVIEWER, [again])
    session.commit()
    with pytest.raises(Problem) as raised:
        writing.restore(session, REVIEWER, KINDS["certificate"], row["id"], "？")
    assert (raised.value.status, raised.value.kind, raised.value.title) == (409, "replaced", "已有同一资质证书")


@pytest.mark.usefixtures("world")
def test_what_is_not_deleted_is_not_brought_back(session: Session) -> None:
    row = row_of(session, "certificate", "number", "Q-near")
    with pytest.raises(Problem) as raised:
        writing.restore(session, REVIEWER, KINDS["certificate"], row["id"], "？")
    assert (raised.value.status, raised.value.title) == (409, "资质证书没有被删除")
    with pytest.raises(Problem) as unknown:
        writing.restore(session, REVIEWER, KINDS["certificate"], uuid4(), "？")
    assert unknown.value.status == 404


@pytest.mark.usefixtures("world")
def test_a_line_that_goes_takes_its_quantity_with_it_and_brings_it_back(session: Session) -> None:
    def asked() -> str:
        return str(row_of(session, "need", "part_code", "VALVE")["annual_quantity"])

    line = session.execute(
        select(KINDS["bom_lines"].table).where(
            KINDS["bom_lines"].table.c.part_code == "VALVE", KINDS["bom_lines"].table.c.parent == ""
        )
    ).one()
    assert asked() == "80.000"
    retiring.retire(session, REVIEWER, KINDS["bom_lines"], line.id, line.version, "")
    assert asked() == "70.000"
    writing.restore(session, REVIEWER, KINDS["bom_lines"], line.id, "？")
    assert asked() == "80.000"


@pytest.mark.usefixtures("world")
def test_many_rows_are_put_back_and_taken_out_at_once(session: Session, news: Events) -> None:
    ids = [each.id for each in enterprises.upsert_enterprises(session, REVIEWER, [firm(60, "己"), firm(61, "庚")])]
    session.commit()
    enterprises.upsert_enterprises(session, REVIEWER, [firm(60, "己新"), firm(61, "庚新")])
    session.commit()
    news()
    kind = KINDS["enterprise"]
    changed = [entries(session, id)[-1].id for id in ids]
    rows = put_back(session, kind, changed)
    assert sorted(row["name"] for row in rows) == ["己（虚构）", "庚（虚构）"]
    assert {row["version"] for row in rows} == {3}
    remove(session, kind, rows)
    told = news()
    assert [event["op"] for event in told] == ["upsert", "upsert", "delete", "delete"]
    assert {event["version"] for event in told[2:]} == {4}


def test_each_row_of_a_bulk_write_has_its_entry(session: Session, world: World) -> None:
    ship = world.products["A-1"]
    lines = [BomLineWrite(product_id=ship, part_code=f"P{each}", part_name="件") for each in range(500)]
    products.upsert_bom_lines(session, REVIEWER, lines)
    session.commit()
    found = session.execute(select(_HISTORY.c.version, _HISTORY.c.op).where(_HISTORY.c.kind == "bom_lines")).all()
    assert len(found) == 504
    assert set(found) == {(1, "insert")}


def test_a_product_does_not_come_back_into_a_cluster_that_its_leader_has_left(session: Session, world: World) -> None:
    kind, leader, membership = KINDS["product"], world.leader("A"), KINDS["cluster_members"]
    (made,) = products.upsert_products(
        session,
        leader,
        [ProductWrite(code="A-2", name="拖船", leader_id=leader.enterprise_id, cluster_id=world.clusters["ships"])],
    )
    session.commit()
    retiring.retire(session, leader, kind, made.id, 1, "误删")
    (row,) = session.execute(
        select(membership.table).where(membership.table.c.enterprise_id == leader.enterprise_id)
    ).mappings()
    retiring.retire(session, REVIEWER, membership, row["id"], row["version"], "迁出集群")
    with pytest.raises(Problem) as raised:
        writing.restore(session, leader, kind, made.id, "恢复")
    session.rollback()
    assert (raised.value.status, raised.value.detail) == (
        403,
        "产品 A-2 所填的集群，本企业不是其成员；请联系审核员。",
    )
    assert writing.restore(session, REVIEWER, kind, made.id, "经核实")["version"] == 3


WORN = [
    ("certificate", "number", "Q-near", "scheme", "ISO 1", 422, "/scheme"),
    ("capability", "code", "C-1", "capacity_unit", None, 422, None),
    ("need", "part_code", "PAINT", "unit", "担子", 422, "/unit"),
]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(("name", "key", "value", "field", "now", "status", "pointer"), WORN)
def test_what_could_not_be_created_today_does_not_come_back(
    session: Session,
    catalog_owner_url: str,
    name: str,
    key: str,
    value: str,
    field: str,
    now: str | None,
    status: int,
    pointer: str | None,
) -> None:
    table = KINDS[name].table
    row = dict(session.execute(select(table).where(table.c[key] == value)).mappings().first() or {})
    retiring.retire(session, REVIEWER, KINDS[name], row["id"], row["version"], "")
    with psycopg.connect(catalog_owner_url) as owner:
        owner.execute("UPDATE history SET before = before || %s::jsonb WHERE op = 'delete'", [json.dumps({field: now})])
    with pytest.raises(Problem) as raised:
        writing.restore(session, REVIEWER, KINDS[name], row["id"], "？")
    session.rollback()
    assert (raised.value.status, [error.pointer for error in raised.value.errors]) == (
        status,
        [pointer] * bool(pointer),
    )
    assert session.execute(select(table).where(table.c.id == row["id"])).first() is None
