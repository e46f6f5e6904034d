"""What tests of pages ask for: `look("reviewer")` opens a window on the portal, in Debian's Chromium."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, sync_playwright

from deploy.embedded.postgres import EmbeddedServer
from tests.conftest import Signing
from tests.support.looking import Onlooker, chromium, looking
from tests.support.portal import Portal, open_portal

Look = Callable[..., Onlooker]


@pytest.fixture(scope="module")
def browser(portal: Portal) -> Iterator[Browser]:
    """Debian's Chromium. It is no test that is skipped in silence: without it, this says what to install.

    After the portal, and no longer than for one file: the loop that drives a browser takes over this thread, and other
    loops cannot run in it.
    """
    assert portal
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def portal(embedded_server: EmbeddedServer, signing: Signing) -> Iterator[Portal]:
    """One portal for all tests that only look."""
    with open_portal(embedded_server, signing) as opened:
        yield opened


@pytest.fixture
def own_portal(embedded_server: EmbeddedServer, signing: Signing) -> Iterator[Portal]:
    """A portal for one test that changes something."""
    with open_portal(embedded_server, signing) as opened:
        yield opened


@pytest.fixture
def look(browser: Browser, portal: Portal) -> Iterator[Look]:
    """A function that opens a window on the portal: `look("reviewer")`, `look()` for a visitor."""
    with ExitStack() as stack:
        yield window_of(browser, portal, stack)


@pytest.fixture
def look_at_own(own_portal: Portal, browser: Browser) -> Iterator[Look]:
    """The same for the test's own portal."""
    with ExitStack() as stack:
        yield window_of(browser, own_portal, stack)


def window_of(browser: Browser, portal: Portal, stack: ExitStack) -> Look:
    """Opens windows that are closed with the stack; `scripts=False` is a browser without them."""

    def open_window(who: str | None = None, **options: bool) -> Onlooker:
        token = portal.token_of(who) if who else None
        return stack.enter_context(looking(browser, portal.base, (portal.catalog, portal.matching), token, **options))

    return open_window
