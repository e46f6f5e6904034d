"""The record of an import: its report and its rows, written and read back."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from heapq import merge
from operator import itemgetter
from typing import Any, get_args
from uuid import UUID

import orjson
from sqlalchemy import RowMapping, delete, func, insert, select, update
from sqlmodel import Session

from services.catalog.imports.checking.applying import WRITE_MODELS
from services.catalog.imports.cleaning.rows import Row
from services.catalog.imports.cleaning.sent import Sent
from services.catalog.imports.models import Import, ImportFile, ImportRow
from services.catalog.imports.outcomes import Mode, Outcome, told
from services.catalog.imports.plan import Plan
from services.catalog.imports.schemas import ImportReport, SheetReport
from services.catalog.imports.states import State
from services.catalog.imports.stepwise import packs
from services.catalog.imports.stepwise.packs import Values
from services.catalog.imports.templates import ImportKind
from shared.db.copy import Columns, Same, copy_columns
from shared.db.ids import new_id
from shared.db.upserts import among, sql_table
from shared.http.responses import json_bytes
from shared.security.actor import Actor

SHOWN_PROBLEMS = 1000
SHOWN_NOTES = 200

IMPORTS, ROWS, FILES = sql_table(Import), sql_table(ImportRow), sql_table(ImportFile)

WRITTEN = (Outcome.CREATED, Outcome.CHANGED, Outcome.UNCHANGED)
"""The outcomes of rows that nothing speaks against."""


def is_refused(plan: Plan) -> bool:
    """Tell whether anything in a file was refused."""
    return plan.unread or any(row.outcome is Outcome.REFUSED for row in plan.all_rows)


def summary(plan: Plan) -> dict[str, Any]:
    """The counts, notes and first problems of a plan, in their JSON form, as the table of imports keeps them."""
    problems = [*plan.problems, *(problem for row in plan.all_rows for problem in row.problems)]
    sheets = [sheet.model_dump(mode="json") for sheet in _sheets(plan)]
    counted = {"sheets": sheets, "notes": plan.notes[:SHOWN_NOTES], "problem_count": len(problems)}
    return {"summary": counted, "problems": told(problems[:SHOWN_PROBLEMS])}


def start(
    session: Session, actor: Actor, filename: str, sha256: str, *, kind: ImportKind | None = None, **fields: Any
) -> UUID:
    """Write the record of an import; its id."""
    owner = {"actor": actor.subject, "enterprise_id": actor.enterprise_id}
    blank = {"mode": Mode.VALID_ROWS.value, "applied": False, "state": State.UPLOADED.value, "version": 1}
    blank |= {"summary": {"sheets": [], "notes": [], "problem_count": 0}, "problems": [], "cancelling": False}
    values = {"id": new_id(), **blank, "filename": filename, "sha256": sha256, **owner, **fields}
    session.execute(insert(IMPORTS).values(kind=kind.value if kind else None, **values))
    return UUID(str(values["id"]))


def change(session: Session, id: UUID, version: int, **fields: Any) -> bool:
    """Change the record of an import as it was at `version`, and end its job; False when somebody changed it since."""
    done = {"version": version + 1, "changed_at": func.now(), "progress": None, "cancelling": False}
    values = {"job": None, **fields, **done}
    statement = update(IMPORTS).where(IMPORTS.c.id == id, IMPORTS.c.version == version).values(values)
    return session.execute(statement.returning(IMPORTS.c.id)).first() is not None


def read_report(session: Session, id: UUID) -> ImportReport:
    """The report on an import as it is now."""
    row = session.execute(select(IMPORTS).where(IMPORTS.c.id == id)).mappings().one()
    return ImportReport.model_validate({**row, **row["summary"]})


def keep_rows(session: Session, import_id: UUID, plan: Plan) -> None:
    """Write the rows of an import in place of those that it had; repeated ones say nothing new and are left out."""
    session.execute(delete(ROWS).where(ROWS.c.import_id == import_id))
    packs.forget(session, import_id)
    rows = [row for row in plan.all_rows if row.outcome is not Outcome.REPEATED]
    numbered = list(zip(packs.ids_of(len(rows)), rows, strict=True))
    waiting = [each for each in numbered if each[1].outcome is Outcome.TO_BE_LOOKED_AT]
    copy_columns(session, ROWS, _columns(import_id, waiting))
    packs.keep(session, import_id, [each for each in numbered if each[1].outcome is not Outcome.TO_BE_LOOKED_AT])


def _columns(import_id: UUID, rows: Sequence[tuple[UUID, Row]]) -> Columns:
    return {
        "import_id": Same(import_id),
        "id": [id for id, _ in rows],
        **{name: [getattr(row, name) for _, row in rows] for name in ("sheet", "kind", "outcome", "raw")},
        "row": [row.number for _, row in rows],
        "cleaned": [row.values or None for _, row in rows],
        "problems": [told(row.problems) for _, row in rows],
    }


def kept_rows(
    session: Session,
    import_id: UUID,
    outcomes: Collection[Outcome] = tuple(Outcome),
    after: UUID | None = None,
    most: int | None = None,
) -> Iterator[Values]:
    """The rows of an import in the order of the file, packed or not: those of these outcomes, up to `most` and more."""
    alone = select(ROWS).where(ROWS.c.import_id == import_id, among(ROWS.c.outcome, outcomes))
    if after is not None:
        alone = alone.where(ROWS.c.id > after)
    alone = alone.order_by(ROWS.c.id).limit(most)
    singly = map(dict, session.execute(alone).mappings().all())
    return merge(singly, packs.read(session, import_id, outcomes, after), key=itemgetter("id"))


def update_rows(session: Session, import_id: UUID, rows: Mapping[UUID, Row]) -> None:
    """Write what became of single rows, by their ids."""
    packs.change(session, import_id, rows)
    for id, row in rows.items():
        values = {"outcome": row.outcome, "changes": as_stored(row.changes), "problems": told(row.problems)}
        session.execute(update(ROWS).where(ROWS.c.id == id).values(values))


def as_stored(changes: dict[str, Any] | None) -> dict[str, Any] | None:
    """Changes in the JSON form that the table has them in."""
    return None if changes is None else orjson.loads(json_bytes(changes))


def row_again(kept: Mapping[str, Any]) -> Row:
    """A row that was kept, ready to be decided on anew; nothing is said of how it was sent."""
    kind = ImportKind(kept["kind"])
    values = dict(kept["cleaned"] or {})
    for name, read in _readers(kind).items():
        if values.get(name) is not None:
            values[name] = read(values[name])
    return Row(kind, kept["sheet"], kept["row"], Sent(), 0, {}, values=values)


def counted(session: Session, record: RowMapping) -> dict[str, Any]:
    """The summary of an import with its counts taken from the rows as they are now; repeated rows are not kept."""
    none = {each.value: 0 for each in Outcome if each is not Outcome.REPEATED}
    sheets = [{**sheet, **none} for sheet in record["summary"]["sheets"]]
    by_place = {(sheet["sheet"], sheet["kind"]): sheet for sheet in sheets}
    columns = (ROWS.c.sheet, ROWS.c.kind, ROWS.c.outcome)
    alone = select(*columns, func.count()).where(ROWS.c.import_id == record["id"]).group_by(*columns)
    counts = packs.counted(session, record["id"])
    counts.update({(sheet, kind, outcome): count for sheet, kind, outcome, count in session.execute(alone)})
    for (sheet, kind, outcome), count in counts.items():
        by_place[sheet, kind][outcome] = count
    return {**record["summary"], "sheets": sheets}


def by_kind(rows: Sequence[Row]) -> dict[ImportKind, list[Row]]:
    """Rows by kind in the order of import."""
    found: dict[ImportKind, list[Row]] = {kind: [] for kind in ImportKind}
    for row in rows:
        found[row.kind].append(row)
    return {kind: of_kind for kind, of_kind in found.items() if of_kind}


def forget_file(session: Session, import_id: UUID) -> None:
    """Delete the file of an import that will not be read again."""
    session.execute(delete(FILES).where(FILES.c.import_id == import_id))


_READERS: dict[ImportKind, dict[str, Callable[[str], Any]]] = {}


def _readers(kind: ImportKind) -> dict[str, Callable[[str], Any]]:
    """How the values of a kind that JSON does not know are read back: decimals and days."""
    if kind not in _READERS:
        fields = WRITE_MODELS[kind].model_fields
        kinds = {name: {field.annotation, *get_args(field.annotation)} for name, field in fields.items()}
        kinds = {name: {*of, *(each for part in of for each in get_args(part))} for name, of in kinds.items()}
        decimals: dict[str, Callable[[str], Any]] = {name: Decimal for name, of in kinds.items() if Decimal in of}
        _READERS[kind] = decimals | {name: date.fromisoformat for name, of in kinds.items() if date in of}
    return _READERS[kind]


def _sheets(plan: Plan) -> Iterator[SheetReport]:
    """Count the outcomes of each kind and sheet."""
    for kind, rows in plan.rows.items():
        found: dict[str, Counter[Outcome | None]] = {}
        for row in rows:
            found.setdefault(row.sheet, Counter())[row.outcome] += 1
        for sheet, outcomes in found.items():
            counts = {outcome.value: outcomes[outcome] for outcome in Outcome}
            yield SheetReport(sheet=sheet, kind=kind, rows=sum(counts.values()), **counts)
