"""One database of one service: the engine and its sessions."""

from typing import TypeVar

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL, make_url
from sqlmodel import Session

S = TypeVar("S", bound=Session)

#: Sync endpoints run in a pool of 40 threads (anyio's default): a smaller pool would let them wait for each other.
THREADS = 40


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
        # pre-ping: a restarted server costs one reconnect, not one failed request per pooled connection
        self.engine: Engine = create_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_pre_ping=True,
            pool_timeout=15,
            # what a statement was given is for nobody's log
            hide_parameters=True,
            connect_args={"connect_timeout": 10, **patience},
        )

    def session(self) -> Session:
        """A session for one use case, which commits explicitly; leaving it without a commit rolls back."""
        return self.session_of(Session)

    def session_of(self, kind: type[S]) -> S:
        """A session of a kind of its own."""
        return kind(self.engine, expire_on_commit=False)

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()
