"""What tests of the reviewer's pages ask for: a desk over a matched world, and windows on it.

`at_desk("reviewer")` opens one on a desk that tests share and only look at, `at_own_desk` on one of the test's own.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Browser
from sqlalchemy.engine import make_url

from deploy.embedded.postgres import EmbeddedServer
from services.matching.app import create_app
from services.matching.settings import MatchingSettings
from shared.db.database import Database
from shared.security.actor import Actor, Role
from shared.security.tokens import sign_token
from tests.browser.conftest import Look
from tests.conftest import Signing, clone, serving
from tests.support.feed_world import World
from tests.support.looking import Onlooker, looking
from tests.support.matched import Matched
from tests.support.matching_runs import mirror_world, run

CSRF = "said by pages under test"


@dataclass(frozen=True)
class Desk:
    """The served pages: where they are, their database, and the run that made what is on them."""

    base: str
    database: Database
    run_id: UUID
    signing: Signing

    def token(self, who: str) -> str:
        """A token of a reviewer, an auditor, or the organisation of the world's cluster."""
        clusters = frozenset({World().id("MACHINE")}) if who == "organisation" else frozenset()
        role = Role.CLUSTER_ORGANISATION if clusters else Role(who.partition(" ")[0])
        actor = Actor(f"browser:{who}", role, None, clusters)
        return sign_token(self.signing.private_key, actor, timedelta(hours=2), datetime.now(UTC), CSRF)


@pytest.fixture(scope="session")
def lacking(embedded_server: EmbeddedServer) -> Iterator[Matched]:
    """A database in which a run over the world has succeeded, one firm of which lacks a certificate: to be copied."""
    with clone(embedded_server, "matching") as made:
        database = Database(made.app, pool_size=2)
        mirror_world(database, World(lacking_certificate=True))
        run_id = run(database).run.id
        database.dispose()
        yield Matched(make_url(made.app).database or "", run_id)


@contextmanager
def open_desk(server: EmbeddedServer, signing: Signing, made: Matched) -> Iterator[Desk]:
    """Serve the pages of matching over a copy of the matched world."""
    with ExitStack() as stack:
        urls = stack.enter_context(clone(server, "matching", made.name))
        settings = {"MATCHING_DATABASE_URL": urls.app, "XIESHOU_JWKS_FILE": signing.jwks_file}
        app = create_app(MatchingSettings.model_validate(settings))
        yield Desk(stack.enter_context(serving(app)), app.state.database, made.run_id, signing)


@pytest.fixture(scope="session")
def desk(embedded_server: EmbeddedServer, signing: Signing, lacking: Matched) -> Iterator[Desk]:
    """One for all tests that only look."""
    with open_desk(embedded_server, signing, lacking) as opened:
        yield opened


@pytest.fixture
def own_desk(embedded_server: EmbeddedServer, signing: Signing, lacking: Matched) -> Iterator[Desk]:
    """One for a test that changes something."""
    with open_desk(embedded_server, signing, lacking) as opened:
        yield opened


@pytest.fixture
def at_desk(browser: Browser, desk: Desk) -> Iterator[Look]:
    """Windows on the shared desk."""
    with ExitStack() as stack:
        yield windows_on(browser, desk, stack)


@pytest.fixture
def at_own_desk(browser: Browser, own_desk: Desk) -> Iterator[Look]:
    """Windows on the test's own desk."""
    with ExitStack() as stack:
        yield windows_on(browser, own_desk, stack)


def windows_on(browser: Browser, desk: Desk, stack: ExitStack) -> Look:
    """Opens windows that are closed with the stack."""

    def open_window(who: str, **options: bool) -> Onlooker:
        return stack.enter_context(looking(browser, desk.base, (desk.database,), desk.token(who), **options))

    return open_window
