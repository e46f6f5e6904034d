"""A spreadsheet of capabilities through preview and apply into PostgreSQL, beside pandas with SQLAlchemy's add_all.

Rows like those of the seed's small province, their numbers, firms and half of their names drawn anew, so that cells
repeat about as often as in `seed --scale medium`. Ours keeps every row as it was sent and as it was understood, checks
credit codes, units, classes and parameters, judges names, compares with what is stored, and tells outbox and history.
The rival reads the same file, checks that what is required is there, and writes the same three tables; it knows none
of the rules, and its rows of history come from the same triggers. What processors spend on a row, in this process and
in PostgreSQL, is told too: it depends less on what else the machine does.
"""

import csv
import io
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from tests.bench.harness import Bench, Rival, once, parser

QUICK = [["--rows", "20000"]]
LARGE = [["--rows", "100000"]]
FOLDER = Path(__file__).resolve().parents[2] / ".xieshou"
PER_FIRM = 3
TENTH = 10
"""The rival gets so many times fewer rows: what it takes grows with them, and is minutes otherwise."""
SERIES = 4
"""Each rival has files of its own, and so has the count of what processors spend."""
HEADINGS = ("supplier", "code", "name", "class_code", "text", "parameters", "spare_capacity", "capacity_unit")
TERMS = ("unit_price", "moq", "lead_time_days")


@contextmanager
def catalog() -> Iterator[tuple[str, int]]:
    """A server with an empty, migrated catalog in a folder of its own: the application's URL, the server's process."""
    from deploy.embedded import provision
    from deploy.embedded.postgres import EmbeddedServer
    from shared.db.migrate import upgrade

    FOLDER.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="test-bench-", dir=FOLDER))
    folder.chmod(0o711)
    server = EmbeddedServer(folder / "server")
    with server:
        provision.provision(server)
        migrations = Path("services/catalog/migrations")
        upgrade(migrations, server.url("catalog_owner", provision.CATALOG))
        yield server.url("catalog_app", provision.CATALOG), server.pid or 0
    server.erase()
    shutil.rmtree(folder, ignore_errors=True)


def files(rows: int, rounds: int, seed: int) -> list[bytes]:
    """A file for each round, all of other codes: every round creates its rows."""
    from services.catalog.imports.templates import TEMPLATES, ImportKind
    from services.catalog.seed.province import Scale, province

    kind = ImportKind.CAPABILITIES
    offers = [row for row in province(Scale.SMALL, seed)[kind] if row.get("unit_price") is not None]
    headings = [column.heading for column in TEMPLATES[kind].columns if column.field in {*HEADINGS, *TERMS}]
    dice, made = Random(seed), []
    for number in range(rounds):
        stream = io.StringIO()
        writer = csv.writer(stream)
        writer.writerow(headings)
        writer.writerows(_offer(dice.choice(offers), at, number, dice) for at in range(rows))
        made.append(stream.getvalue().encode("utf-8-sig"))
    return made


def _offer(like: Any, at: int, number: int, dice: Random) -> list[Any]:
    """A row like another, with numbers of its own."""
    scale = dice.uniform(0.5, 2)
    name = (
        str(like["name"]) if dice.random() < 0.5 else re.sub(r"^|(?<=/)", dice.choice(("精", "高", "重")), like["name"])
    )
    price = round(float(like["unit_price"]) * scale, 2)
    told = [_firm(at // PER_FIRM), f"R{number}-{at % PER_FIRM}", name, like.get("class_code")]
    told += [_scaled(like.get("text") or "", scale), _scaled(like.get("parameters") or "", scale)]
    told += [like.get("spare_capacity"), like.get("capacity_unit"), price, like.get("moq"), like.get("lead_time_days")]
    return told


def _scaled(text: str, scale: float) -> str:
    """The text with its numbers scaled, but for those that belong to a name (Q235, IT7, 304) or a list of grades."""
    return re.sub(
        r"材质 =[^；]*|(?<![A-Za-z\d.=/])\d+(?:\.\d+)?(?=\s*[~～\-]|\s*[a-zA-Zμ°%台条]|$)",
        lambda match: match[0] if match[0].startswith("材质") else _times(match[0], scale),
        text,
    )


def _times(number: str, scale: float) -> str:
    told = f"{float(number) * scale:.3g}"
    return number if "e" in told else told


def _firm(serial: int) -> str:
    from shared.codes.credit_code import make

    return make(serial + 1)


def register(url: str, rows: int) -> None:
    """Register the firms that the rows name."""
    from services.catalog.enterprises.schemas import EnterpriseWrite
    from services.catalog.enterprises.service import upsert_enterprises
    from shared.db.database import Database
    from shared.security.actor import Actor, Role

    database = Database(url, pool_size=1)
    firms = [
        EnterpriseWrite(
            credit_code=_firm(serial), name=f"第{serial}厂（虚构）", is_chain_leader=False, is_supplier=True
        )
        for serial in range(rows // PER_FIRM + 1)
    ]
    with database.session() as session:
        upsert_enterprises(session, Actor("bench", Role.REVIEWER), firms)
        session.commit()
    database.dispose()


def in_steps(url: str, folder: str, first: int) -> Callable[[], bool]:
    """Upload, preview and apply as they follow each other over HTTP; whether nearly all rows were created."""
    from services.catalog.imports.outcomes import Mode
    from services.catalog.imports.stepwise import steps
    from shared.db.database import Database
    from shared.security.actor import Actor, Role

    database, actor, coming = Database(url, pool_size=4), Actor("bench", Role.REVIEWER), _coming(folder, first)

    def run() -> bool:
        with database.session() as session:
            draft = steps.upload(session, actor, "供给能力.csv", next(coming))
            steps.preview(session, actor, draft.id)
            report = steps.apply(session, actor, draft.id, Mode.VALID_ROWS)
        return sum(sheet.created for sheet in report.sheets) > 0.9 * sum(sheet.rows for sheet in report.sheets)

    return run


def spent(url: str, folder: str, first: int, server: int) -> Callable[[], tuple[float, float]]:
    """Seconds of processors that upload, preview and apply took: of this process, and of PostgreSQL's."""
    from tests.bench.feed_cpu import processor_seconds

    run = in_steps(url, folder, first)

    def measured() -> tuple[float, float]:
        before = processor_seconds([os.getpid()]), processor_seconds([server])
        assert run(), "hardly any row was created"
        return processor_seconds([os.getpid()]) - before[0], processor_seconds([server]) - before[1]

    return measured


def at_once(url: str, folder: str, first: int) -> Callable[[], bool]:
    """The same as one request; whether nearly all rows were created."""
    from services.catalog.imports.service import import_file
    from shared.db.database import Database
    from shared.security.actor import Actor, Role

    database, actor, coming = Database(url, pool_size=4), Actor("bench", Role.REVIEWER), _coming(folder, first)

    def run() -> bool:
        with database.session() as session:
            report = import_file(session, actor, "供给能力.csv", next(coming))
        return sum(sheet.created for sheet in report.sheets) > 0.9 * sum(sheet.rows for sheet in report.sheets)

    return run


def add_all(url: str, folder: str, first: int, rows: int) -> Callable[[], bool]:
    """The rival on the first `rows` of its file: pandas reads and checks, SQLAlchemy's unit of work writes."""
    import pandas
    from sqlalchemy import select

    from services.catalog.capabilities.models import Capability
    from services.catalog.enterprises.models import Enterprise
    from services.catalog.feed.models import OutboxEvent
    from services.catalog.imports.models import Import, ImportRow
    from shared.db.database import Database

    database, coming = Database(url, pool_size=4), _coming(folder, first)
    fields = [*HEADINGS, *TERMS]

    def run() -> bool:
        frame = pandas.read_csv(io.BytesIO(next(coming)), dtype=str, keep_default_na=False, nrows=rows)
        raws = frame.to_dict("records")
        frame.columns = pandas.Index(fields)
        frame = frame.apply(lambda column: column.str.strip()).replace("", None)
        for name in ("spare_capacity", "unit_price", "moq", "lead_time_days"):
            frame[name] = pandas.to_numeric(frame[name])
        valid = frame["supplier"].notna() & frame["name"].notna() & ~frame.duplicated(["supplier", "code"])
        with database.session() as session:
            known = dict(session.execute(select(Enterprise.credit_code, Enterprise.id)).all())  # type: ignore[call-overload]
            sent = Import(filename="x.csv", sha256="", mode="valid_rows", applied=True, state="applied", actor="bench")
            session.add(sent)
            session.flush()
            cleaned = frame.astype(object).where(frame.notna(), None).to_dict("records")
            kept, offers = [], []
            for at, (raw, row) in enumerate(zip(raws, cleaned, strict=True)):
                outcome = "created" if valid.iat[at] and row["supplier"] in known else "refused"
                kept.append(
                    ImportRow(
                        import_id=sent.id,
                        sheet="供给能力",
                        row=at + 2,
                        kind="capabilities",
                        outcome=outcome,
                        raw=raw,
                        cleaned=row,
                    )
                )
                if outcome == "created":
                    values = {
                        **row,
                        "supplier_id": known[row.pop("supplier")],
                        "text": row["text"] or "",
                        "parameters": [],
                    }
                    values.pop("supplier")
                    offers.append(Capability(**values))
            session.add_all(kept)
            session.add_all(offers)
            session.flush()
            session.add_all(
                OutboxEvent(
                    kind="capability",
                    entity_id=offer.id,
                    version=1,
                    op="upsert",
                    data=offer.model_dump(mode="json", warnings=False, exclude={"created_at", "updated_at"}),
                )
                for offer in offers
            )
            session.commit()
        return len(offers) > 0.9 * len(kept)

    return run


def _coming(folder: str, first: int) -> Iterator[bytes]:
    """The files that are a rival's own, one for each round."""
    return (path.read_bytes() for path in sorted(Path(folder).glob("*.csv"))[first::SERIES])


def main() -> None:
    """Measure one size."""
    arguments = parser(__doc__, rounds=3)
    arguments.add_argument("--rows", type=int, default=20_000)
    asked = arguments.parse_args()
    bench = Bench("importing", asked)
    with catalog() as (url, server), tempfile.TemporaryDirectory() as folder:
        register(url, asked.rows)
        for number, content in enumerate(files(asked.rows, SERIES * (asked.rounds + 1), asked.seed)):
            (Path(folder) / f"{number:03d}.csv").write_bytes(content)
        stepwise, request, theirs = bench.alternate(
            [
                Rival("upload, preview, apply", in_steps, (url, folder, 0)),
                Rival("one request", at_once, (url, folder, 1)),
                Rival("pandas + add_all", add_all, (url, folder, 2, asked.rows // TENTH), warm=0, rounds=1),
            ]
        )
        ours, postgres = once(spent, (url, folder, 3, server), warm=1)
    size = f"{asked.rows:,} capabilities"
    least = 20_000
    note = "with raw rows, outbox and history"
    bench.figure(
        f"{size}: preview and apply", asked.rows / stepwise.median, "rows/s", least=least, ours=stepwise, note=note
    )
    bench.figure(f"{size}: one request", asked.rows / request.median, "rows/s", ours=request, note=note)
    ratio = theirs.median * TENTH / stepwise.median
    for who, seconds in (("Python", ours), ("PostgreSQL", postgres)):
        bench.figure(f"{size}: processor time a row, {who}", 1e6 * seconds / asked.rows, "µs", note=note)
    bench.figure(f"{size}: preview and apply ÷ pandas + add_all", ratio, "×", ours=stepwise, rival=theirs, note=note)


if __name__ == "__main__":
    main()
