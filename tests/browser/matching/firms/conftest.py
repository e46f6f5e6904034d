"""A market that tests of leaders' and suppliers' pages share: a portal of its own, with trade in it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from deploy.embedded.postgres import EmbeddedServer
from shared.security.actor import Role
from tests.conftest import Signing
from tests.support import portal_trade
from tests.support.looking import Onlooker, looking
from tests.support.portal import Portal, open_portal
from tests.support.portal_trade import Trade

Visit = Callable[..., Onlooker]
PATIENCE = 60_000
"""Milliseconds until a page is given up: many tests may share a machine."""


@dataclass(frozen=True)
class Market:
    """The portal and what is traded in it."""

    portal: Portal
    trade: Trade

    def token(self, who: str) -> str:
        """A token of the leader, of a supplier by its short name, or of anybody of the small world."""
        firm = self.trade.firms.get(who)
        return self.portal.token(Role.SUPPLIER, firm) if firm else self.portal.token_of(who)


@pytest.fixture(scope="session")
def market(embedded_server: EmbeddedServer, signing: Signing) -> Iterator[Market]:
    """Built in a thread of its own: the loop that drives a browser may hold this one."""
    with ExitStack() as stack, ThreadPoolExecutor(1) as thread:
        portal = stack.enter_context(thread.submit(_Opened, embedded_server, signing).result())
        yield Market(portal, thread.submit(portal_trade.build, portal).result())


class _Opened:
    """A portal that was opened in another thread than the one that closes it."""

    def __init__(self, server: EmbeddedServer, signing: Signing) -> None:
        self._stack = ExitStack()
        self._portal = self._stack.enter_context(open_portal(server, signing))

    def __enter__(self) -> Portal:
        return self._portal

    def __exit__(self, *_: object) -> None:
        self._stack.close()


@pytest.fixture
def visit(market: Market, browser: Browser) -> Iterator[Visit]:
    """A function that opens a window: `visit("leader")`, `visit("east", scripts=False)`."""
    with ExitStack() as stack:

        def open_window(who: str, **options: bool) -> Onlooker:
            portal = market.portal
            databases = (portal.catalog, portal.matching)
            opened = stack.enter_context(looking(browser, portal.base, databases, market.token(who), **options))
            opened.page.set_default_timeout(PATIENCE)
            return opened

        yield open_window
