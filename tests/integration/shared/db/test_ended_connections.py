"""A connection that its server has ended is noticed before a request gets it, and so are all others as old."""

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.db.acting import tell
from shared.db.database import Database
from tests.support.catalog_world import REVIEWER
from tests.support.queries import recorded

_PID = text("SELECT pg_backend_pid()")
_END = text("SELECT pg_terminate_backend(:pid, 5000)")


def pid(database: Database) -> int:
    with database.session() as session:
        return int(session.execute(_PID).scalar_one())


def end(database: Database, *pids: int) -> None:
    """End connections by one of their own role, as a server does that is restarted."""
    ending = Database(database.engine.url.render_as_string(hide_password=False), pool_size=1)
    with ending.session() as session:
        assert all(session.execute(_END, {"pid": each}).scalar_one() for each in pids)
    ending.dispose()


def test_an_ended_connection_costs_no_request(catalog_database: Database) -> None:
    with catalog_database.session() as first, catalog_database.session() as second:
        pids = [int(session.execute(_PID).scalar_one()) for session in (first, second)]
    end(catalog_database, *pids)
    assert pid(catalog_database) not in pids
    assert pid(catalog_database) not in pids


def test_a_connection_that_holds_is_used_again_and_asked_nothing(catalog_database: Database) -> None:
    before = pid(catalog_database)
    with recorded(catalog_database.engine) as sent:
        assert pid(catalog_database) == before
    assert sent.total == 1


def test_a_connection_that_ends_within_a_transaction_fails_that_and_no_other(catalog_database: Database) -> None:
    with catalog_database.session(REVIEWER) as session:
        (ended,) = session.execute(_PID).one()
        end(catalog_database, ended)
        with pytest.raises(DBAPIError):
            session.execute(_PID)
    assert pid(catalog_database) != ended


def test_a_connection_that_ends_as_a_transaction_begins_is_said_by_the_drivers_error(
    catalog_database: Database,
) -> None:
    with catalog_database.engine.connect() as connection:
        (ended,) = connection.execute(_PID).one()
        connection.rollback()
        end(catalog_database, ended)
        with pytest.raises(psycopg.OperationalError):
            tell(connection, REVIEWER)
    assert pid(catalog_database) != ended
