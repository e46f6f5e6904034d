"""kill -9 in the middle of tending: each of its steps has happened whole or not at all, and the next one ends it."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlmodel import col

from services.matching.suggestions import service
from services.matching.suggestions.models import Suggestion, SuggestionEvent
from services.matching.suggestions.rules import Verb
from services.matching.suggestions.service import Asked, Item
from shared.db.database import Database
from tests.faults.matching.conftest import Processes, kill
from tests.faults.matching.test_review_kills import BUSY, WAITING, count, nobody_writes_history
from tests.support import review_world
from tests.support.matching_runs import REVIEWER
from tests.support.review_world import HOUSINGS, HOUSINGS_OF_Q, MADE, SECOND_HOUSINGS, SHAFTS
from tests.support.waiting import wait_for

LATER = MADE + timedelta(days=95)
TENDER = "tests.faults.matching.tender"


def states(database: Database) -> dict[object, tuple[str, int]]:
    """State and steps of each suggestion."""
    with database.session() as session:
        steps = list(session.execute(select(col(SuggestionEvent.suggestion_id))).scalars())
        rows = session.execute(select(col(Suggestion.id), col(Suggestion.state)))
        return {id: (state, steps.count(id)) for id, state in rows}


def test_tending_that_is_killed_is_made_up_for_and_nothing_happens_twice(
    database: Database, processes: Processes, matching_owner_url: str
) -> None:
    review_world.settle(database)
    with database.session() as session:
        later = Asked(Verb.DEFER, "待核实", until=date(2026, 11, 20))
        service.move(session, REVIEWER, Item(SHAFTS, 1), later, MADE)
        service.move(session, REVIEWER, Item(HOUSINGS, 1), Asked(Verb.APPROVE), MADE)
    before = states(database)
    with nobody_writes_history(matching_owner_url):
        tending = processes.start(LATER.isoformat(), module=TENDER)
        wait_for(lambda: count(database, WAITING) == 1, "the middle of tending")
        kill(tending)
    wait_for(lambda: count(database, BUSY) == 0, "the end of its transaction")
    assert states(database) == before
    # two at once make up for it: each step happens once
    both = [processes.start(LATER.isoformat(), module=TENDER) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert states(database) == {
        SHAFTS: ("proposed", 2),
        HOUSINGS: ("expired", 2),
        SECOND_HOUSINGS: ("expired", 1),
        HOUSINGS_OF_Q: ("expired", 1),
    }
