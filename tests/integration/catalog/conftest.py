"""A session on a fresh catalog, the small world in it, and what the feed has told since."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlmodel import Session

from shared.db.database import Database
from tests.support import catalog_world
from tests.support.catalog_world import World
from tests.support.feed_pages import page

Events = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def session(catalog_database: Database) -> Iterator[Session]:
    """A session of the application's role."""
    with catalog_database.session() as opened:
        yield opened


@pytest.fixture
def world(session: Session) -> World:
    """Two leaders, three suppliers, two clusters, committed."""
    return catalog_world.build(session)


@pytest.fixture
def news(session: Session) -> Events:
    """A function that commits, and returns the feed's events since it was called last."""
    cursor: str | None = None

    def read() -> list[dict[str, Any]]:
        nonlocal cursor
        session.commit()
        told = page(session, cursor, 5000)
        session.rollback()
        cursor = told["cursor"]
        events: list[dict[str, Any]] = told["events"]
        return events

    return read
