"""For whom a session works: told to the database as each transaction begins, for row-level security to ask.

Policies compare with these settings, each of which lasts as long as the transaction:

- `app.actor`, `app.role`: who asks, for the eye of a DBA in the server's log; policies may ask for the role
- `app.reads`: `all`, or `own`: the rows of its enterprise or its clusters
- `app.writes`: `all`, `own`, or `none` for whoever only reads
- `app.enterprise`, `app.clusters`: whose rows are its own; an id, and an array of ids in PostgreSQL's text form

Nobody is said by nothing: without settings no row is seen or written. That the service itself works (a worker, the
feed, a command) is said as explicitly as that a person asks. Policies stand behind the conditions that each feature
writes into its statements, and not in their place.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, Escaping, ExecStatus, TransactionStatus
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session, SessionTransaction

from shared.security.actor import Actor, Role

Who = Callable[[], Actor | None]

SERVICE = Actor("service", Role.SERVICE)
"""The service itself."""

_WHO, _BEYOND = "acting.who", "acting.beyond"
_NAMES = ("actor", "role", "reads", "writes", "enterprise", "clusters")
_TELL = "SELECT " + ", ".join(f"set_config('app.{name}', %s, true)" for name in _NAMES)
_BEGIN = b"BEGIN; " + _TELL.encode()
_READS = "SELECT set_config('app.reads', %s, true)"
_READS_NOW = "SELECT current_setting('app.reads', true)"


def act_for(session: Session, actor: Actor) -> None:
    """Let the session work for an actor from now on, in the transaction that is open too."""
    act_for_whom(session, lambda: actor)
    if session.in_transaction():
        tell(session.connection(), actor)


def tell(connection: Connection, actor: Actor) -> None:
    """Say for whom the transaction is that is open on a connection; one that is not yet begins with it."""
    driver = _driver(connection)
    if _is_idle(driver):
        _begin(driver, settings_of(actor))
    else:
        driver.execute(_TELL, settings_of(actor))


def _is_idle(driver: Any) -> bool:
    """Whether the driver would begin a transaction with its next statement, and by no more than BEGIN."""
    special = driver.autocommit, driver.isolation_level, driver.read_only, driver.deferrable
    return driver.info.transaction_status is TransactionStatus.IDLE and special == (False, None, None, None)


def _begin(driver: Any, settings: tuple[str, ...]) -> None:
    """Begin, and say for whom: one message to the database, where the driver would send two and wait for each."""
    connection, encoding = driver.pgconn, driver.info.encoding
    escaping = Escaping(connection)
    values = tuple(bytes(escaping.escape_literal(value.encode(encoding))) for value in settings)
    try:
        result = connection.exec_(_BEGIN % values)
    except MemoryError:  # what libpq says when it could not even send
        result = None
    if result is None or connection.status != ConnStatus.OK:
        raise psycopg.OperationalError(connection.get_error_message(encoding))
    if result.status != ExecStatus.TUPLES_OK:
        raise error_from_result(result, encoding)


def act_for_whom(session: Session, who: Who) -> None:
    """Let the session work for whom a function names when a transaction begins; None is nobody."""
    session.info[_WHO] = who


def settings_of(actor: Actor) -> tuple[str, ...]:
    """What the database is told of an actor, in the order of the settings."""
    reads = "all" if actor.sees_everything else "own"
    changes = "none" if actor.changes_nothing else "own"
    writes = "all" if actor.role in (Role.REVIEWER, Role.SERVICE) and changes == "own" else changes
    clusters = "{" + ",".join(sorted(map(str, actor.cluster_ids))) + "}"
    return actor.subject, actor.role.value, reads, writes, str(actor.enterprise_id or ""), clusters


def read_beyond(session: Session) -> None:
    """Let the rest of the transaction read all rows, as a use case must that checks what it writes against others'.

    What it may write stays as it is; and nobody reads nothing.
    """
    actor = _who(session)
    if actor is not None and not actor.sees_everything:
        _driver(session.connection()).execute(_READS, ("all",))


@contextmanager
def beyond(session: Session) -> Iterator[None]:
    """Read all rows for a while: names that rows refer to, and what is kept for all askers and reduced for each."""
    actor = _who(session)
    if actor is None or actor.sees_everything or session.info.get(_BEYOND):
        yield
        return
    driver = _driver(session.connection())
    before = driver.execute(_READS_NOW).fetchone()[0]
    driver.execute(_READS, ("all",))
    session.info[_BEYOND] = True
    try:
        yield
    finally:
        del session.info[_BEYOND]
        if driver.info.transaction_status is TransactionStatus.INTRANS:
            driver.execute(_READS, (before,))


@event.listens_for(Session, "after_begin")
def _tell(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    """Say for whom a transaction is as soon as it has begun; one inside another is for the same."""
    actor = _who(session)
    if actor is not None and not transaction.nested:
        tell(connection, actor)


def _who(session: Session) -> Actor | None:
    who: Who | None = session.info.get(_WHO)
    return None if who is None else who()


def _driver(connection: Connection) -> Any:
    """The driver's own connection, inside the transaction: a statement of ours need pass no more than that."""
    return connection.connection.driver_connection
