"""The catalog served over HTTP to all tests of this folder, and clients of each role."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from deploy.embedded.postgres import EmbeddedServer
from services.catalog.app import create_app
from services.catalog.settings import CatalogSettings
from shared.http.client import ApiClient
from shared.security.actor import Role
from tests.conftest import Signing, clone, serving

Client = Callable[..., ApiClient]


@pytest.fixture(scope="module")
def catalog_base(embedded_server: EmbeddedServer, signing: Signing) -> Iterator[str]:
    """The base URL of a catalog with a database of its own."""
    with clone(embedded_server, "catalog") as made, pytest.MonkeyPatch.context() as environment:
        environment.setenv("CATALOG_DATABASE_URL", made.app)
        environment.setenv("XIESHOU_JWKS_FILE", str(signing.jwks_file))
        with serving(create_app(CatalogSettings())) as base:
            yield base


@pytest.fixture
def client(catalog_base: str, signing: Signing) -> Iterator[Client]:
    """A function that gives a client with a token of a role, or without one."""
    with ExitStack() as stack:

        def connect(role: Role | None = Role.REVIEWER, **whose: object) -> ApiClient:
            token = signing.token(role, **whose) if role else None  # type: ignore[arg-type]
            return stack.enter_context(ApiClient(catalog_base, token))

        yield connect
