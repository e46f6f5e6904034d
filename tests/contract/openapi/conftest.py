"""Both services as they are deployed, each over a small world, with a reviewer's token."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from fastapi import FastAPI

from deploy.embedded.postgres import EmbeddedServer
from services.catalog.app import create_app as create_catalog
from services.catalog.settings import CatalogSettings
from services.matching.app import create_app as create_matching
from services.matching.settings import MatchingSettings
from shared.http.traffic import Allowance
from shared.security.actor import Role
from tests.conftest import Signing, clone, serving
from tests.support import catalog_world
from tests.support.matched import Matched, matched

__all__ = ["matched"]

SERVICES = ("catalog", "matching")


@dataclass(frozen=True)
class Served:
    """A service on a port of this host, and a reviewer's token for it."""

    name: str
    base: str
    token: str
    app: FastAPI


def application(service: str, url: str, signing: Signing) -> FastAPI:
    """The service's application; made-up requests come faster than any caller may send them."""
    values = {f"{service.upper()}_DATABASE_URL": url, "XIESHOU_JWKS_FILE": signing.jwks_file}
    if service == "catalog":
        app = create_catalog(CatalogSettings.model_validate(values))
    else:
        app = create_matching(MatchingSettings.model_validate(values))
    app.state.allowance = Allowance(10**6, 10**6)
    return app


@pytest.fixture(params=SERVICES)
def described(request: pytest.FixtureRequest, signing: Signing) -> FastAPI:
    """A service's application, to be asked for its description; it has no database."""
    return application(request.param, "postgresql://nobody@127.0.0.1:1/nothing", signing)


@pytest.fixture
def service(
    request: pytest.FixtureRequest, embedded_server: EmbeddedServer, signing: Signing
) -> Iterator[Callable[[str], Served]]:
    """A function that serves one of them over a world of its own."""
    with ExitStack() as stack:

        def serve(name: str) -> Served:
            run: Matched | None = request.getfixturevalue("matched") if name == "matching" else None
            template = run.name if run else None
            urls = stack.enter_context(clone(embedded_server, name, template))
            app = application(name, urls.app, signing)
            if name == "catalog":
                with app.state.database.session() as session:
                    catalog_world.build(session)
            return Served(name, stack.enter_context(serving(app)), signing.token(Role.REVIEWER), app)

        yield serve
