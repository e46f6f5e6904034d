"""Fixtures for tests that start from a succeeded run: it is carried out once, and its database copied.

A conftest imports all three; tests that do not ask for `run_id` get an empty database.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy.engine import make_url

from deploy.embedded.postgres import EmbeddedServer
from shared.db.database import Database
from tests.conftest import Clone, clone
from tests.support.matching_runs import mirror_world, run


@dataclass(frozen=True)
class Matched:
    """A database in which a run over the world has succeeded: its name, and the run."""

    name: str
    run_id: UUID


@pytest.fixture(scope="session")
def matched(embedded_server: EmbeddedServer) -> Iterator[Matched]:
    """Made once, to be copied."""
    with clone(embedded_server, "matching") as made:
        database = Database(made.app, pool_size=2)
        mirror_world(database)
        run_id = run(database).run.id
        database.dispose()
        yield Matched(make_url(made.app).database or "", run_id)


@pytest.fixture
def matching_clone(request: pytest.FixtureRequest, embedded_server: EmbeddedServer) -> Iterator[Clone]:
    """A copy of the matched database for tests that ask for its run; an empty one for the others."""
    wanted = "run_id" in request.fixturenames
    template = request.getfixturevalue("matched").name if wanted else None
    with clone(embedded_server, "matching", template) as made:
        yield made


@pytest.fixture
def run_id(matched: Matched) -> UUID:
    """The succeeded run."""
    return matched.run_id
