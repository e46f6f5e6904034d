"""One database of one service: the engine and its sessions."""

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL, make_url
from sqlmodel import Session

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

    def __init__(self, url: str, *, pool_size: int = THREADS) -> None:
        # pre-ping: a restarted server costs one reconnect, not one failed request per pooled connection
        self.engine: Engine = create_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_pre_ping=True,
            pool_timeout=15,
            connect_args={"connect_timeout": 10},
        )

    def session(self) -> Session:
        """A session for one use case, which commits explicitly; leaving it without a commit rolls back."""
        return Session(self.engine, expire_on_commit=False)

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()
