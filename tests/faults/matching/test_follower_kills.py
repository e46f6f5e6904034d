"""kill -9 in the middle of following: no change is missed, none is applied twice, whatever writers do meanwhile."""

import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select, text
from sqlmodel import Session

from services.catalog.feed import service as feed
from services.matching.mirror import service as mirror
from services.matching.mirror.models import MirrorCluster, MirrorEnterprise
from shared.contracts.v1 import ClusterV1
from shared.db.database import Database
from shared.db.ids import new_id
from tests.faults.matching.conftest import Processes, kill
from tests.support.feed_world import World
from tests.support.live_catalog import LiveCatalog
from tests.support.waiting import wait_for

WRITERS, TRANSACTIONS, KILLS = 8, 40, 5
WATCH = """
    CREATE TABLE seen (id uuid, version int);
    CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
    $$ BEGIN INSERT INTO seen VALUES (NEW.id, NEW.version); RETURN NULL; END $$;
    CREATE TRIGGER seen AFTER INSERT OR UPDATE ON mirror_cluster FOR EACH ROW EXECUTE FUNCTION see();
"""
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'mirror_cluster'::regclass"


@pytest.fixture
def owner(matching_owner_url: str) -> Iterator[psycopg.Connection]:
    """The owner's connection, after a trigger was made that writes down each row that the mirror takes."""
    with psycopg.connect(matching_owner_url, autocommit=True) as connection:
        connection.execute(WATCH)
        yield connection


@pytest.fixture
def writing(catalog: LiveCatalog) -> Iterator[Database]:
    """The catalog's database, with a connection for each writer."""
    database = Database(catalog.url, pool_size=WRITERS)
    yield database
    database.dispose()


def follower(processes: Processes) -> subprocess.Popen[bytes]:
    """A process that follows."""
    return processes.start(module="tests.faults.matching.follower")


def cluster() -> ClusterV1:
    """A change that no other change is about."""
    return ClusterV1(
        id=new_id(), version=1, code="C", name="集群", tier="national", target=Decimal(0), cities=[], member_ids=[]
    )


def write(database: Database, seed: int) -> list[UUID]:
    """Transactions of up to sixty changes, some slow, a fifth rolled back; the ids that were committed."""
    chance, committed = random.Random(seed), []
    for _ in range(TRANSACTIONS):
        with database.session() as session:
            made = [cluster() for _ in range(chance.choice([1, 3, 60]))]
            feed.take_turn(session)
            feed.record(session, made)
            time.sleep(chance.choice([0, 0, 0, 0.02]))
            if chance.random() < 0.2:
                session.rollback()
            else:
                session.commit()
                committed += [each.id for each in made]
    return committed


def mirrored(database: Database) -> set[UUID]:
    """The clusters in the mirror."""
    with database.session() as session:
        return set(session.execute(select(MirrorCluster.id)).scalars())


def test_a_follower_that_is_killed_again_and_again_misses_nothing_and_takes_nothing_twice(
    writing: Database, processes: Processes, database: Database, owner: psycopg.Connection
) -> None:
    # the world of the fixture has a cluster of its own
    chance, before = random.Random(7), 1
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(write, writing, seed) for seed in range(WRITERS)]
        for _ in range(KILLS):
            following, reached = follower(processes), before
            wait_for(lambda reached=reached: len(mirrored(database)) >= reached, "the mirror's growth")
            time.sleep(chance.random() / 10)
            kill(following)
            before = len(mirrored(database)) + 1 if not all(writer.done() for writer in writers) else 1
        committed = [id_ for writer in writers for id_ in writer.result()]
    follower(processes)
    wait_for(lambda: set(committed) <= mirrored(database), "the mirror's completion")
    assert mirrored(database) - set(committed) == {World().id("MACHINE")}
    seen = Counter(id_ for (id_,) in owner.execute("SELECT id FROM seen"))
    assert seen == Counter([*committed, World().id("MACHINE")])


def test_a_page_that_is_half_applied_when_its_follower_dies_is_applied_once_and_whole(
    processes: Processes, database: Database, owner: psycopg.Connection
) -> None:
    with database.session() as blocker:
        blocker.execute(text("LOCK TABLE mirror_cluster IN EXCLUSIVE MODE"))
        dying = follower(processes)
        # the enterprises of the page are written, in the transaction that now waits with its clusters
        wait_for(lambda: owner.execute(WAITING).fetchone() == (1,), "the follower's wait")
        kill(dying)
        blocker.rollback()
    wait_for(lambda: owner.execute(WAITING).fetchone() == (0,), "the end of its transaction")
    with database.session() as session:
        assert mirror.position(session).cursor is None
        assert _enterprises(session) == 0
    follower(processes)
    wait_for(lambda: bool(mirrored(database)), "the next follower's work")
    with database.session() as session:
        assert _enterprises(session) == 6
        assert mirror.position(session).rebuilding is False
    assert owner.execute("SELECT count(*) FROM seen").fetchone() == (1,)


def _enterprises(session: Session) -> int:
    return len(session.execute(select(MirrorEnterprise.id)).all())
