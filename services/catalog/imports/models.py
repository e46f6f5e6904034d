"""Tables of imports: what was sent, what became of each row, and why."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.catalog.base import CatalogTable, moment
from shared.db.ids import new_id


class Import(CatalogTable, table=True):
    """One file that was sent in, with the report that was given back; never changed afterwards."""

    __tablename__ = "imports"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    filename: str
    sha256: str = Field(index=True)
    mode: str
    applied: bool
    actor: str
    enterprise_id: UUID | None = Field(default=None, foreign_key="enterprises.id", index=True)
    summary: dict[str, Any] = Field(default_factory=dict, nullable=False, sa_type=JSONB)
    problems: list[dict[str, Any]] = Field(default_factory=list, nullable=False, sa_type=JSONB)
    created_at: datetime | None = moment()


class ImportRow(CatalogTable, table=True):
    """One row of an import: as it was sent (`raw`), as it was understood (`cleaned`), and its problems."""

    __tablename__ = "import_rows"
    __table_args__ = (Index("ix_import_rows_import_id_outcome", "import_id", "outcome"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    import_id: UUID = Field(foreign_key="imports.id")
    sheet: str
    row: int
    kind: str
    outcome: str
    raw: dict[str, Any] = Field(default_factory=dict, nullable=False, sa_type=JSONB)
    cleaned: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    problems: list[dict[str, Any]] = Field(default_factory=list, nullable=False, sa_type=JSONB)
