"""Changes from eight writers into the mirror: ours over HTTP, beside an outbox that is polled by id.

Eight writers at a time, in a process of their own, write transactions of 1 to 200 changes; some are slow, a tenth rolls
back; what they write is made before. The time goes from their start until all that was committed is in the mirror. The
rival is the usual outbox: the writers do not take turns, the follower reads `id > last` straight from the database,
without HTTP, and writes what it read with SQLAlchemy's upsert. It passes over what commits late: how much, is told
beside. What processors spend on a change, in all processes from the writers to the mirror, is told too: it depends less
on what else the machine does.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.bench.harness import Bench, Rival, once, parser

QUICK = [["--rounds", "3"]]
_SERVERS: list[int] = []


@dataclass(frozen=True)
class Stage:
    """All that one round needs, started before the clock: empty databases, writers that wait, the catalog served."""

    catalog: Any
    matching: Any
    url: str
    writers: "Writers"


def ours(changes: int, seed: int, rounds: int) -> Callable[[], int]:
    """The catalog's feed, served over HTTP by a process, followed into the mirror; how many changes were committed."""
    from services.matching.mirror.feed import CatalogFeed
    from services.matching.mirror.follower import catch_up, follow

    place = kept_databases()
    stages = [place.stage(changes, seed, turns=True) for _ in range(rounds)]

    def run() -> int:
        stage = stages.pop()
        stage.writers.start()

        async def follow_until_done() -> None:
            async with CatalogFeed(stage.url, place.token) as feed:
                following = asyncio.create_task(follow(stage.matching, feed))
                while not stage.writers.done():
                    await asyncio.sleep(0.02)
                following.cancel()
                await asyncio.wait([following])
                await catch_up(stage.matching, feed)

        asyncio.run(follow_until_done())
        committed = stage.writers.committed()
        assert mirrored(stage.matching) == committed, "the mirror is not what was committed"
        return len(committed)

    return run


def spent_by_ours(changes: int, seed: int) -> Callable[[], tuple[int, float]]:
    """How many changes were committed and mirrored, and the processor seconds of all processes that took part."""
    return _spent(ours(changes, seed, 1))


def spent_by_id(changes: int, seed: int) -> Callable[[], tuple[int, float]]:
    """The same of the outbox that is polled by its ids."""
    return _spent(by_id(changes, seed, 1))


def _spent(run: Callable[[], int]) -> Callable[[], tuple[int, float]]:
    def measured() -> tuple[int, float]:
        from tests.bench.feed_cpu import processor_seconds

        everybody = [os.getpid(), *_SERVERS]
        before = processor_seconds(everybody)
        return run(), processor_seconds(everybody) - before

    return measured


def from_zero(changes: int, seed: int) -> Callable[[], int]:
    """A new follower of a catalog that has all its changes behind it; how many rows it has in the end."""
    from services.matching.mirror.feed import CatalogFeed
    from services.matching.mirror.follower import catch_up

    place = kept_databases()
    stage = place.stage(changes, seed, turns=True)
    stage.writers.start()
    stage.writers.committed()

    async def follow() -> None:
        async with CatalogFeed(stage.url, place.token) as feed:
            await catch_up(stage.matching, feed)

    def run() -> int:
        asyncio.run(follow())
        return len(mirrored(stage.matching))

    return run


def by_id(changes: int, seed: int, rounds: int) -> Callable[[], int]:
    """An outbox polled by its ids, upserted by SQLAlchemy; how many changes were committed."""
    run = missed_by_id(changes, seed, rounds)
    return lambda: run()[0]


def missed_by_id(changes: int, seed: int, rounds: int) -> Callable[[], tuple[int, int]]:
    """The same: how many changes were committed, and how many of them never came."""
    place = kept_databases()
    stages = [place.stage(changes, seed, turns=False) for _ in range(rounds)]

    def run() -> tuple[int, int]:
        stage, last = stages.pop(), 0
        stage.writers.start()
        while True:
            done = stage.writers.done()
            rows = _after(stage.catalog, last)
            if rows:
                last = rows[-1].id
                _upsert(stage.matching, rows)
            elif done:
                committed = stage.writers.committed()
                return len(committed), len(committed - mirrored(stage.matching))

    return run


def mirrored(matching: Any) -> set[UUID]:
    """What the mirror holds."""
    from sqlalchemy import select
    from sqlmodel import col

    from services.matching.mirror.models import MirrorCapability

    with matching.session() as session:
        return set(session.execute(select(col(MirrorCapability.id))).scalars())


class Writers:
    """The process of the writers: what they committed comes at their end."""

    def __init__(self, url: str, changes: int, seed: int, turns: bool) -> None:
        self._child = part("write", url, str(changes), str(seed), str(int(turns)))
        self._child.stdout.readline()
        self._said: set[UUID] | None = None
        self._reading = threading.Thread(target=self._read, daemon=True)

    def start(self) -> None:
        """Let them write."""
        print("go", file=self._child.stdin, flush=True)
        self._reading.start()

    def done(self) -> bool:
        """Whether all have written all."""
        return self._said is not None

    def committed(self) -> set[UUID]:
        """The ids that they committed."""
        self._reading.join()
        self._child.communicate()
        return self._said or set()

    def _read(self) -> None:
        self._said = {UUID(id_) for id_ in self._child.stdout.readline().split()}


def part(*arguments: str) -> Any:
    """A process of tests/bench/feed_parts.py."""
    command = [sys.executable, "-m", "tests.bench.feed_parts", *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


class Place:
    """A server with both databases as templates, and what a follower needs; `stack` ends what is started on it."""

    def __init__(self, server: Any, jwks: Path, token: str, stack: ExitStack) -> None:
        self._server, self._jwks, self.token, self._stack = server, jwks, token, stack

    def stage(self, changes: int, seed: int, *, turns: bool) -> Stage:
        """Fresh databases, the writers at their start, the catalog served."""
        from shared.db.database import Database
        from tests.conftest import clone

        catalog = self._stack.enter_context(clone(self._server, "catalog")).app
        databases = [catalog, self._stack.enter_context(clone(self._server, "matching")).app]
        own, matching = (Database(url, pool_size=4) for url in databases)
        for database in (own, matching):
            self._stack.callback(database.dispose)
        child = part("serve", catalog, str(self._jwks))
        self._stack.callback(child.communicate)
        url = child.stdout.readline().strip()
        return Stage(own, matching, url, Writers(catalog, changes, seed, turns))


def kept_databases() -> Place:
    """The databases of this process, until it ends."""
    stack = ExitStack()
    Finalize(None, stack.close, exitpriority=1)
    return stack.enter_context(databases())


@contextmanager
def databases() -> Iterator[Place]:
    """An embedded server of this bench alone, which does not wait for the disk."""
    from datetime import UTC, datetime, timedelta

    from deploy.embedded import provision
    from deploy.embedded.postgres import EmbeddedServer
    from shared.db.migrate import upgrade
    from shared.security.actor import Actor, Role
    from shared.security.tokens import new_signing_key, public_jwks, sign_token

    folder = Path(tempfile.mkdtemp(prefix="test-bench-", dir=_scratch()))
    folder.chmod(0o711)
    server = EmbeddedServer(folder / "server", durable=False)
    with server:
        _SERVERS.append(server.pid or 0)
        provision.provision(server)
        for service, name in (("catalog", provision.CATALOG), ("matching", provision.MATCHING)):
            upgrade(Path("services") / service / "migrations", server.url(f"{service}_owner", name))
        key, jwks = new_signing_key(), folder / "jwks.json"
        jwks.write_text(public_jwks(key), "utf-8")
        token = sign_token(key, Actor("bench", Role.SERVICE), timedelta(hours=1), datetime.now(UTC))
        with ExitStack() as stack:
            yield Place(server, jwks, token, stack)
    server.erase()
    shutil.rmtree(folder)


def _scratch() -> Path:
    folder = Path(".xieshou").resolve()
    folder.mkdir(exist_ok=True)
    return folder


def _after(catalog: Any, last: int) -> list[Any]:
    """What a poll by id finds."""
    from sqlalchemy import text

    statement = text("SELECT id, data FROM outbox WHERE id > :last ORDER BY id LIMIT 2000")
    with catalog.session() as session:
        return list(session.execute(statement, {"last": last}))


def _upsert(matching: Any, rows: list[Any]) -> None:
    """The rows as the contract reads them, by an upsert as SQLAlchemy's documentation shows it."""
    from sqlalchemy.dialects.postgresql import insert

    from services.matching.mirror.models import MirrorCapability
    from shared.contracts.v1 import CapabilityV1

    entities = [CapabilityV1.model_validate(row.data) for row in rows]
    values = [
        {**each.model_dump(exclude={"parameters"}), "parameters": each.model_dump(mode="json")["parameters"]}
        for each in entities
    ]
    statement = insert(MirrorCapability.__table__)  # type: ignore[attr-defined]
    changed = {name: statement.excluded[name] for name in values[0] if name != "id"}
    with matching.session() as session:
        session.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=changed),
            [{**value, "epoch": "bench"} for value in values],
        )
        session.commit()


def main() -> None:
    """Measure both."""
    arguments = parser(__doc__)
    arguments.add_argument("--changes", type=int, default=40_000, help="how many changes are committed, about")
    asked = arguments.parse_args()
    bench = Bench("feed", asked)
    work = (asked.changes, asked.seed)
    own, usual = bench.alternate(
        [
            Rival("feed behind the oldest writer", ours, (*work, asked.rounds), warm=0),
            Rival("outbox polled by id", by_id, (*work, asked.rounds), warm=0),
        ]
    )
    (new,) = bench.alternate([Rival("a new follower", from_zero, work, warm=0, rounds=1)])
    committed, missed = once(missed_by_id, (*work, 1))
    (told, spent), (told_by_id, spent_on_theirs) = once(spent_by_ours, work), once(spent_by_id, work)
    note = f"eight writers, some slow, some rolled back; the id cursor missed {missed} of {committed}"
    rate, theirs = own.outcome / own.median, usual.outcome / usual.median
    bench.figure("changes a second into the mirror", rate, "/s", least=5000, ours=own, note=note)
    bench.figure("changes a second of a new follower from zero", new.outcome / new.median, "/s", least=5000, ours=new)
    bench.figure("changes a second ÷ outbox polled by id", rate / theirs, "×", ours=own, rival=usual, note=note)
    cost, theirs = 1e6 * spent / told, 1e6 * spent_on_theirs / told_by_id
    bench.figure("processor time a change, from its writing into the mirror", cost, "µs", note="all processes")
    bench.figure("processor time of an outbox polled by id ÷ ours", theirs / cost, "×", note="all processes")


if __name__ == "__main__":
    main()
