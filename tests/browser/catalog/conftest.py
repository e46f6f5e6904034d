"""What tests of reviewers' and auditors' pages ask for: a served catalog, applicants, and windows on it."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from deploy.embedded.postgres import EmbeddedServer
from shared.security.actor import Actor, Role
from shared.security.tokens import sign_token
from tests.browser.conftest import Look
from tests.conftest import Signing
from tests.support.identity_desk import Desk, open_office
from tests.support.looking import Onlooker, looking

CSRF = "said by pages under test"


@pytest.fixture(scope="session")
def office(
    embedded_server: EmbeddedServer, signing: Signing, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """The catalog that these tests share; each has applicants of its own."""
    with open_office(embedded_server, signing, tmp_path_factory.mktemp("documents")) as opened:
        yield opened


@pytest.fixture
def at_office(browser: Browser, office: Desk) -> Iterator[Look]:
    """Windows on it, as a role."""
    with ExitStack() as stack:

        def open_window(who: str, **options: bool) -> Onlooker:
            own = frozenset({office.world.clusters["ships"]}) if who == Role.CLUSTER_ORGANISATION else frozenset()
            actor = Actor(f"browser:{who}", Role(who), cluster_ids=own)
            token = sign_token(office.signing.private_key, actor, timedelta(hours=2), office.clock(), CSRF)
            databases = (office.app.state.database,)
            return stack.enter_context(looking(browser, office.base, databases, token, **options))

        yield open_window
