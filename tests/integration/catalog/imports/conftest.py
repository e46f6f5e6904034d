"""Importing files made in a test into a fresh catalog.

One database serves all tests of this folder: each runs inside a transaction that is rolled back, in which the commits
of the code under test are savepoints.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlmodel import Session

from deploy.embedded.postgres import EmbeddedServer
from services.catalog.imports import service
from services.catalog.imports.schemas import ImportReport
from shared.db.acting import SERVICE, act_for
from shared.db.database import Database
from shared.security.actor import Actor, Role
from tests.conftest import clone
from tests.spreadsheets import Sheets, xlsx

REVIEWER = Actor("reviewer", Role.REVIEWER)

Take = Callable[..., ImportReport]


@pytest.fixture(scope="module")
def module_database(embedded_server: EmbeddedServer) -> Iterator[Database]:
    """A catalog that stays empty: whoever writes to it rolls back."""
    with clone(embedded_server, "catalog") as made:
        database = Database(made.app, pool_size=2)
        yield database
        database.dispose()


@pytest.fixture
def session(module_database: Database) -> Iterator[Session]:
    """A session on the empty catalog; nothing that it commits stays."""
    with module_database.engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as opened:
            act_for(opened, SERVICE)
            yield opened
        outer.rollback()


@pytest.fixture
def take(session: Session) -> Take:
    """A function that imports sheets (or a file's bytes) and returns the report."""

    def import_sheets(content: Sheets | bytes, filename: str = "数据.xlsx", **options: Any) -> ImportReport:
        made = content if isinstance(content, bytes) else xlsx(content)
        return service.import_file(session, options.pop("actor", REVIEWER), filename, made, **options)

    return import_sheets
