"""The catalog's application on a real server, over the small world, for any actor."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI

from deploy.embedded.postgres import EmbeddedServer
from services.catalog.app import create_app
from services.catalog.settings import CatalogSettings
from shared.db.database import Database
from shared.security.actor import Actor
from tests.conftest import Clone, Signing, clone, serving
from tests.support import catalog_world, clients
from tests.support.catalog_world import World


@dataclass(frozen=True)
class Served:
    """A catalog that is served: its application, its world, and clients of it."""

    app: FastAPI
    world: World
    client: Callable[[Actor | None], httpx.Client]

    @property
    def database(self) -> Database:
        """The application's own database."""
        database: Database = self.app.state.database
        return database


@contextmanager
def served(urls: Clone, signing: Signing) -> Iterator[Served]:
    """Build the world in a fresh database and serve the application over it."""
    settings = CatalogSettings.model_construct(database_url=urls.app, jwks_file=signing.jwks_file)
    app = create_app(settings)
    with app.state.database.session() as session:
        world = catalog_world.build(session)
    with ExitStack() as stack:
        base = stack.enter_context(serving(app)) + "/catalog/v1"

        def client(actor: Actor | None) -> httpx.Client:
            token = signing.token(actor.role, actor.enterprise_id, actor.cluster_ids) if actor else ""
            headers = {"Authorization": f"Bearer {token}"} if actor else {}
            return stack.enter_context(clients.client(base, headers))

        yield Served(app, world, client)


@pytest.fixture(scope="session")
def reading(embedded_server: EmbeddedServer, signing: Signing) -> Iterator[Served]:
    """A catalog for tests that only read: one for all of them."""
    with clone(embedded_server, "catalog") as urls, served(urls, signing) as found:
        yield found


@pytest.fixture
def writing(catalog_clone: Clone, signing: Signing) -> Iterator[Served]:
    """A catalog of one test's own."""
    with served(catalog_clone, signing) as found:
        yield found
