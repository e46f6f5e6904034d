"""The processes beside the follower in the feed's bench: the writers, and the server of the catalog.

`write URL CHANGES SEED TURNS` says ready, waits for a line, writes, and says the ids that it committed.
`serve URL JWKS` says where it serves, until its input ends.
"""

import random
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from services.catalog.feed import service as feed
from shared.codes.parameters import Parameter
from shared.contracts.v1 import CapabilityV1
from shared.db.database import Database
from shared.db.ids import new_id

WRITERS, SLOW, ROLLED_BACK = 8, 0.02, 0.1


def write_all(url: str, changes: int, seed: int, turns: bool) -> None:
    """Eight writers at a time, when told to; what they write is made before, and not measured."""
    database = Database(url, pool_size=WRITERS)
    works = [list(planned(changes // WRITERS, seed + n)) for n in range(WRITERS)]
    with database.session() as session:
        session.connection()
    print("ready", flush=True)
    sys.stdin.readline()
    with ThreadPoolExecutor(WRITERS) as pool:
        parts = [pool.submit(write, database, work, turns) for work in works]
        print(*(id_ for part in parts for id_ in part.result()), flush=True)


@dataclass(frozen=True)
class Transaction:
    """What one transaction writes, and whether it dawdles, and is rolled back in the end."""

    made: list[CapabilityV1]
    slow: bool
    rolled_back: bool


def planned(changes: int, seed: int) -> Iterator[Transaction]:
    """The transactions of one writer, until so many changes are committed."""
    chance, committed = random.Random(seed), 0
    while committed < changes:
        made = [capability() for _ in range(chance.choice([1, 20, 200]))]
        found = Transaction(made, chance.random() < SLOW, chance.random() < ROLLED_BACK)
        committed += 0 if found.rolled_back else len(made)
        yield found


def write(database: Database, work: list[Transaction], turns: bool) -> list[UUID]:
    """One writer's transactions; the ids that were committed."""
    committed: list[UUID] = []
    for each in work:
        with database.session() as session:
            if turns:
                feed.take_turn(session)
            feed.record(session, each.made)
            if each.slow:
                time.sleep(0.05)
            if each.rolled_back:
                session.rollback()
            else:
                session.commit()
                committed += [entity.id for entity in each.made]
    return committed


def capability() -> CapabilityV1:
    """A change of the usual size."""
    return CapabilityV1(
        id=new_id(),
        version=1,
        supplier_id=new_id(),
        code="CAST-2",
        name="球铁铸件机加工",
        class_code="3391",
        text="树脂砂，数控车削，三坐标检测",
        parameters=[Parameter(name="外径", low=Decimal(80), high=Decimal(600), unit="mm")],
        spare_capacity=Decimal(90_000),
        capacity_unit="件",
        unit_price=Decimal("301.5"),
        processes=["铸造", "车削"],
    )


def serve(url: str, jwks: str) -> None:
    """The catalog's application, until the input ends."""
    from services.catalog.app import create_app
    from services.catalog.settings import CatalogSettings
    from tests.conftest import serving

    settings = CatalogSettings.model_validate({"CATALOG_DATABASE_URL": url, "XIESHOU_JWKS_FILE": Path(jwks)})
    with serving(create_app(settings)) as base:
        print(base, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write_all(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5] == "1")
    else:
        serve(*sys.argv[2:])
