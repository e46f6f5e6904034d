"""The record of an import: its report and its rows, written and read back."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, get_args
from uuid import UUID

import orjson
from sqlalchemy import RowMapping, Text, cast, delete, func, insert, select, update
from sqlmodel import Session

from services.catalog.imports.checking.applying import WRITE_MODELS
from services.catalog.imports.cleaning.json_rows import json_rows
from services.catalog.imports.cleaning.rows import Row
from services.catalog.imports.models import Import, ImportFile, ImportRow
from services.catalog.imports.outcomes import Mode, Outcome, Problem
from services.catalog.imports.plan import Plan
from services.catalog.imports.schemas import ImportReport, SheetReport
from services.catalog.imports.states import State
from services.catalog.imports.templates import ImportKind
from shared.db.copy import Columns, Ready, Same, copy_pieces
from shared.db.ids import new_id, new_ids
from shared.db.upserts import sql_table
from shared.http.responses import json_bytes
from shared.security.actor import Actor

SHOWN_PROBLEMS = 1000
SHOWN_NOTES = 200

PIECE = 4_000
"""Rows that are put into words while the server takes in those before them."""

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
    told = {"sheets": sheets, "notes": plan.notes[:SHOWN_NOTES], "problem_count": len(problems)}
    return {"summary": told, "problems": _told(problems[:SHOWN_PROBLEMS])}


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
    rows = [row for row in plan.all_rows if row.outcome is not Outcome.REPEATED]
    ids = new_ids(len(rows))
    pieces = (slice(start, start + PIECE) for start in range(0, len(rows), PIECE))
    copy_pieces(session, ROWS, (_columns(import_id, ids[piece], rows[piece]) for piece in pieces))


def _columns(import_id: UUID, ids: Sequence[UUID], rows: Sequence[Row]) -> Columns:
    return {
        "id": ids,
        "import_id": Same(import_id),
        "sheet": [row.sheet for row in rows],
        "row": [row.number for row in rows],
        "kind": [row.kind for row in rows],
        "outcome": [row.outcome or Outcome.REFUSED for row in rows],
        "raw": Ready([row.sent for row in rows]),
        "cleaned": Ready([told if told != "{}" else None for told in json_rows([row.values for row in rows])]),
        "changes": [row.changes for row in rows],
        "problems": Ready([orjson.dumps(_told(row.problems)).decode() if row.problems else "[]" for row in rows]),
    }


def update_rows(session: Session, rows: Mapping[UUID, Row]) -> None:
    """Write what became of single rows, by their ids."""
    for id, row in rows.items():
        values = {"outcome": row.outcome, "changes": as_stored(row.changes), "problems": _told(row.problems)}
        session.execute(update(ROWS).where(ROWS.c.id == id).values(values))


def as_stored(changes: dict[str, Any] | None) -> dict[str, Any] | None:
    """Changes in the JSON form that the table has them in."""
    return None if changes is None else orjson.loads(json_bytes(changes))


def stored_rows(session: Session, *conditions: Any) -> dict[UUID, tuple[Row, Outcome, Any]]:
    """Rows by their ids as the table has them, ready to be decided anew, with their outcome and changes.

    As they were sent they stay in the table: `raw` is empty.
    """
    columns = (ROWS.c.id, ROWS.c.kind, ROWS.c.sheet, ROWS.c.row, ROWS.c.outcome)
    texts = (cast(ROWS.c[name], Text) for name in ("cleaned", "changes"))
    found = session.execute(select(*columns, *texts).where(*conditions).order_by(ROWS.c.id))
    return {
        id: (_row(_KINDS[kind], sheet, number, cleaned), _OUTCOMES[outcome], _loaded(changes))
        for id, kind, sheet, number, outcome, cleaned, changes in found
    }


def counted(session: Session, record: RowMapping) -> dict[str, Any]:
    """The summary of an import with its counts taken from the rows as they are now; repeated rows are not kept."""
    none = {each.value: 0 for each in Outcome if each is not Outcome.REPEATED}
    sheets = [{**sheet, **none} for sheet in record["summary"]["sheets"]]
    by_place = {(sheet["sheet"], sheet["kind"]): sheet for sheet in sheets}
    columns = (ROWS.c.sheet, ROWS.c.kind, ROWS.c.outcome)
    counts = select(*columns, func.count()).where(ROWS.c.import_id == record["id"]).group_by(*columns)
    for sheet, kind, outcome, count in session.execute(counts):
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


def _row(kind: ImportKind, sheet: str, number: int, cleaned: str | None) -> Row:
    values = _loaded(cleaned) or {}
    for name, read in _readers(kind).items():
        if values.get(name) is not None:
            values[name] = read(values[name])
    return Row(kind, sheet, number, "{}", {}, values=values)


_KINDS = {kind.value: kind for kind in ImportKind}
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}


def _loaded(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)


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


def _told(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    return [problem.model_dump(mode="json") for problem in problems]
