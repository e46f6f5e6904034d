"""The rates of 100,000 needs over HTTP: by every stage and group, after a decision, after a purchase; beside pandas.

Ours answers from what it keeps as long as nothing changes; a rival reads what it needs for each answer. pandas counts
with floats and nets no reversals; the ledger of the tests, over the ORM, counts line by line with fractions, and must
agree to the last 元 (quick runs only).
"""

import json
import time
from collections.abc import Callable
from typing import Any

from tests.bench.harness import Bench, Rival, once, parser, percentile
from tests.support.acting import AS_SERVICE

QUICK = [["--needs", "10000"]]
LARGE = [["--needs", "100000", "--rounds", "3"]]
MOST_MS = 200
ROUNDS = 5
"""Changes after which each of two stages is asked for."""
MOST_BY_LEDGER = 20_000
"""Needs up to which the slow rival is asked as well; it takes some 3 ms a need."""


def over_http(url: str) -> Callable[..., dict[str, Any]]:
    """The service in a process of its own, asked over HTTP; what `get` takes are the question's parameters."""
    import atexit
    import tempfile
    from contextlib import ExitStack
    from datetime import UTC, datetime, timedelta
    from pathlib import Path

    import httpx

    from services.matching.app import create_app
    from services.matching.settings import MatchingSettings
    from shared.security.actor import Actor, Role
    from shared.security.tokens import new_signing_key, public_jwks, sign_token
    from tests.conftest import serving

    stack, private = ExitStack(), new_signing_key()
    atexit.register(stack.close)
    jwks = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "jwks.json"
    jwks.write_text(public_jwks(private), "utf-8")
    settings = MatchingSettings.model_validate({"MATCHING_DATABASE_URL": url, "XIESHOU_JWKS_FILE": jwks})
    base = stack.enter_context(serving(create_app(settings)))
    token = sign_token(private, Actor("bench", Role.REVIEWER), timedelta(hours=9), datetime.now(UTC))
    client = stack.enter_context(httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=600))

    def get(**question: str) -> dict[str, Any]:
        answer = client.get(f"{base}/matching/v1/rates", params=question)
        answer.raise_for_status()
        found: dict[str, Any] = json.loads(answer.content)
        return found

    return get


def questions() -> list[dict[str, str]]:
    """Every stage by every group, and every basis and scope."""
    from services.matching.rates.definition import By, Stage

    groups = [
        {"stage": stage, "by": by} for stage in Stage for by in By if not (stage is Stage.ATTAINABLE and by is By.CLASS)
    ]
    bases = [
        {"stage": stage, "basis": basis, "scope": "cluster"}
        for stage in ("actual", "local_now", "approved", "suggested")
        for basis in ("lines", "suppliers")
    ]
    scopes = [{"stage": "local_now", "scope": scope} for scope in ("county", "city", "circle", "province")]
    return [*groups, *bases, *scopes, {"stage": "local_now", "scope": "radius", "radius_km": "80"}]


def all_questions(url: str) -> Callable[[], dict[str, Any]]:
    """Seconds of each question: asked first, and again; after a decision; after a purchase has changed."""
    import psycopg

    from shared.db.database import libpq_url

    get = over_http(url)

    def timed(question: dict[str, str]) -> float:
        began = time.perf_counter()
        get(**question)
        return time.perf_counter() - began

    def changed(statement: str, question: dict[str, str]) -> float:
        with psycopg.connect(libpq_url(url), autocommit=True, options=AS_SERVICE) as connection:
            connection.execute(statement)
        return timed(question)

    def run() -> dict[str, Any]:
        asked = questions()
        first = [timed(question) for question in asked]
        again = [(timed(question), question) for question in asked * 3]
        decision = "UPDATE suggestion SET state = state WHERE id = (SELECT id FROM suggestion LIMIT 1)"
        some = "(SELECT id FROM mirror_purchase ORDER BY random() LIMIT 3)"
        purchase = f"UPDATE mirror_purchase SET amount = amount + 1 WHERE id IN {some}"
        return {
            "first": first,
            "again": [seconds for seconds, _ in again],
            "worst": max(again, key=lambda row: row[0])[1],
            "decided": [changed(decision, {"stage": stage}) for stage in ("approved", "suggested") * ROUNDS],
            "bought": [changed(purchase, {"stage": stage}) for stage in ("actual", "local_now") * ROUNDS],
        }

    return run


def ours(url: str) -> Callable[[], list[list[str]]]:
    """Local now by cluster, over HTTP."""
    get = over_http(url)

    def run() -> list[list[str]]:
        return [[row["key"] or "", row["numerator"], row["denominator"]] for row in get(stage="local_now")["rows"]]

    return run


def by_ledger(url: str) -> Callable[[], list[list[str]]]:
    """The same by the ORM and the tests' ledger, line by line."""
    from collections import defaultdict

    from sqlmodel import Session, select

    from services.matching.engine.locality import Anchor
    from services.matching.engine.policy import Basis, Scope
    from services.matching.mirror.models import (
        MirrorCluster,
        MirrorEnterprise,
        MirrorNeed,
        MirrorProduct,
        MirrorPurchase,
    )
    from services.matching.rates.definition import Definition, Period, Stage
    from services.matching.rates.rules import Bought, decimal_of
    from shared.db.database import Database
    from shared.text.normalise import normalise
    from tests.support.rate_ledger import Ledger, Need, Product, projected_lines, supporting_rate

    database = Database(url)
    definition = Definition(Basis.VALUE, Scope.CLUSTER, Period(2025), Stage.LOCAL_NOW)

    def ledger(session: Session) -> tuple[Ledger, dict[str, str]]:
        clusters = {row.id: row for row in session.exec(select(MirrorCluster))}
        firms = {row.id: row for row in session.exec(select(MirrorEnterprise))}
        members: dict[str, list[str]] = defaultdict(list)
        for row in sorted(clusters.values(), key=lambda row: row.code):
            for member in row.member_ids:
                members[member].append(row.code)
        products, code_of, cluster_of = {}, {}, {}
        for product in session.exec(select(MirrorProduct)):
            cluster = clusters.get(product.cluster_id) if product.cluster_id else None
            region = firms[product.leader_id].region if product.leader_id else None
            anchor = Anchor(region, tuple(cluster.cities), cluster.code) if cluster else Anchor(region)
            products[product.code] = Product(product.code, anchor, str(product.leader_id))
            code_of[product.id], cluster_of[product.code] = product.code, cluster.code if cluster else ""
        needs = [
            Need(str(row.id), code_of[row.product_id], row.part_code, row.annual_quantity, row.unit, row.unit_price)
            for row in session.exec(select(MirrorNeed))
        ]
        bought: dict[tuple[str, str], list[Bought]] = defaultdict(list)
        for row in session.exec(select(MirrorPurchase)):
            firm = firms.get(row.supplier_id) if row.supplier_id else None
            excluded = row.related_party or row.toll_processing or row.energy_water
            if firm is not None:
                one = Bought(firm.credit_code, row.amount, firm.region, tuple(members[str(firm.id)]), excluded)
            else:
                name = None if row.supplier_name is None else f"name:{normalise(row.supplier_name)}"
                one = Bought(name, row.amount, row.supplier_region, (), excluded)
            bought[str(row.leader_id), row.part_code].append(one)
        return Ledger(products, needs, bought), cluster_of

    def run() -> list[list[str]]:
        with database.session() as session:
            found, cluster_of = ledger(session)
        by_cluster: dict[str, list[Any]] = defaultdict(list)
        for line in projected_lines(found, Scope.CLUSTER, Basis.VALUE, {}):
            by_cluster[cluster_of[line.need.product]].append(line.origins)
        rates = {key: supporting_rate(lines, definition) for key, lines in by_cluster.items()}
        keys = sorted(rates, key=lambda key: (not key, key))
        return [
            [key, *(str(decimal_of(part, 2)) for part in (rates[key].numerator, rates[key].denominator))]
            for key in keys
        ]

    return run


def by_pandas(url: str) -> Callable[[], int]:
    """The same in about as few lines as pandas takes, reading both tables each time; how many clusters there are."""
    import pandas
    from sqlalchemy import create_engine

    from shared.codes.regions import city_of
    from shared.db.database import driver_url

    # the rival reads as the service does: past the policies of rows
    engine = create_engine(driver_url(url), connect_args={"options": AS_SERVICE})

    def run() -> int:
        needs = pandas.read_sql(
            "SELECT c.code AS cluster, n.leader_id, n.part_code, (n.annual_quantity * n.unit_price)::float8 AS spend "
            "FROM mirror_need n JOIN mirror_product p ON p.id = n.product_id "
            "LEFT JOIN mirror_cluster c ON c.id = p.cluster_id",
            engine,
        )
        bought = pandas.read_sql(
            "SELECT p.leader_id, p.part_code, coalesce(e.region, p.supplier_region) AS region, p.amount::float8, "
            "p.supplier_id::text, p.related_party OR p.toll_processing OR p.energy_water AS excluded "
            "FROM mirror_purchase p LEFT JOIN mirror_enterprise e ON e.id = p.supplier_id WHERE p.period LIKE '2025%%'",
            engine,
        )
        clusters = pandas.read_sql("SELECT code AS cluster, cities, member_ids FROM mirror_cluster", engine)
        cities = {row.cluster: frozenset(row.cities) for row in clusters.itertuples()}
        members = {row.cluster: frozenset(row.member_ids) for row in clusters.itertuples()}
        city = {region: city_of(region) for region in bought["region"].dropna().unique()}
        bought["city"] = bought["region"].map(city)
        kept = bought[~bought["excluded"]]
        rows = needs.reset_index(names="line").merge(kept, on=["leader_id", "part_code"])
        rows["local"] = [
            place in cities.get(cluster, ()) or supplier in members.get(cluster, ())
            for cluster, place, supplier in zip(rows["cluster"], rows["city"], rows["supplier_id"], strict=True)
        ]
        rows["here"] = rows["amount"].where(rows["local"], 0.0)
        sums = rows.groupby("line")[["here", "amount"]].sum()
        needs["now"] = needs["spend"] * (sums["here"] / sums["amount"]).reindex(needs.index).fillna(0.0)
        return len(needs.groupby("cluster", dropna=False)[["now", "spend"]].sum())

    return run


def main() -> None:
    """Measure one size."""
    from tests.bench.rates_province import large_mirror

    arguments = parser(__doc__)
    arguments.add_argument("--needs", type=int, default=100_000, help="how many needs")
    asked = arguments.parse_args()
    bench = Bench("rates", asked)
    size = f"{asked.needs:,} needs"
    with large_mirror(asked.needs, asked.seed) as url:
        found = once(all_questions, (url,))
        rivals = [Rival("own, over HTTP", ours, (url,)), Rival("pandas", by_pandas, (url,), warm=0, rounds=2)]
        own, pandas = bench.alternate(rivals)
        if asked.needs <= MOST_BY_LEDGER:
            (ledger,) = bench.alternate([Rival("ORM and fractions", by_ledger, (url,), warm=0, rounds=1)])
            assert own.outcome == ledger.outcome, "arrays and ledger disagree"
            bench.figure(f"local now over {size} ÷ ORM", ledger.median / own.median, "×", ours=own, rival=ledger)
    limit = MOST_MS if asked.needs >= 100_000 else None
    worst = f"{len(found['again'])} answers; the slowest: {found['worst']}"
    bench.figure(f"an answer over {size}: median", 1000 * percentile(found["again"], 50), "ms", most=limit, note=worst)
    for percent in (95, 99):
        told = 1000 * percentile(found["again"], percent)
        bench.figure(f"an answer over {size}: {percent}th percentile", told, "ms", most=limit)
    for what, seconds in (("a decision", found["decided"]), ("purchases have changed", found["bought"])):
        changed = f"an answer over {size} after {what}"
        bench.figure(f"{changed}: median", 1000 * percentile(seconds, 50), "ms", most=limit)
        bench.figure(f"{changed}: 95th percentile", 1000 * percentile(seconds, 95), "ms", most=limit)
    bench.figure(f"the first answer of a process over {size}", 1000 * found["first"][0], "ms")
    bench.figure(f"local now over {size} ÷ pandas", pandas.median / own.median, "×", ours=own, rival=pandas)


if __name__ == "__main__":
    main()
