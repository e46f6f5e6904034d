"""What is kept and brought up to date after random changes is what is read of the whole mirror, to the last 元."""

import random
from typing import Any

import psycopg
import pytest

from services.matching.engine.policy import Basis, Scope
from services.matching.rates import service
from services.matching.rates.definition import By, Period, Stage, Terms
from services.matching.rates.service import Question
from services.matching.rates.shelf import open_book
from shared.db.database import Database, libpq_url
from shared.security.actor import Actor, Role
from tests.bench.rates_province import fill
from tests.support.acting import AS_SERVICE

REVIEWER = Actor("reviewer", Role.REVIEWER)
QUESTIONS = [
    Question(Terms(), By.PRODUCT),
    Question(Terms(basis=Basis.SUPPLIERS), By.LEADER),
    Question(Terms(basis=Basis.LINES, stage=Stage.LOCAL_NOW)),
    Question(Terms(scope=Scope.CITY, period=Period(2025, 3))),
    Question(Terms(stage=Stage.APPROVED), By.CITY),
    Question(Terms(stage=Stage.SUGGESTED), By.CLASS),
    Question(Terms(basis=Basis.SUPPLIERS, stage=Stage.CONTRACTED)),
]

ANY = "(SELECT id FROM {table} ORDER BY md5(id::text || {salt}) LIMIT {count})"
CHANGES = [
    f"UPDATE mirror_purchase SET amount = amount * 3 WHERE id IN {ANY}",
    f"UPDATE mirror_purchase SET amount = -amount WHERE id IN {ANY}",
    f"UPDATE mirror_purchase SET period = '2025Q3' WHERE id IN {ANY}",
    f"DELETE FROM mirror_purchase WHERE id IN {ANY}",
    f"UPDATE mirror_purchase SET part_code = 'nobody needs it' WHERE id IN {ANY}",
    "UPDATE mirror_purchase SET leader_id = (SELECT leader_id FROM mirror_product ORDER BY md5(id::text || {salt}) "
    f"LIMIT 1) WHERE id IN {ANY}",
    "INSERT INTO mirror_purchase SELECT gen_random_uuid(), version, epoch, leader_id, part_code, NULL, "
    "'新厂' || {salt}, '370213', '2025Q3', NULL, amount, false, false, false FROM mirror_purchase WHERE id IN " + ANY,
    f"UPDATE suggestion SET state = 'approved' WHERE id IN {ANY}",
    f"UPDATE suggestion SET state = 'rejected', placed_amount = 7 WHERE id IN {ANY}",
    f"UPDATE suggestion SET supplier_key = 'S' || supplier_id WHERE id IN {ANY}",
    f"DELETE FROM suggestion WHERE id IN {ANY}",
    "INSERT INTO mirror_relation (id, version, epoch, owner_id, owned_id, share) SELECT gen_random_uuid(), 1, 'e', "
    "leader_id, supplier_id, 0.3 FROM mirror_purchase WHERE supplier_id IS NOT NULL AND id IN " + ANY,
    f"DELETE FROM mirror_relation WHERE id IN {ANY}",
    f"UPDATE mirror_need SET annual_quantity = annual_quantity + 5 WHERE id IN {ANY}",
    f"UPDATE mirror_enterprise SET region = '370600' WHERE id IN {ANY}",
]


def answers(database: Database, some: list[Question]) -> list[dict[str, Any]]:
    found = []
    for question in some:
        with database.session() as session:
            found.append(service.rates(session, REVIEWER, question).model_dump(mode="json"))
    return found


@pytest.mark.parametrize("seed", range(2))
def test_after_any_changes(matching_database: Database, matching_database_url: str, seed: int) -> None:
    draw = random.Random(seed)
    with psycopg.connect(libpq_url(matching_database_url), options=AS_SERVICE) as connection:
        fill(connection, 1000, seed)
        answers(matching_database, QUESTIONS)
        for step in range(12):
            for statement in draw.choices(CHANGES, k=draw.randint(1, 3)):
                table = next(word for word in statement.split() if word.startswith(("mirror_", "suggestion")))
                if "FROM mirror_purchase WHERE" in statement:
                    table = "mirror_purchase"
                asked = {"table": table, "salt": f"'{seed}-{step}'", "count": draw.choice([1, 2, 5])}
                connection.execute(statement.format(**asked))
            connection.commit()
            some = draw.sample(QUESTIONS, draw.randint(1, len(QUESTIONS)))
            fresh = Database(matching_database_url, pool_size=1)
            assert answers(matching_database, some) == answers(fresh, some)
            fresh.dispose()


def test_only_what_was_touched_is_read_again(matching_database: Database, matching_owner_url: str) -> None:
    """The same book, with the old purchases to begin from; after TRUNCATE nobody knows what there was."""
    with psycopg.connect(libpq_url(matching_owner_url), autocommit=True) as connection:
        fill(connection, 1000, 1)
        answers(matching_database, QUESTIONS[:1])
        before = opened(matching_database)
        connection.execute("UPDATE mirror_purchase SET amount = 1 WHERE id = (SELECT id FROM mirror_purchase LIMIT 1)")
        after = opened(matching_database)
        assert after is not before
        assert after.book is before.book
        (leaders,) = {leaders for _, leaders in after._old.values()}
        assert len(leaders) == 1
        with psycopg.connect(libpq_url(matching_owner_url)) as owner:
            owner.execute("TRUNCATE mirror_purchase")
        assert opened(matching_database)._old == {}


def opened(database: Database) -> Any:
    with database.session() as session:
        return open_book(session)[0]
