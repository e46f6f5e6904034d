"""`make run` over a small world: what several tests look at from outside."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.embedded.postgres import EmbeddedServer
from deploy.embedded.stack import Stack, running_stack
from shared.db.database import Database
from tests.support import catalog_world


@pytest.fixture(scope="module")
def small_stack(new_data_folder: Callable[[], Path]) -> Iterator[Stack]:
    """Databases, both services and the workers, each a process as it is deployed."""
    folder = new_data_folder()
    with pytest.MonkeyPatch.context() as environment:
        for name in ("CATALOG_DATABASE_URL", "MATCHING_DATABASE_URL"):
            environment.delenv(name, raising=False)
        with running_stack(folder, say=lambda _: None) as running:
            database = Database(running.databases.catalog, pool_size=1)
            with database.session() as session:
                catalog_world.build(session)
            database.dispose()
            yield running
    EmbeddedServer(folder / "postgres", say=lambda _: None).erase()
