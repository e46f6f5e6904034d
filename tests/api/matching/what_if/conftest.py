"""The whole matching application on a real server with its resident engine, and a run over the world."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from uuid import UUID

import httpx
import pytest

from deploy.embedded.postgres import EmbeddedServer
from services.matching.app import create_app
from services.matching.settings import MatchingSettings
from services.matching.what_if.engine_process import ResidentEngine
from shared.db.database import Database
from shared.security.actor import Role
from tests.conftest import Signing, clone, serving
from tests.support import clients
from tests.support.feed_world import World
from tests.support.matching_runs import mirror_world, run

Client = Callable[..., httpx.Client]


class Stage:
    """A served application, its engine, and a succeeded run in its database."""

    def __init__(self, base: str, engine: ResidentEngine, run_id: UUID, signing: Signing, stack: ExitStack) -> None:
        self.engine, self.run_id = engine, run_id
        self._base, self._signing, self._stack = base, signing, stack

    def wait(self) -> None:
        """Wait until the run is ready; the first start of all compiles the engine's code, which takes a minute."""
        reviewer, deadline = self.client(Role.REVIEWER), time.monotonic() + 600
        while reviewer.post("/what-if", json={"changes": []}).status_code == 503:
            assert time.monotonic() < deadline, "the engine did not get ready in time"

    def client(
        self, role: Role, enterprise: UUID | None = None, clusters: frozenset[UUID] = frozenset()
    ) -> httpx.Client:
        """A client of the run's routes that asks as an actor."""
        headers = {"Authorization": f"Bearer {self._signing.token(role, enterprise, clusters)}"}
        base = f"{self._base}/matching/v1/runs/{self.run_id}"
        return self._stack.enter_context(clients.client(base, headers, 120))


@pytest.fixture(scope="session")
def stage(embedded_server: EmbeddedServer, signing: Signing) -> Iterator[Stage]:
    """Made once: its run is only read, and the engine starts once."""
    with clone(embedded_server, "matching") as made, ExitStack() as stack:
        database = Database(made.app, pool_size=2)
        mirror_world(database, World(lacking_certificate=True))
        ended = run(database).run
        database.dispose()
        assert ended.failure is None, ended.failure
        run_id = ended.id
        settings = {"MATCHING_DATABASE_URL": made.app, "XIESHOU_JWKS_FILE": signing.jwks_file}
        app = create_app(MatchingSettings.model_validate(settings))
        base = stack.enter_context(serving(app))
        found = Stage(base, app.state.resident_engine, run_id, signing, stack)
        found.wait()
        yield found
