"""Every step that the table does not allow is refused in the words that the user reads, and changes nothing."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from services.matching.suggestions import service
from services.matching.suggestions.rules import STATE_ZH, TRANSITIONS, VERB_ZH, State, Verb, roles_of
from services.matching.suggestions.service import Asked, Item
from shared.db.database import Database
from shared.db.upserts import sql_table
from shared.http.problems import Problem
from shared.security.actor import Actor, Role
from tests.support.feed_world import LEADER, TURNER
from tests.support.review_world import SHAFTS, WORLD, stored

NOW = datetime(2026, 11, 2, 2, tzinfo=UTC)
ACTORS = [
    Actor("审核员", Role.REVIEWER),
    Actor("促进会", Role.CLUSTER_ORGANISATION, cluster_ids=frozenset({WORLD.id("MACHINE")})),
    Actor("链主", Role.CHAIN_LEADER, WORLD.id(LEADER)),
    Actor("供应商", Role.SUPPLIER, WORLD.id(TURNER)),
    Actor("worker", Role.SERVICE),
    Actor("审计员", Role.AUDITOR),
]


def put_into(database: Database, state: State) -> None:
    """Put the shafts into a state, as far along that everybody concerned sees them."""
    table = sql_table(service.Suggestion)
    with database.session() as session:
        session.execute(update(table).where(table.c.id == SHAFTS).values(state=state, stage=State.APPROVED))
        session.commit()


def refusal(database: Database, actor: Actor, verb: Verb) -> tuple[int, str, str]:
    """Status, kind and words of what `actor` is answered."""
    with database.session() as session, pytest.raises(Problem) as refused:
        service.move(session, actor, Item(SHAFTS, 1), Asked(verb, "理由"), NOW)
    return refused.value.status, refused.value.kind, refused.value.detail


@pytest.mark.parametrize("state", list(State))
def test_what_the_table_does_not_allow_is_refused_and_changes_nothing(review_database: Database, state: State) -> None:
    put_into(review_database, state)
    before = stored(review_database, SHAFTS).model_dump()
    for verb in Verb:
        row = TRANSITIONS.get((state, verb))
        if row is None:
            actor = next(each for each in ACTORS if each.role in roles_of(verb))
            expected = (409, "wrong-state", f"该建议{STATE_ZH[state]}，不能再{VERB_ZH[verb]}。")
        elif row.roles < set(Role):
            actor = next(each for each in ACTORS if each.role not in row.roles)
            expected = (403, "forbidden", f"您的角色不能{VERB_ZH[verb]}{STATE_ZH[state]}的配套建议。")
        else:
            continue
        assert refusal(review_database, actor, verb) == expected, verb
    assert stored(review_database, SHAFTS).model_dump() == before
    with review_database.session() as session:
        assert service.history(session, SHAFTS) == []
