"""The audit's chain on a real database: what is written is sealed once and in order, what is tampered with is named."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import text
from sqlmodel import Session

from services.catalog.audit.trail import TRAIL
from services.catalog.enterprises import service as enterprises
from services.catalog.history import service as history
from services.catalog.identity.models import Account
from shared.audit import acting
from shared.audit.acting import Act
from shared.audit.sealing import seal
from shared.audit.verifying import EMPTY, Broken, Head, Whole, head, verify
from shared.db.database import Database
from tests.conftest import Clone
from tests.support.catalog_world import REVIEWER, firm

TABLES = ("audit_entry", "audit_change", "audit_seal")


def write(database: Database, serial: int, reason: str = "") -> None:
    """An entry of a request, with one change of a history."""
    with database.session() as session:
        acting.follow(session, lambda: Act("account:1", "create_enterprise", "reviewer", address="192.0.2.0/24"))
        history.sign(session, REVIEWER, reason=reason)
        enterprises.upsert_enterprises(session, REVIEWER, [firm(serial, f"第{serial}家")])
        session.commit()


def open_account(database: Database, email: str) -> None:
    """An entry of nobody who tells of itself, with one change that has no history."""
    with database.session() as session:
        session.add(Account(email=email, name="某人"))
        session.commit()


def checked(database: Database, anchor: Head | None = None) -> Whole | Broken:
    with database.session() as session:
        return verify(session, TRAIL.histories, anchor)


def seals(session: Session) -> list[tuple[int, int]]:
    found = session.execute(text("SELECT number, entry_id FROM audit_seal ORDER BY number"))
    return [(row.number, row.entry_id) for row in found]


@pytest.fixture
def five(catalog_clone: Clone) -> Iterator[tuple[Database, Clone]]:
    """Five sealed entries: four of enterprises, the third of an account."""
    database = Database(catalog_clone.app, pool_size=4)
    for serial in range(1, 6):
        open_account(database, "a@firm.example") if serial == 3 else write(database, serial, f"第 {serial} 次")
    seal(database)
    yield database, catalog_clone
    database.dispose()


@contextmanager
def behind_the_back(clone: Clone) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """The owner, past its own triggers."""
    with psycopg.connect(clone.owner, autocommit=True) as owner:
        for table in (*TABLES, "history"):
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
        yield owner


def test_a_chain_of_nothing_is_whole(catalog_database: Database) -> None:
    assert checked(catalog_database) == Whole(EMPTY, 0)
    seal(catalog_database)
    assert checked(catalog_database, EMPTY) == Whole(EMPTY, 0)


def test_entries_wait_for_their_seal_and_then_the_chain_has_a_head(five: tuple[Database, Clone]) -> None:
    database, _ = five
    found = checked(database)
    assert isinstance(found, Whole)
    assert found.head.number == 5
    assert found.waiting == 0
    write(database, 9)
    assert checked(database) == Whole(found.head, 1)
    seal(database)
    later = checked(database, found.head)
    assert isinstance(later, Whole)
    assert later.head.number == 6
    with database.session() as session:
        assert head(session) == later.head


def test_what_changed_nothing_of_note_leaves_no_entry(catalog_database: Database) -> None:
    with catalog_database.session() as session:
        acting.follow(session, lambda: Act("account:1", "sign_in"))
        session.execute(text("INSERT INTO sign_in_throttles VALUES ('x', 1, now(), now())"))
        session.commit()
    seal(catalog_database)
    assert checked(catalog_database) == Whole(EMPTY, 0)


COLUMN = {"audit_entry": "verb", "audit_change": "op", "audit_seal": "digest"}
CHANGING = ("UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("verb", [*CHANGING, "INSERT INTO {0} DEFAULT VALUES"])
def test_the_application_reads_the_audit_and_no_more(five: tuple[Database, Clone], table: str, verb: str) -> None:
    with psycopg.connect(five[1].app) as application, pytest.raises(errors.InsufficientPrivilege):
        application.execute(verb.format(table, COLUMN[table]).encode())


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("verb", CHANGING)
def test_even_the_owner_is_refused(five: tuple[Database, Clone], table: str, verb: str) -> None:
    with psycopg.connect(five[1].owner) as owner, pytest.raises(errors.RestrictViolation, match="are never changed"):
        owner.execute(verb.format(table, COLUMN[table]).encode())


_OF = "WHERE xid = (SELECT xid FROM audit_entry WHERE id = (SELECT entry_id FROM audit_seal WHERE number = {}))"
TAMPERED = [
    ("UPDATE audit_entry SET reason = '没说过' " + _OF.format(2), 2, "内容与封存时不同"),
    ("UPDATE audit_entry SET actor = 'account:2' " + _OF.format(4), 4, "内容与封存时不同"),
    ('UPDATE audit_change SET after = after || \'{"status": "suspended"}\' ' + _OF.format(3), 3, "内容与封存时不同"),
    ("UPDATE history SET actor = 'someone' " + _OF.format(1), 1, "内容与封存时不同"),
    ("DELETE FROM history " + _OF.format(2), 2, "封存时有 1 项变更，现在有 0 项"),
    ("DELETE FROM audit_change " + _OF.format(3), 3, "封存时有 1 项变更，现在有 0 项"),
    (
        "INSERT INTO history (kind, entity_id, version, op, actor, reason, at, xid) "
        "SELECT kind, entity_id, 2, 'update', actor, reason, at, xid FROM history " + _OF.format(5),
        5,
        "封存时有 1 项变更，现在有 2 项",
    ),
    ("DELETE FROM audit_entry " + _OF.format(4), 4, "记录已被删除"),
    ("UPDATE audit_seal SET hash = sha256('x') WHERE number = 2", 2, "哈希与前一条接不上"),
    ("UPDATE audit_seal SET digest = sha256('x') WHERE number = 3", 3, "内容与封存时不同"),
    ("DELETE FROM audit_seal WHERE number = 2", 2, "缺少第 2 条封存，下一条是第 3 条"),
    ("DELETE FROM audit_seal WHERE number = 1", 1, "缺少第 1 条封存，下一条是第 2 条"),
]


@pytest.mark.parametrize(("statement", "number", "what"), TAMPERED)
def test_the_first_broken_entry_is_named(five: tuple[Database, Clone], statement: str, number: int, what: str) -> None:
    database, clone = five
    with behind_the_back(clone) as owner:
        owner.execute(statement.encode())
    found = checked(database)
    assert isinstance(found, Broken)
    assert (found.number, found.what) == (number, what)
    assert str(found).startswith(f"第 {number} 条（记录编号 ")


def test_a_tail_that_was_cut_off_is_told_by_an_anchor(five: tuple[Database, Clone]) -> None:
    database, clone = five
    whole = checked(database)
    assert isinstance(whole, Whole)
    with behind_the_back(clone) as owner:
        owner.execute(("DELETE FROM history " + _OF.format(5)).encode())
        owner.execute(("DELETE FROM audit_entry " + _OF.format(5)).encode())
        owner.execute("DELETE FROM audit_seal WHERE number = 5")
    assert isinstance(checked(database), Whole)
    found = checked(database, whole.head)
    assert isinstance(found, Broken)
    assert found.what == "锚点是第 5 条，而现在只有 4 条：链的末尾被截去"


def test_a_chain_that_was_written_anew_is_told_by_an_anchor(five: tuple[Database, Clone]) -> None:
    database, clone = five
    whole = checked(database)
    assert isinstance(whole, Whole)
    with behind_the_back(clone) as owner:
        owner.execute(("UPDATE audit_entry SET reason = '没说过' " + _OF.format(2)).encode())
        owner.execute("DELETE FROM audit_seal")
    seal(database)
    assert isinstance(checked(database), Whole)
    found = checked(database, whole.head)
    assert isinstance(found, Broken)
    assert (found.number, found.what) == (5, "哈希与锚点不同，锚点之前的记录被改写过")


def test_an_entry_that_slipped_in_behind_the_seals_is_named(five: tuple[Database, Clone]) -> None:
    database, clone = five
    with behind_the_back(clone) as owner:
        owner.execute(
            "INSERT INTO audit_entry (xid, at, actor, verb) SELECT '3', at - interval '1 s', actor, verb "
            "FROM audit_entry ORDER BY id LIMIT 1"
        )
    found = checked(database)
    assert isinstance(found, Broken)
    assert str(found).startswith("未封存的记录（记录编号 ")
    assert found.what == "早已过了封存的时候，却没有封存"


def test_a_change_without_entry_is_named(five: tuple[Database, Clone]) -> None:
    database, clone = five
    with behind_the_back(clone) as owner:
        owner.execute(
            "INSERT INTO history (kind, entity_id, version, op, actor, reason, at, xid) "
            "SELECT kind, entity_id, 2, 'update', actor, reason, at, '3' FROM history ORDER BY id LIMIT 1"
        )
    found = checked(database)
    assert isinstance(found, Broken)
    assert found.what.startswith("history 中编号为 ")
    assert found.what.endswith(" 的变更不属于任何记录")


def test_a_writer_that_is_not_done_holds_up_nobody_and_is_not_missed(catalog_database: Database) -> None:
    with catalog_database.session() as slow:
        slow.add(Account(email="slow@firm.example", name="慢"))
        slow.flush()
        open_account(catalog_database, "quick@firm.example")
        since = seal(catalog_database)
        with catalog_database.session() as session:
            assert head(session).number == 1
        slow.commit()
    seal(catalog_database, since)
    found = checked(catalog_database)
    assert isinstance(found, Whole)
    assert (found.head.number, found.waiting) == (2, 0)


def test_writers_and_sealers_at_the_same_time_leave_each_entry_with_one_seal(catalog_database: Database) -> None:
    def work(first: int) -> None:
        since = "0"
        for number in range(first, first + 20):
            open_account(catalog_database, f"{number}@firm.example")
            since = seal(catalog_database, since)

    threads = [threading.Thread(target=work, args=(100 * each,)) for each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal(catalog_database)
    found = checked(catalog_database)
    assert isinstance(found, Whole)
    assert (found.head.number, found.waiting) == (80, 0)
    with catalog_database.session() as session:
        assert len({entry for _, entry in seals(session)}) == 80


def test_after_a_restore_transactions_count_anew_and_none_is_missed(five: tuple[Database, Clone]) -> None:
    database, _ = five
    write(database, 7)
    seal(database, since=str(2**60))
    found = checked(database)
    assert isinstance(found, Whole)
    assert (found.head.number, found.waiting) == (6, 0)


def test_an_anchor_is_read_as_it_is_printed() -> None:
    assert Head.parse(f" {EMPTY}\n") == EMPTY
    with pytest.raises(ValueError, match="锚点应为“序号:哈希”，即 audit head 打印的一行。"):
        Head.parse("5:abc")
