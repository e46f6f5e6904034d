"""A large mirror for the bench of the rates: needs, purchases and suggestions by COPY, random but for the seed.

Every leader has four products that share a fifth of their parts. One part in ten was never bought; of the purchases
some are reversals, some excluded, some of firms known by name and province alone, some of nobody. Firms are fictitious.
"""

import json
import random
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid5

import orjson
import psycopg
from psycopg.types.json import Jsonb

from tests.support.acting import AS_SERVICE

NAMESPACE = UUID("00000000-0000-5000-8000-000000000000")
PARTS, SHARED, PRODUCTS_OF_LEADER, CLUSTERS = 50, 10, 4, 41
NOW = datetime(2026, 3, 1, tzinfo=UTC)
RUN = uuid5(NAMESPACE, "run")
Row = tuple[Any, ...]


@contextmanager
def large_mirror(needs: int, seed: int) -> Iterator[str]:
    """A server with a matching database that holds so many needs; its URL for the application's role."""
    from deploy.embedded import provision
    from deploy.embedded.postgres import EmbeddedServer
    from shared.db.database import libpq_url
    from shared.db.migrate import upgrade

    with TemporaryDirectory(dir=".xieshou", prefix="test-bench-") as folder:
        Path(folder).chmod(0o711)
        server = EmbeddedServer(Path(folder).resolve() / "data", durable=False)
        with server:
            provision.provision(server)
            upgrade(Path("services/matching/migrations"), server.url("matching_owner", provision.MATCHING))
            url = server.url("matching_app", provision.MATCHING)
            with psycopg.connect(libpq_url(url), options=AS_SERVICE) as connection:
                fill(connection, needs, seed)
            with psycopg.connect(libpq_url(server.url("postgres", provision.MATCHING)), autocommit=True) as admin:
                admin.execute("VACUUM ANALYZE")
            yield url
        server.erase()


def fill(connection: Any, needs: int, seed: int) -> None:
    """Write everything."""
    draw = random.Random(seed)
    products = needs // PARTS
    regions = _regions(draw)
    suppliers = [uuid5(NAMESPACE, f"supplier {at}") for at in range(max(needs // 2, 20))]
    leaders = [uuid5(NAMESPACE, f"leader {at}") for at in range(max(products // PRODUCTS_OF_LEADER, 1))]
    firms = [(id_, draw.choice(regions)) for id_ in (*leaders, *suppliers)]
    _copy(connection, "mirror_enterprise", ENTERPRISE, _enterprises(firms, len(leaders)))
    _copy(connection, "mirror_cluster", CLUSTER, _clusters(draw, suppliers))
    _copy(connection, "mirror_product", PRODUCT, _products(draw, products, leaders))
    _copy(connection, "mirror_need", NEED, _needs(draw, products, leaders))
    _copy(connection, "mirror_purchase", PURCHASE, _purchases(draw, products, leaders, suppliers))
    _run(connection, products)
    _copy(connection, "suggestion", SUGGESTION, _suggestions(draw, products, leaders, firms[len(leaders) :]))


ENTERPRISE = "id version epoch credit_code name is_chain_leader is_supplier region status"
CLUSTER = "id version epoch code name tier target cities member_ids"
PRODUCT = "id version epoch code name leader_id cluster_id"
NEED = (
    "id version epoch product_id leader_id part_code part_name unit annual_quantity unit_price class_code text "
    "certificates parameters release_share processes materials"
)
PURCHASE = (
    "id version epoch leader_id part_code supplier_id supplier_name supplier_region period amount related_party "
    "toll_processing energy_water"
)
SUGGESTION = (
    "id run_id state stage version basis need_id line_key product_id leader_id supplier_id supplier_key capability_id "
    "capability_key amount placed_amount invoiced_amount invoiced_by_year line_spend score merit labels score_parts "
    "evidence effect created_at"
)


def _regions(draw: random.Random) -> list[str]:
    """Mostly the home province's counties, some of its cities, some counties elsewhere."""
    from shared.codes.regions import all_regions

    counties = [code for code, row in all_regions().items() if row.level == "county"]
    home = [code for code in counties if code.startswith("37")]
    cities = [code for code, row in all_regions().items() if row.level == "city" and code.startswith("37")]
    return home * 3 + cities + draw.sample(counties, 300)


def _enterprises(firms: list[tuple[UUID, str]], leaders: int) -> Iterator[Row]:
    for at, (id_, region) in enumerate(firms):
        yield id_, 1, "e", f"F{at:07}", f"示例{at}号厂", at < leaders, at >= leaders, region, "verified"


def _clusters(draw: random.Random, suppliers: list[UUID]) -> Iterator[Row]:
    from shared.codes.regions import circles

    cities = [city for each in circles().values() for city in each]
    for at in range(CLUSTERS):
        members = [str(id_) for id_ in draw.sample(suppliers, min(30, len(suppliers)))]
        held = Jsonb(draw.sample(cities, draw.randint(1, 4)))
        yield _id("cluster", at), 1, "e", f"C{at:02}", f"示例集群{at}", "provincial", "0.5", held, Jsonb(members)


def _products(draw: random.Random, products: int, leaders: list[UUID]) -> Iterator[Row]:
    for at in range(products):
        cluster = _id("cluster", draw.randrange(CLUSTERS)) if draw.random() < 0.95 else None
        yield _id("product", at), 1, "e", f"P{at:05}", f"示例产品{at}", leaders[at % len(leaders)], cluster


def part_of(product: int, part: int, leaders: int) -> str:
    """The code of a part: the first of them are those of all products of a leader."""
    return f"L{product % leaders}-{part}" if part < SHARED else f"P{product}-{part}"


def _needs(draw: random.Random, products: int, leaders: list[UUID]) -> Iterator[Row]:
    classes = ["3391", "3489", "3311", "3829", "3360", "2929", None]
    for product in range(products):
        for part in range(PARTS):
            code, price = part_of(product, part, len(leaders)), draw.choice(["12.5", "480", "7.3333", None])
            head = (_id("need", product, part), 1, "e", _id("product", product), leaders[product % len(leaders)])
            quantity, kind = draw.randint(1, 200_000), draw.choice(classes)
            lists = (Jsonb([]), Jsonb([]), 1, Jsonb([]), Jsonb([]))
            yield *head, code, "示例零部件", "件", quantity, price, kind, "", *lists


def _purchases(draw: random.Random, products: int, leaders: list[UUID], suppliers: list[UUID]) -> Iterator[Row]:
    parts = {(at % len(leaders), part_of(at, part, len(leaders))) for at in range(products) for part in range(PARTS)}
    for at, (leader, code) in enumerate(sorted(parts)):
        for number in range(draw.choice([0, 1, 2, 2, 3, 3, 4, 4, 5, 6])):
            supplier = draw.choice(suppliers) if draw.random() < 0.9 else None
            name = None if supplier or draw.random() < 0.3 else f"外购厂 {draw.randrange(5000)}"
            region = draw.choice(["370000", None, "320500"]) if supplier is None else None
            amount = draw.randint(1, 10**9) / 100 * (-0.2 if draw.random() < 0.02 else 1)
            flags = (draw.random() < 0.02, draw.random() < 0.02, draw.random() < 0.02)
            period = draw.choice(["2025", "2025Q1", "2025Q3", "2025-11"])
            head = (_id("purchase", at, number), 1, "e", leaders[leader], code, supplier, name, region)
            yield *head, period, f"{amount:.2f}", *flags


def _run(connection: Any, products: int) -> None:
    """A succeeded run with what the rates read of its plan: the products' totals."""
    from services.matching.engine.policy import Policy

    policy = Jsonb(Policy().model_dump(mode="json"))
    keys = {"products": {"key": [f"P{at:05}" for at in range(products)]}}
    totals = [{"product": at, "attainable_joint": 10**6, "attainable_alone": 2 * 10**6} for at in range(products)]
    snapshot, plan = zlib.compress(orjson.dumps(keys)), zlib.compress(orjson.dumps({"products": totals}))
    empty = Jsonb({})
    run = "id status progress policy note as_of requested_by created_at attempts"
    _copy(connection, "match_run", run, [(RUN, "succeeded", "", policy, "", NOW.date(), "bench", NOW, 1)])
    frozen = "run_id content sha256 policy epoch cursor caught_up sizes seconds frozen_at"
    row: Row = (RUN, snapshot, "s", policy, "e", "1", True, empty, "{}", NOW)
    _copy(connection, "run_snapshot", frozen, [row])
    record = (
        "run_id snapshot_sha256 policy plan plan_sha256 objective bound greedy gap sizes seconds engine_version "
        "recorded_at"
    )
    row = (RUN, "s", policy, plan, "p", empty, empty, empty, 0.0, empty, "{}", "bench", NOW)
    _copy(connection, "run_record", record, [row])


def _suggestions(
    draw: random.Random, products: int, leaders: list[UUID], suppliers: list[tuple[UUID, str]]
) -> Iterator[Row]:
    """Two lines of five have one, a third of them approved or farther."""
    states = ["proposed", "proposed", "rejected", "approved", "accepted", "contracted"]
    for product in range(products):
        for part in range(0, PARTS, 5):
            for line in (part, part + 1):
                supplier, state = draw.randrange(len(suppliers)), draw.choice(states)
                key, amount = f"F{len(leaders) + supplier:07}", draw.randint(1, 10**6)
                code = part_of(product, line, len(leaders))
                who = (_id("product", product), leaders[product % len(leaders)], suppliers[supplier][0], key)
                head = (_id("suggestion", product, line), RUN, state, state, 1, "value", _id("need", product, line))
                tail = (_id("offer", supplier), f"{key}/x", amount, amount, 0, Jsonb({}), 3 * amount, 500, 500 * amount)
                yield *head, f"P{product:05}/{code}", *who, *tail, Jsonb({}), "{}", Jsonb([]), Jsonb({}), NOW


def _copy(connection: Any, table: str, columns: str, rows: Iterable[Row]) -> None:
    """By way of a table of its own: COPY goes past row-level security, and is refused for that."""
    named = ", ".join(columns.split())
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE taken_in (LIKE {table} INCLUDING DEFAULTS) ON COMMIT DROP")
        with cursor.copy(f"COPY taken_in ({named}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"INSERT INTO {table} ({named}) SELECT {named} FROM taken_in")
    connection.commit()


def _id(kind: str, *numbers: int) -> UUID:
    return uuid5(NAMESPACE, json.dumps([kind, *numbers]))
