"""The system that a journey goes through, and the windows of those who make it: processes as they are deployed."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser

from deploy.embedded.stack import Stack, running_stack
from services.catalog.identity import service as identity
from shared.db.database import Database
from shared.http.client import ApiClient
from tests.browser.signing_in import accept, enrol, sign_in
from tests.support import catalog_world
from tests.support.catalog_world import World
from tests.support.letters import Letters, post_office
from tests.support.looking import NARROW, Onlooker, looking

PATIENCE = 60_000
"""Milliseconds until a step is given up: machines are shared."""


REVIEWER, LEADER = "shen@office.example", "lian@leader.example"


@dataclass(frozen=True)
class Town:
    """Both services behind one origin with their workers, a small world in them, and a post office."""

    stack: Stack
    world: World
    letters: Letters
    browser: Browser
    windows: ExitStack = field(default_factory=ExitStack)

    def window(self) -> Onlooker:
        """A window of a visitor."""
        opened = self.windows.enter_context(looking(self.browser, self.stack.base_url))
        opened.page.set_default_timeout(PATIENCE)
        return opened

    def reviewer(self) -> Onlooker:
        """A window of the first reviewer, who opens an account by the link of the command line and enrols."""
        database = Database(self.stack.databases.catalog, pool_size=1)
        with database.session() as session:
            link = identity.first_account(session, datetime.now(UTC), "", REVIEWER)
        database.dispose()
        window = self.window()
        accept(window, link)
        sign_in(window, REVIEWER)
        enrol(window)
        return window

    def leader(self, enterprise: UUID) -> Onlooker:
        """A window of somebody of a chain leader, who was invited by a letter."""
        with ApiClient(self.stack.base_url, self.stack.reviewer_token()) as client:
            into = {"kind": "enterprise", "enterprise_id": str(enterprise), "level": "owner"}
            client.post("/catalog/v1/invitations", json={"email": LEADER, **into})
        window = self.window()
        accept(window, f"/catalog/link#{self.letters.link_to(LEADER)}")
        sign_in(window, LEADER)
        return window


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
