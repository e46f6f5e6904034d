"""Databases with suggestions to review, for tests that need no run of the engine."""

from collections.abc import Iterator

import pytest

from deploy.embedded.postgres import EmbeddedServer
from shared.db.database import Database
from tests.conftest import clone
from tests.support import review_world


@pytest.fixture
def review_database(embedded_server: EmbeddedServer) -> Iterator[Database]:
    """A mirrored world with proposed suggestions."""
    with clone(embedded_server, "matching") as made:
        database = Database(made.app, pool_size=4)
        review_world.settle(database)
        yield database
        database.dispose()
