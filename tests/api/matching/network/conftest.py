"""A run in the small province whose firms supply something, and can take over from each other."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest

from deploy.embedded.postgres import EmbeddedServer
from services.matching.engine.policy import Policy
from services.matching.engine.snapshot import Commitment, Incumbent, Snapshot
from services.matching.engine.supply_graph.perils import Perils
from services.matching.engine.supply_graph.supply import Stage
from services.matching.engine.what_if.rehearsal import Rehearsal
from shared.db.database import Database
from tests.api.matching.conftest import Client, clients_over
from tests.conftest import Signing, clone
from tests.support import small_province
from tests.support.small_province import numbered, plan, run_rows

RUN: UUID = numbered(910)


def supplied() -> Snapshot:
    """The small province's snapshot, in which all three suppliers make what P1/a and P1/b ask for.

    P1/a (300): F3 sells 75, F6 sells 30, the rest is related or unnamed. Q/c (100): F5 sells all. F3 has 50 of P1/b
    approved. F3 has nothing to spare, F5 40, F6 10.
    """
    made = small_province.snapshot()
    spare = (50, 40, 10)
    leaders = {"F1": str(small_province.L1), "F2": str(small_province.L2)}
    offers = zip(made.capabilities, spare, strict=True)
    return replace(
        made,
        capabilities=[replace(row, name="制动鼓", class_code="3670", capacity_yuan=room) for row, room in offers],
        lines=[
            replace(row, part_name="制动鼓", class_code="3670", certificates=()) if row.product == 0 else row
            for row in made.lines
        ],
        products=[replace(row, leader_id=leaders[row.leader_key or ""]) for row in made.products],
        incumbents=[Incumbent(0, 0, 75), Incumbent(0, 2, 30), Incumbent(4, 1, 100)],
        commitments=[Commitment(1, 0, 50)],
    )


def compile_engine() -> None:
    """In production the run has compiled all this before anybody asks; here it must not count as a slow answer."""
    made = supplied()
    Perils(made, Policy(), plan(), Rehearsal(made, Policy()).pairs).critical(Stage.CURRENT, None, 1)


@pytest.fixture(scope="package")
def reading_network(embedded_server: EmbeddedServer, signing: Signing) -> Iterator[Client]:
    """Clients of the routes over the small province with this run."""
    compile_engine()
    with clone(embedded_server, "matching") as urls:
        database = Database(urls.app, pool_size=10)
        with database.session() as session:
            small_province.settle(session)
            for rows in run_rows(RUN, supplied(), plan(), Policy()):
                session.add_all(rows)
                session.flush()
            session.commit()
        with clients_over(database, signing) as clients:
            yield clients
        database.dispose()
