"""The system that a journey goes through, and the windows of those who make it: processes as they are deployed."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from deploy.embedded.stack import Stack, running_stack
from shared.db.database import Database
from shared.security.actor import Actor, Role
from shared.security.keys import SigningKey
from tests.support import catalog_world
from tests.support.catalog_world import World
from tests.support.letters import Letters, post_office
from tests.support.looking import NARROW, Onlooker, looking

PATIENCE = 60_000
"""Milliseconds until a step is given up: machines are shared."""


@dataclass(frozen=True)
class Town:
    """Both services behind one origin with their workers, a small world in them, and a post office."""

    stack: Stack
    world: World
    letters: Letters
    browser: Browser
    windows: ExitStack = field(default_factory=ExitStack)

    def window(self, actor: Actor | None = None) -> Onlooker:
        """A window of somebody who has signed in, or of a visitor."""
        signing = SigningKey(self.stack.keys.signing)
        token = signing.sign(actor, timedelta(hours=2), datetime.now(UTC), "journey") if actor else None
        opened = self.windows.enter_context(looking(self.browser, self.stack.base_url, (), token))
        opened.page.set_default_timeout(PATIENCE)
        return opened

    @property
    def reviewer(self) -> Actor:
        """Who reviews."""
        return Actor("journey:reviewer", Role.REVIEWER)


@contextmanager
def open_town(folder: Path, browser: Browser) -> Iterator[Town]:
    """Start everything on a data folder and build the small world; end everything on leaving."""
    with ExitStack() as exits:
        letters = exits.enter_context(post_office())
        environment = exits.enter_context(pytest.MonkeyPatch.context())
        for name in ("CATALOG_DATABASE_URL", "MATCHING_DATABASE_URL"):
            environment.delenv(name, raising=False)
        environment.setenv("XIESHOU_SMTP_URL", letters.url)
        environment.setenv("CATALOG_PROOF_BITS", "8")
        stack = exits.enter_context(running_stack(folder, say=lambda _: None))
        database = Database(stack.databases.catalog, pool_size=1)
        with database.session() as session:
            world = catalog_world.build(session)
        database.dispose()
        town = Town(stack, world, letters, browser)
        exits.enter_context(town.windows)
        yield town


def on_a_phone(window: Onlooker) -> None:
    """Go on at the width of a phone."""
    width, height = NARROW
    window.page.set_viewport_size({"width": width, "height": height})
