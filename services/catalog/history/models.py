"""The table of the history, which triggers write; see services/catalog/migrations/tracking.py."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.catalog.base import CatalogTable, moment
from shared.db.xids import Xid8


class HistoryEntry(CatalogTable, table=True):
    """One change of one row; the order of `id` is the order of the changes, since writers take turns.

    `kind` is the contract's kind, or the table's name where the feed does not carry its rows. `version` is the row's
    after the change (a deletion counts as one more), `before` the whole row before it, None for a new one. `xid` is the
    transaction, by which the audit finds its changes (None before there was an audit).
    """

    __tablename__ = "history"
    __table_args__ = (
        Index("ix_history_entity_id", "entity_id", "id"),
        Index("ix_history_xid_at_id", "xid", "at", "id"),
        Index("ix_history_kind_xid_at", "kind", "xid", "at"),
        Index("ix_history_import_id", "import_id", "id", postgresql_where=text("import_id IS NOT NULL")),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    kind: str
    entity_id: UUID
    version: int
    op: str
    before: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    actor: str
    reason: str = ""
    import_id: UUID | None = None
    at: datetime | None = moment()
    xid: str | None = Field(default=None, sa_column=Column(Xid8, server_default=text("pg_current_xact_id()")))
