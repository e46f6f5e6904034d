"""Sessions tell the database for whom they work, in each transaction, and say nothing where it is nobody."""

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session

from shared.db.acting import act_for, beyond, read_beyond
from shared.db.database import Database
from shared.security.actor import Access, Actor, Role

FIRM, CLUSTER = UUID(int=7), UUID(int=9)
LEADER = Actor("l", Role.CHAIN_LEADER, FIRM)


def said(session: Session, *names: str) -> tuple[str | None, ...]:
    return tuple(session.execute(text(f"select current_setting('app.{name}', true)")).scalar_one() for name in names)


@pytest.mark.parametrize(
    ("actor", "reads", "writes", "enterprise", "clusters"),
    [
        (Actor("r", Role.REVIEWER), "all", "all", "", "{}"),
        (Actor("a", Role.AUDITOR), "all", "none", "", "{}"),
        (LEADER, "own", "own", str(FIRM), "{}"),
        (Actor("s", Role.SUPPLIER, FIRM, access=Access.READ), "own", "none", str(FIRM), "{}"),
        (Actor("c", Role.CLUSTER_ORGANISATION, None, frozenset({CLUSTER})), "own", "own", "", f"{{{CLUSTER}}}"),
    ],
)
def test_the_database_is_told_for_whom(
    catalog_database: Database, actor: Actor, reads: str, writes: str, enterprise: str, clusters: str
) -> None:
    with catalog_database.session(actor) as session:
        for _ in range(2):
            found = said(session, "actor", "role", "reads", "writes", "enterprise", "clusters")
            assert found == (actor.subject, actor.role, reads, writes, enterprise, clusters)
            session.commit()


def test_the_service_itself_is_said_explicitly(catalog_database: Database) -> None:
    with catalog_database.session() as session:
        assert said(session, "role", "reads", "writes") == ("service", "all", "all")


def test_nobody_is_said_by_nothing_even_on_a_connection_of_somebody_else(catalog_database: Database) -> None:
    with catalog_database.session() as session:
        assert said(session, "reads") == ("all",)
    with catalog_database.session_of(Session, lambda: None) as session:
        assert not said(session, "reads")[0]


def test_a_session_may_look_beyond_for_a_while_or_for_its_transaction(catalog_database: Database) -> None:
    with catalog_database.session(LEADER) as session:
        with beyond(session):
            assert said(session, "reads", "writes", "enterprise") == ("all", "own", str(FIRM))
        assert said(session, "reads") == ("own",)
        read_beyond(session)
        assert said(session, "reads", "writes") == ("all", "own")
        session.commit()
        assert said(session, "reads") == ("own",)


def test_a_fault_while_looking_beyond_is_told_as_it_is(catalog_database: Database) -> None:
    with catalog_database.session(LEADER) as session:
        with pytest.raises(ZeroDivisionError), beyond(session):
            session.execute(text("select 1"))
            raise ZeroDivisionError
        assert said(session, "reads") == ("own",)


def test_a_savepoint_is_for_the_same_and_a_session_may_change_hands(catalog_database: Database) -> None:
    with catalog_database.session(LEADER) as session:
        read_beyond(session)
        with session.begin_nested():
            assert said(session, "reads") == ("all",)
        act_for(session, Actor("r", Role.REVIEWER))
        assert said(session, "role", "writes") == ("reviewer", "all")
