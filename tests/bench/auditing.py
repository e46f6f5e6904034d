"""What the audit costs a writer: processor time of single writes with it and without, and of sealing an entry.

Without: a database of the same migrations, whose history keeps no transaction's number, and no session followed. The
client's process and the server's count. Sealing is measured by itself.
"""

import argparse
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg

from tests.bench.harness import Bench, parser

QUICK = [["--writes", "300"]]
LARGE: list[list[str]] = []


def prepare(writes: int, audited: bool) -> Callable[[], Any]:
    """A fresh catalog, and a run of single writes in it: the processor seconds of all who took part."""
    import os
    import tempfile

    from deploy.embedded import provision
    from deploy.embedded.postgres import EmbeddedServer
    from services.catalog.enterprises import service as enterprises
    from services.catalog.history import service as history
    from shared.audit import acting
    from shared.audit.acting import Act
    from shared.audit.sealing import seal
    from shared.db.database import Database
    from shared.db.migrate import upgrade
    from tests.bench.feed_cpu import processor_seconds
    from tests.support.catalog_world import REVIEWER, firm

    stack = ExitStack()
    scratch = Path(".xieshou").absolute()
    scratch.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="test-", dir=scratch))
    server = stack.enter_context(EmbeddedServer(folder, durable=False))
    provision.provision(server)
    owner = server.url("catalog_owner", provision.CATALOG)
    upgrade(Path("services/catalog/migrations"), owner)
    if not audited:
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute("ALTER TABLE history ALTER COLUMN xid DROP DEFAULT")
    database = Database(server.url("catalog_app", provision.CATALOG), pool_size=1)
    serial = 0

    def run() -> dict[str, float]:
        nonlocal serial
        roots = [os.getpid(), int((server.place.data / "postmaster.pid").read_text("utf-8").split()[0])]
        began = processor_seconds(roots)
        for _ in range(writes):
            serial += 1
            with database.session() as session:
                if audited:
                    acting.follow(session, lambda: Act("account:1", "create_enterprise", "reviewer"))
                history.sign(session, REVIEWER)
                enterprises.upsert_enterprises(session, REVIEWER, [firm(serial, f"第{serial}家")])
                session.commit()
        written = processor_seconds(roots)
        seal(database)
        return {"write": (written - began) / writes, "seal": (processor_seconds(roots) - written) / writes}

    return run


def main() -> None:
    """Measure both in turns."""
    asked = _asked()
    bench = Bench("auditing", asked)
    found: dict[bool, list[dict[str, float]]] = {True: [], False: []}
    from tests.bench.stand import Stand

    stands = {audited: Stand(prepare, (asked.writes, audited)) for audited in (True, False)}
    for _ in range(asked.rounds):
        for audited, stand in stands.items():
            found[audited].append(stand.run()[1])
    for stand in stands.values():
        stand.close()
    with_it, without = (min(each["write"] for each in found[audited]) for audited in (True, False))
    bench.figure("a single write with the audit ÷ without", with_it / without, "×", note="processor seconds")
    bench.figure("processor time of a single write", 1e6 * with_it, "µs", note=f"without {1e6 * without:.0f} µs")
    bench.figure("processor time of sealing an entry", 1e6 * min(each["seal"] for each in found[True]), "µs")


def _asked() -> argparse.Namespace:
    found = parser(__doc__, rounds=3)
    found.add_argument("--writes", type=int, default=300)
    return found.parse_args()


if __name__ == "__main__":
    main()
