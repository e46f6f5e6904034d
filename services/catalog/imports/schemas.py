"""Wire models of imports: the report on a file, and its rows."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.catalog.imports.headings.mapping import Mapping
from services.catalog.imports.outcomes import Mode, Outcome, Problem
from services.catalog.imports.states import State, Step
from services.catalog.imports.templates import ImportKind
from services.catalog.search.schemas import Similar


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


class Progress(BaseModel):
    """Where a step that runs is: what it is doing, and how many rows of how many are done."""

    doing: str
    done: int
    of: int


class JobState(StrEnum):
    """Where a job is; one that is done is there no more: the import's state tells what became of it."""

    WAITING = "waiting"
    RUNNING = "running"
    FAILED = "failed"


class JobOut(BaseModel):
    """A step that a worker takes, or could not take: then `problem` is what it would have answered."""

    step: Step
    state: JobState
    problem: dict[str, Any] | None = None


class ImportReport(BaseModel):
    """What became of a file. `applied` false: nothing was written, and the counts tell what would have been.

    `job` is a step that was asked for and is not done yet, `progress` where a step is that runs. `problems` holds the
    first thousand; `problem_count` counts all, and each is kept with its row.
    """

    id: UUID
    filename: str
    sha256: str
    mode: Mode
    applied: bool
    state: State
    sheets: list[SheetReport]
    problems: list[Problem]
    problem_count: int
    notes: list[str]
    progress: Progress | None = None
    job: JobOut | None = None
    created_at: datetime | None = None
    changed_at: datetime | None = None


class ImportCard(BaseModel):
    """An import in a list: without its problems."""

    id: UUID
    filename: str
    sha256: str
    mode: Mode
    applied: bool
    state: State
    actor: str
    sheets: list[SheetReport]
    problem_count: int
    created_at: datetime


class ImportRowOut(BaseModel):
    """A row as it was sent (by heading), as it was understood (by field), and what became of it.

    `changes`: the fields that it changed, or would, each with what it was and what it is to be. `similar`: registered
    enterprises with names like that of a new one.
    """

    id: UUID
    sheet: str
    row: int
    kind: ImportKind
    outcome: Outcome
    raw: dict[str, str]
    cleaned: dict[str, Any] | None
    changes: dict[str, tuple[Any, Any]] | None = None
    problems: list[Problem]
    similar: list[Similar] = []
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None


class ColumnGuess(BaseModel):
    """A column of a sheet: its heading and first values, and the field that it fills or seems to fill.

    `sure` false: the field is a guess that a person should look at.
    """

    heading: str
    column: str
    field: str | None
    sure: bool
    samples: list[str]


class SheetGuess(BaseModel):
    """How a sheet would be read: as which kind, which column fills what, and which required fields nothing fills.

    `mapped`: a mapping says so; else our own headings do, or it is a guess (`sure` false).
    """

    sheet: str
    rows: int
    kind: ImportKind | None
    mapped: bool
    sure: bool
    columns: list[ColumnGuess]
    missing: list[str]


class ImportDraft(BaseModel):
    """An uploaded file on its way to a preview: what its sheets seem to hold, and a mapping that says it in full.

    `proposed` is what would be sent to …/mapping to agree with the guesses; None where no sheet needs one.
    """

    id: UUID
    state: State
    filename: str
    sheets: list[SheetGuess]
    proposed: dict[str, Any] | None


class ApplyIn(BaseModel):
    """What to do with the valid rows when others were refused."""

    mode: Mode = Mode.VALID_ROWS


class Reason(BaseModel):
    """Why; people read it with the row or in the history."""

    reason: str = Field(default="", max_length=1000)


class SourceOut(BaseModel):
    """A source whose mapping is kept."""

    source: str
    version: int
    mapping: Mapping
    actor: str
    updated_at: datetime


class WaitingRow(ImportRowOut):
    """A row that a reviewer is to look at, with the import that it came with."""

    import_id: UUID
    filename: str


class TemplateOut(BaseModel):
    """A template and where to download it; `key` are the fields that identify a row."""

    kind: ImportKind
    title: str
    key: list[str]
    columns: list[dict[str, Any]]
    href: str
