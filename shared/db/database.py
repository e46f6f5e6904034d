"""One database of one service: the engine and its sessions."""

import select
import time
from typing import Any, TypeVar

import orjson
import psycopg
from psycopg.pq import ExecStatus
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlmodel import Session

from shared.db.acting import SERVICE, Who, act_for, act_for_whom
from shared.security.actor import Actor

S = TypeVar("S", bound=Session)

#: Sync endpoints run in a pool of 40 threads (anyio's default): a smaller pool would let them wait for each other.
THREADS = 40
#: Seconds after which a connection that nobody used is asked whether it still holds.
_RESTED = 30.0
_SINCE = "since"


def driver_url(url: str) -> URL:
    """The URL with the driver that we use, whichever way a DBA wrote the scheme."""
    return make_url(url).set(drivername="postgresql+psycopg")


def libpq_url(url: str) -> str:
    """The URL as libpq, psql and procrastinate read it: no driver in the scheme."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


class Database:
    """The connections of one process to one service's database."""

    def __init__(self, url: str, *, pool_size: int = THREADS, statement_seconds: int = 0) -> None:
        """`statement_seconds`: when the server gives a statement up; 0: never."""
        patience = {"options": f"-c statement_timeout={statement_seconds}s"} if statement_seconds else {}
        self.engine: Engine = create_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=15,
            # what a statement was given is for nobody's log
            hide_parameters=True,
            # a page of 50 rows with two JSON columns each is a hundred texts to read
            json_deserializer=orjson.loads,
            connect_args={"connect_timeout": 10, **patience},
        )

        event.listen(self.engine, "checkin", _rest)
        event.listen(self.engine, "checkout", _require_life)

    def session(self, actor: Actor = SERVICE) -> Session:
        """A session for one use case, which commits explicitly; leaving it without a commit rolls back.

        It works for the service itself (workers, commands), unless it is said for whom else (`shared.db.acting`).
        """
        session = Session(self.engine, expire_on_commit=False)
        act_for(session, actor)
        return session

    def session_of(self, kind: type[S], who: Who) -> S:
        """A session of a kind of its own, for whom the function names when a transaction begins."""
        session = kind(self.engine, expire_on_commit=False)
        act_for_whom(session, who)
        return session

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _rest(_: Any, record: Any) -> None:
    """A connection comes back to the pool."""
    record.info[_SINCE] = time.monotonic()


def _require_life(driver: Any, record: Any, _: Any) -> None:
    """Refuse a connection that its server has ended, and with it all that are as old.

    A restarted server so costs one reconnect, not one failed request per pooled connection. Asking each time would
    cost every request a round trip: what a server says unasked, were it only that it is gone, can be seen here. One
    that rested is asked, for a wall between us may have dropped it without a word.
    """
    since = record.info.get(_SINCE)
    if since is not None and (time.monotonic() - since > _RESTED or _says_something(driver)) and not _answers(driver):
        raise InvalidatePoolError


def _says_something(driver: Any) -> bool:
    poll = select.poll()
    poll.register(driver.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _answers(driver: Any) -> bool:
    try:
        return bool(driver.pgconn.exec_(b"").status == ExecStatus.EMPTY_QUERY)
    except (psycopg.Error, MemoryError):
        return False
