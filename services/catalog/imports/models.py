"""Tables of imports: what was sent, what became of each row, and why."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlmodel import Field

from services.catalog.base import CatalogTable, Record, TextArray, moment
from shared.db.ids import new_id
from shared.db.tables import UtcDateTime


class Import(CatalogTable, table=True):
    """One file that was sent in, and what has become of it: `state` is one of `states.State`.

    `summary` and `problems` are the report on the last look at it; `basis` is what its preview was judged on, as long
    as there are parcels that can be sent if that still holds. `progress` is where a step that runs is, written beside
    the step's own transaction; `cancelling` asks it to end. `job` is a step that a worker is asked for (see jobs.py).
    """

    __tablename__ = "imports"
    __table_args__ = (Index("ix_imports_waiting", "changed_at", postgresql_where=text("job ->> 'state' = 'waiting'")),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    version: int = 1
    filename: str
    sha256: str = Field(index=True)
    mode: str
    applied: bool
    state: str
    kind: str | None = None
    mapping: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    progress: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    cancelling: bool = False
    job: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    basis: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    actor: str
    enterprise_id: UUID | None = Field(default=None, foreign_key="enterprises.id", index=True)
    summary: dict[str, Any] = Field(default_factory=dict, nullable=False, sa_type=JSONB)
    problems: list[dict[str, Any]] = Field(default_factory=list, nullable=False, sa_type=JSONB)
    created_at: datetime | None = moment()
    changed_at: datetime | None = moment()


class ImportFile(CatalogTable, table=True):
    """The file itself, as long as it may be read again: till it was applied, cancelled or read by another mapping."""

    __tablename__ = "import_files"

    import_id: UUID = Field(foreign_key="imports.id", primary_key=True)
    content: bytes


class ImportParcel(CatalogTable, table=True):
    """Rows that a preview found ready to be written, in words: columns of a table, new or in place of what is there.

    Not logged: after a crash they are gone, and the rows of the preview are judged anew.
    """

    __tablename__ = "import_parcels"
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012  (SQLAlchemy's own form)

    import_id: UUID = Field(foreign_key="imports.id", primary_key=True)
    number: int = Field(primary_key=True)
    target: str
    columns: list[str] = Field(nullable=False, sa_type=TextArray)
    replaces: bool
    content: bytes


class ImportPack(CatalogTable, table=True):
    """Rows of an import that nobody is asked about, some hundred together, of one sheet and kind: from `id` to `last`.

    `outcomes` counts them by outcome. `content` is JSON, a column of values for each field, that `stepwise/packs.py`
    puts together and takes apart; as text, it need not be checked again.
    """

    __tablename__ = "import_packs"
    __table_args__ = (Index("ix_import_packs_import_id", "import_id", "id"),)

    id: UUID = Field(primary_key=True)
    import_id: UUID
    last: UUID
    sheet: str
    kind: str
    outcomes: dict[str, int] = Field(nullable=False, sa_type=JSONB)
    content: str


class ImportRow(CatalogTable, table=True):
    """A row of an import that stands by itself, as a person is to decide on it; others lie in packs.

    As it was sent (`raw`), as it was understood (`cleaned`), and its problems.

    `changes` are the fields that a row changed (or would), each with what it was and what it is to be. A row that was
    to be looked at keeps who decided on it, when and why.

    Read whole, never searched: JSON as it was sent. No foreign key: who writes them holds the import's record.
    """

    __tablename__ = "import_rows"
    __table_args__ = (
        Index("ix_import_rows_import_id_outcome", "import_id", "outcome"),
        Index("ix_import_rows_waiting", "id", postgresql_where=text("outcome = 'to_be_looked_at'")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    import_id: UUID
    sheet: str
    row: int
    kind: str
    outcome: str
    raw: dict[str, Any] = Field(default_factory=dict, nullable=False, sa_type=JSON)
    cleaned: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    changes: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    problems: list[dict[str, Any]] = Field(default_factory=list, nullable=False, sa_type=JSON)
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str | None = None


class ImportMapping(Record, table=True):
    """How the files of one source are read, kept under the source's name; of an enterprise, or of all reviewers."""

    __tablename__ = "import_mappings"
    __table_args__ = (UniqueConstraint("source", "enterprise_id", postgresql_nulls_not_distinct=True),)

    source: str
    enterprise_id: UUID | None = Field(default=None, foreign_key="enterprises.id")
    mapping: dict[str, Any] = Field(nullable=False, sa_type=JSONB)
    actor: str
