"""An empty catalog for each example: a transaction that is rolled back, in which commits are savepoints."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from sqlmodel import Session

from deploy.embedded.postgres import EmbeddedServer
from shared.db.acting import SERVICE, act_for
from shared.db.database import Database
from tests.conftest import clone


@pytest.fixture(scope="module")
def empty_catalog(embedded_server: EmbeddedServer) -> Iterator[Callable[[], AbstractContextManager[Session]]]:
    """A function that opens a session on an empty catalog; nothing that it commits stays."""
    with clone(embedded_server, "catalog") as made:
        database = Database(made.app, pool_size=2)

        @contextmanager
        def opened() -> Iterator[Session]:
            with database.engine.connect() as connection:
                outer = connection.begin()
                with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
                    act_for(session, SERVICE)
                    yield session
                outer.rollback()

        yield opened
        database.dispose()
