"""Matching's reading routes on a real server, over the small province and over an empty mirror, for any actor."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from deploy.embedded.postgres import EmbeddedServer
from services.matching.exports import VOCABULARY
from services.matching.gaps.api import router as gaps
from services.matching.mirror.currency import told_with_exports
from services.matching.network.api import router as network
from services.matching.rates.api import router as rates
from services.matching.what_if.engine_process import ResidentEngine
from shared.db.database import Database
from shared.http.exports import exports
from shared.http.problems import install_problem_handlers
from shared.security.actor import Role
from tests.conftest import Signing, clone, serving
from tests.support import clients, small_province

Client = Callable[..., httpx.Client]


@contextmanager
def clients_over(database: Database, signing: Signing) -> Iterator[Client]:
    """A function that gives a client of the routes of rates, gaps and network for an actor: `client(Role.REVIEWER)`."""
    app = FastAPI()
    app.state.database, app.state.verifier = database, signing.verifier
    app.state.resident_engine = engine = ResidentEngine()
    routers = (rates, gaps, network)
    for router in (exports(routers, VOCABULARY, told_with_exports), *routers):
        app.include_router(router)
    install_problem_handlers(app)
    with ExitStack() as stack:
        stack.callback(engine.close)
        base = stack.enter_context(serving(app)) + "/matching/v1"

        def client(role: Role, enterprise: UUID | None = None, clusters: frozenset[UUID] = frozenset()) -> httpx.Client:
            headers = {"Authorization": f"Bearer {signing.token(role, enterprise, clusters)}"}
            return stack.enter_context(clients.client(base, headers, 120))

        yield client


@pytest.fixture(scope="session")
def reading_as(embedded_server: EmbeddedServer, signing: Signing) -> Iterator[Client]:
    """Clients of the routes over the small province, which these routes only read: one for all tests."""
    with clone(embedded_server, "matching") as urls:
        database = Database(urls.app, pool_size=10)
        with database.session() as session:
            small_province.settle(session)
        with clients_over(database, signing) as opened:
            yield opened
        database.dispose()


@pytest.fixture
def reading_own(matching_database: Database, signing: Signing) -> Iterator[Client]:
    """Clients of the routes over the test's own database."""
    with clients_over(matching_database, signing) as opened:
        yield opened
