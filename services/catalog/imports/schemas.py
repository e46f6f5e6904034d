"""Wire models of imports: the report on a file, and its rows."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.catalog.imports.outcomes import Mode, Outcome, Problem
from services.catalog.imports.templates import ImportKind


class SheetReport(BaseModel):
    """What became of the rows of one kind in one sheet. `rows` is the sum of the others.

    `repeated` rows say again what an earlier row of the file says.
    """

    sheet: str
    kind: ImportKind
    rows: int
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    repeated: int = 0
    refused: int = 0
    to_be_looked_at: int = 0


class ImportReport(BaseModel):
    """What became of a file. `applied` false: nothing was written, and the counts tell what would have been.

    `problems` holds the first thousand; `problem_count` counts all, and each is kept with its row.
    """

    id: UUID
    filename: str
    sha256: str
    mode: Mode
    applied: bool
    sheets: list[SheetReport]
    problems: list[Problem]
    problem_count: int
    notes: list[str]
    created_at: datetime | None = None


class ImportCard(BaseModel):
    """An import in a list: without its problems."""

    id: UUID
    filename: str
    sha256: str
    mode: Mode
    applied: bool
    actor: str
    sheets: list[SheetReport]
    problem_count: int
    created_at: datetime


class ImportRowOut(BaseModel):
    """A row as it was sent (by heading), as it was understood (by field), and what became of it."""

    id: UUID
    sheet: str
    row: int
    kind: ImportKind
    outcome: Outcome
    raw: dict[str, str]
    cleaned: dict[str, Any] | None
    problems: list[Problem]


class TemplateOut(BaseModel):
    """A template and where to download it; `key` are the fields that identify a row."""

    kind: ImportKind
    title: str
    key: list[str]
    columns: list[dict[str, Any]]
    href: str
