"""Tables of the feed: the outbox that every change is written to, and the epoch of its numbering."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Identity, text
from sqlmodel import Field

from services.catalog.base import CatalogTable, moment
from shared.db.xids import Xid8


class OutboxEvent(CatalogTable, table=True):
    """One change of one entity, whole, as its contract says; rows are only ever added, and removed by compaction.

    `xid` is the transaction that wrote it: the feed is read in the order of (xid, id) behind the oldest transaction
    still running, since ids alone become visible out of order. `data` is JSON and not JSONB: it goes out as it came in.
    """

    __tablename__ = "outbox"

    xid: str | None = Field(
        default=None, sa_column=Column(Xid8, primary_key=True, server_default=text("pg_current_xact_id()"))
    )
    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    kind: str
    entity_id: UUID
    version: int
    op: str
    data: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    at: datetime | None = moment()


class FeedEpoch(CatalogTable, table=True):
    """The one epoch of the feed: transaction ids mean nothing after a restore, so a restore sets a new one.

    `life` is the database that it was begun in (see epochs.py); None: the feed was never read yet. `horizon` is how
    far deletions were taken out of the outbox (see compaction.py); None: none was.
    """

    __tablename__ = "feed_epoch"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    epoch: UUID
    life: str | None = None
    horizon: str | None = None


class FeedFollower(CatalogTable, table=True):
    """How far a follower, the subject of its token, has come, and when it last asked."""

    __tablename__ = "feed_follower"

    name: str = Field(primary_key=True)
    cursor: str
    read_at: datetime | None = moment()
