"""Words of two and more characters over the names of 50,000 firms and the texts of 100,000 capabilities.

Ours reads through what each web process keeps in memory; the rivals are what one would reach for first: pg_trgm, which
has no trigram for a word of two characters, and an index over the bigrams of each row. All three give the same rows in
the same order. Told beside: what it costs to keep (the first search of a process, its memory, a search after a change),
and what an index costs: capabilities written through the service, with it and without. Initials and names alike have
no rival here.
"""

import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.bench.harness import Bench, Rival, once, parser

QUICK = [["--rounds", "3"]]
MOST_MS = 50

WORDS = [
    *("阀门", "铸造", "机械", "精密", "轴承", "电机", "齿轮", "液压", "焊接", "模具", "铝业", "重工", "科技", "汽车"),
    *("部件", "船舶", "传动", "橡胶", "材料", "智能", "装备", "电气", "仪表", "弹簧", "紧固", "铜业", "管件", "泵业"),
    *("压铸", "锻压", "冲压", "注塑", "表面", "喷涂", "线束", "密封", "法兰", "轮毂", "壳体", "支架", "导轨", "丝杠"),
    *("刀具", "夹具", "转子", "定子", "叶片", "叶轮", "阀体", "曲轴", "连杆", "缸盖", "水泵", "散热"),
]
PLACES = ["济南", "青岛", "烟台", "潍坊", "淄博", "临沂", "济宁", "威海", "东营", "泰安", "日照", "德州", "聊城"]
COMMON = [chr(code) for code in range(0x4E00, 0x4E00 + 1500)]

_BIGRAMS = """
CREATE FUNCTION bigrams(text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT array(SELECT DISTINCT substr($1, n, 2) FROM generate_series(1, length($1) - 1) n) $$
"""
_INDEXES = {
    "none": (),
    "trigrams": (
        "CREATE EXTENSION pg_trgm",
        "CREATE INDEX ON enterprises USING gin (name gin_trgm_ops)",
        "CREATE INDEX ON capabilities USING gin (name gin_trgm_ops)",
        "CREATE INDEX ON capabilities USING gin (text gin_trgm_ops)",
    ),
    "bigrams": (
        _BIGRAMS,
        "CREATE INDEX ON enterprises USING gin (bigrams(name))",
        "CREATE INDEX ON capabilities USING gin (bigrams(name || ' ' || text))",
    ),
}
_HAS = {
    "trigrams": ("name LIKE %(like)s", "name LIKE %(like)s OR text LIKE %(like)s"),
    "bigrams": (
        "bigrams(name) @> bigrams(%(q)s) AND name LIKE %(like)s",
        "bigrams(name || ' ' || text) @> bigrams(%(q)s) AND (name LIKE %(like)s OR text LIKE %(like)s)",
    ),
}
_ORDER = (
    "ORDER BY CASE WHEN name = %(q)s THEN 0 WHEN name LIKE %(begins)s THEN 1 WHEN name LIKE %(like)s THEN 2 ELSE 4 END,"
    " CASE WHEN name LIKE %(like)s THEN char_length(name) ELSE 0 END, id LIMIT 20"
)
KINDS = ("enterprise", "capability")
QUERIES = ["阀门", "轮毂", "泵业", "智能装备", "阀体法兰水泵", "青岛", "仪表弹簧紧固"]


def ours(index: str, firms: int, seed: int, queries: list[str]) -> Callable[[], list[list[str]]]:
    """The use case itself, for a reviewer."""
    place = prepared(index, firms, seed)

    def run() -> list[list[str]]:
        from services.catalog.search.service import search
        from tests.support.catalog_world import REVIEWER

        with place.session() as session:
            found = [search(session, REVIEWER, query, KINDS, 20) for query in queries]
        return [[str(hit.id) for group in groups for hit in group.hits] for groups in found]

    return run


def keeping(firms: int, seed: int) -> Callable[[], dict[str, float]]:
    """Seconds of the first search of a process, and of one after a capability has changed."""
    place = prepared("none", firms, seed)

    def asked() -> float:
        from services.catalog.search.service import search
        from tests.support.catalog_world import REVIEWER

        began = time.perf_counter()
        with place.session() as session:
            search(session, REVIEWER, QUERIES[0], KINDS, 20)
        return time.perf_counter() - began

    def run() -> dict[str, float]:
        first = asked()
        with place.connection() as connection:
            connection.execute("UPDATE capabilities SET version = 2 WHERE id = (SELECT id FROM capabilities LIMIT 1)")
        return {"first": first, "changed": asked()}

    return run


def indexed(index: str, firms: int, seed: int, queries: list[str]) -> Callable[[], list[list[str]]]:
    """The same rows found by an index."""
    place = prepared(index, firms, seed)
    named, described = _HAS[index]

    def run() -> list[list[str]]:
        found = []
        with place.connection() as connection:
            for query in queries:
                asked = {"q": query, "like": f"%{query}%", "begins": f"{query}%"}
                rows = connection.execute(f"SELECT id FROM enterprises WHERE {named} {_ORDER}", asked).fetchall()
                rows += connection.execute(f"SELECT id FROM capabilities WHERE {described} {_ORDER}", asked).fetchall()
                found.append([str(row[0]) for row in rows])
        return found

    return run


def writing(index: str, firms: int, seed: int) -> Callable[[], int]:
    """Capabilities written through their service while the index is there; how many."""
    place = prepared(index, firms, seed)

    def run() -> int:
        from services.catalog.capabilities.schemas import CapabilityWrite
        from services.catalog.capabilities.service import upsert_capabilities
        from tests.support.catalog_world import REVIEWER

        draw = random.Random(time.time_ns())
        rows = [
            CapabilityWrite(
                supplier_id=firm, code=f"new-{draw.random()}", name=words(draw, 1) + "壳体", text=text(draw)
            )
            for firm in place.firms[: firms // 5]
        ]
        with place.session() as session:
            upsert_capabilities(session, REVIEWER, rows)
            session.commit()
        return len(rows)

    return run


def alike(firms: int, seed: int) -> Callable[[], int]:
    """The names that are like one that is registered, among all; how many."""
    place = prepared("none", firms, seed)

    def run() -> int:
        from services.catalog.search.similar import similar

        with place.session() as session:
            return len(similar(session, [place.firms[7]]).get(place.firms[7], []))

    return run


class Prepared:
    """A catalog with the firms and their capabilities."""

    def __init__(self, app: str, owner: str, firms: int, seed: int) -> None:
        from shared.db.database import Database

        self._database, self.owner, self.firms = Database(app), owner, self._fill(owner, firms, random.Random(seed))

    def session(self) -> Any:
        """A session of the application's role."""
        return self._database.session()

    def connection(self) -> Any:
        """A plain connection of the owner."""
        import psycopg

        return psycopg.connect(self.owner)

    def _fill(self, owner: str, count: int, draw: random.Random) -> list[UUID]:
        import psycopg

        firms = [UUID(int=draw.getrandbits(128)) for _ in range(count)]
        with psycopg.connect(owner) as connection, connection.cursor() as cursor:
            columns = "id, version, source_key, name, is_chain_leader, is_supplier, status"
            with cursor.copy(f"COPY enterprises ({columns}) FROM STDIN") as copy:
                for number, id_ in enumerate(firms):
                    copy.write_row((id_, 1, f"x:{number}", firm(draw), False, True, "verified"))
            columns = "id, version, supplier_id, code, name, text, parameters, processes, materials"
            with cursor.copy(f"COPY capabilities ({columns}) FROM STDIN") as copy:
                for number in range(2 * count):
                    id_, owner_id = UUID(int=draw.getrandbits(128)), firms[number % count]
                    copy.write_row((id_, 1, owner_id, str(number), words(draw, 2), text(draw), "[]", "{}", "{}"))
        return firms


def prepared(index: str, firms: int, seed: int) -> Prepared:
    """The catalog, with an index or without; it lives as long as the process."""
    import psycopg

    place = _PLACES.enter(firms, seed)
    with psycopg.connect(place.owner, autocommit=True) as connection:
        for statement in _INDEXES[index]:
            connection.execute(statement)
        connection.execute("VACUUM ANALYZE")
    return place


class _Places:
    """Keeps the servers of this process open."""

    def __init__(self) -> None:
        self._open: list[Any] = []

    def enter(self, firms: int, seed: int) -> Prepared:
        context = _server(firms, seed)
        self._open.append(context)
        return context.__enter__()


_PLACES = _Places()


@contextmanager
def _server(firms: int, seed: int) -> Iterator[Prepared]:
    """A server of this process, with a catalog that is filled."""
    from deploy.embedded.postgres import EmbeddedServer
    from deploy.embedded.provision import CATALOG, provision
    from shared.db.migrate import upgrade

    folder = Path(tempfile.mkdtemp(prefix="test-", dir=".xieshou"))
    server = EmbeddedServer(folder.resolve() / "data", durable=False)
    try:
        with server:
            provision(server)
            owner = server.url("catalog_owner", CATALOG)
            upgrade(Path("services/catalog/migrations"), owner)
            yield Prepared(server.url("catalog_app", CATALOG), owner, firms, seed)
    finally:
        server.erase()
        shutil.rmtree(folder, ignore_errors=True)


def words(draw: random.Random, count: int) -> str:
    """Some words of the trade."""
    return "".join(draw.choice(WORDS) for _ in range(count))


def firm(draw: random.Random) -> str:
    """A fictitious firm's name."""
    return draw.choice(PLACES) + "".join(draw.choices(COMMON[:900], k=2)) + words(draw, 2) + "有限公司（虚构）"


def text(draw: random.Random) -> str:
    """A description of some 60 characters."""
    return "".join(words(draw, 1) if draw.random() < 0.4 else draw.choice(COMMON) for _ in range(45))


def main() -> None:
    """Measure the queries and what an index costs."""
    arguments = parser(__doc__)
    arguments.add_argument("--firms", type=int, default=50_000, help="how many firms, with two capabilities each")
    asked = arguments.parse_args()
    bench, size = Bench("searching", asked), (asked.firms, asked.seed)
    by_words = [Rival("ours", ours, ("none", *size, QUERIES))]
    by_words += [Rival(name, indexed, (name, *size, QUERIES)) for name in ("trigrams", "bigrams")]
    own, trigrams, bigrams = bench.alternate(by_words)
    assert own.outcome == trigrams.outcome == bigrams.outcome, "the rivals find other rows"
    each, where = 1000 / len(QUERIES), f"among {asked.firms:,} firms"
    bench.figure(f"a search {where}", each * own.median, "ms", most=MOST_MS, ours=own)
    bench.figure(f"memory of a process that searches {where}", own.peak_mb, "MB", ours=own)
    bench.figure(f"a search {where} by pg_trgm ÷ ours", trigrams.median / own.median, "×", ours=own, rival=trigrams)
    bench.figure(f"a search {where} by bigrams ÷ ours", bigrams.median / own.median, "×", ours=own, rival=bigrams)
    lone = [Rival("initials", ours, ("none", *size, ["zny"])), Rival("names alike", alike, size)]
    initials, near = bench.alternate(lone)
    bench.figure(f"a search {where} by initials", 1000 * initials.median, "ms", most=MOST_MS, ours=initials)
    bench.figure(f"names like one {where}", 1000 * near.median, "ms", ours=near)
    kept_up = once(keeping, size)
    bench.figure(f"the first search of a process {where}", 1000 * kept_up["first"], "ms")
    bench.figure(f"a search {where} after a change", 1000 * kept_up["changed"], "ms")
    ways = [Rival(f"writing, {name}", writing, (name, *size)) for name in ("none", "bigrams")]
    plain, kept = bench.alternate(ways)
    what = "rows written with a bigram index ÷ without"
    bench.figure(what, kept.median / plain.median, "× time", ours=plain, rival=kept)


if __name__ == "__main__":
    main()
