"""kill -9 of the web server in the middle of a batch review: nothing of it has happened, and it can be sent again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy import func, select, text
from sqlmodel import col

from services.matching.suggestions.models import Suggestion, SuggestionEvent
from shared.db.database import Database
from shared.security.actor import Role
from tests.conftest import Signing
from tests.faults.matching.conftest import Processes, is_up, kill
from tests.support import review_world
from tests.support.review_world import HOUSINGS, HOUSINGS_OF_Q, SECOND_HOUSINGS, SHAFTS
from tests.support.waiting import wait_for

ALL = (HOUSINGS, SECOND_HOUSINGS, SHAFTS, HOUSINGS_OF_Q)
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'suggestion_event'::regclass"
BUSY = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'INSERT%'"


@contextmanager
def nobody_writes_history(owner_url: str) -> Iterator[None]:
    """Whoever moves suggestions gets as far as their history, and waits there: its rows are changed, not committed."""
    with psycopg.connect(owner_url) as connection:
        connection.execute("LOCK TABLE suggestion_event IN SHARE MODE")
        yield
        connection.rollback()


def count(database: Database, statement: str) -> int:
    with database.session() as session:
        return int(session.execute(text(statement)).scalar_one())


def rows(database: Database) -> tuple[set[tuple[Any, ...]], int]:
    """State and version of all suggestions, and how many steps their history has."""
    with database.session() as session:
        states = {tuple(row) for row in session.execute(select(col(Suggestion.state), col(Suggestion.version)))}
        return states, session.execute(select(func.count()).select_from(SuggestionEvent)).scalar_one()


def approve_all(url: str, signing: Signing) -> httpx.Response:
    items = [{"id": str(id), "version": 1} for id in ALL]
    return httpx.post(
        f"{url}/matching/v1/suggestions/batches",
        json={"verb": "approve", "items": items},
        headers={"Authorization": f"Bearer {signing.token(Role.REVIEWER)}"},
        timeout=60,
        trust_env=False,
    )


def test_a_killed_batch_has_not_happened_and_can_be_sent_again(
    database: Database, processes: Processes, matching_owner_url: str, signing: Signing
) -> None:
    review_world.settle(database)
    web, url = processes.web()
    wait_for(lambda: is_up(url), "the web server's start")
    with ThreadPoolExecutor(1) as pool:
        with nobody_writes_history(matching_owner_url):
            answer = pool.submit(approve_all, url, signing)
            wait_for(lambda: count(database, WAITING) == 1, "the middle of the batch")
            kill(web)
        with pytest.raises(httpx.TransportError):
            answer.result()
    wait_for(lambda: count(database, BUSY) == 0, "the end of its transaction")
    assert rows(database) == ({("proposed", 1)}, 0)
    _, url = processes.web()
    wait_for(lambda: is_up(url), "the web server's return")
    assert approve_all(url, signing).status_code == 200
    assert rows(database) == ({("approved", 2)}, 4)
