"""The whole matching application on a real server, with a mirrored world and a run."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlalchemy.engine import make_url
from starlette.types import ASGIApp

from deploy.embedded.postgres import EmbeddedServer
from services.matching.app import create_app
from services.matching.settings import MatchingSettings
from shared.db.database import Database
from shared.security.actor import Role
from tests.conftest import Clone, Signing, clone
from tests.support.matching_runs import mirror_world, run

Client = Callable[..., httpx.Client]


@pytest.fixture
def matching_url(matching_database_url: str, signing: Signing, live_app: Callable[[ASGIApp], str]) -> str:
    """The base URL of the application."""
    jwks_file: Path = signing.jwks_file
    settings = MatchingSettings.model_validate(
        {"MATCHING_DATABASE_URL": matching_database_url, "XIESHOU_JWKS_FILE": jwks_file}
    )
    return live_app(create_app(settings))


@pytest.fixture
def acting_as(matching_url: str, signing: Signing) -> Iterator[Client]:
    """A client that asks as an actor: `acting_as(Role.REVIEWER)`."""
    with ExitStack() as stack:

        def client(role: Role, enterprise: UUID | None = None, clusters: frozenset[UUID] = frozenset()) -> httpx.Client:
            headers = {"Authorization": f"Bearer {signing.token(role, enterprise, clusters)}"}
            made = httpx.Client(base_url=f"{matching_url}/matching/v1", headers=headers, timeout=30, trust_env=False)
            return stack.enter_context(made)

        yield client


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
