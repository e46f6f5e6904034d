"""The processes beside the follower in the feed's bench: the writers, and the server of the catalog.

`write URL CHANGES SEED TURNS` says ready, waits for a line, writes, and says the ids that it committed.
`serve URL JWKS` says where it serves, until its input ends.
"""

import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
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
    """Eight writers at a time, when told to."""
    database = Database(url, pool_size=WRITERS)
    with database.session() as session:
        session.connection()
    print("ready", flush=True)
    sys.stdin.readline()
    with ThreadPoolExecutor(WRITERS) as pool:
        parts = [pool.submit(write, database, changes // WRITERS, seed + n, turns) for n in range(WRITERS)]
        print(*(id_ for part in parts for id_ in part.result()), flush=True)


def write(database: Database, changes: int, seed: int, turns: bool) -> list[UUID]:
    """One writer's transactions; the ids that were committed."""
    chance = random.Random(seed)
    committed: list[UUID] = []
    while len(committed) < changes:
        with database.session() as session:
            made = [capability() for _ in range(chance.choice([1, 20, 200]))]
            if turns:
                feed.take_turn(session)
            feed.record(session, made)
            if chance.random() < SLOW:
                time.sleep(0.05)
            if chance.random() < ROLLED_BACK:
                session.rollback()
            else:
                session.commit()
                committed += [each.id for each in made]
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
