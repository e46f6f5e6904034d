"""Table of what leaders let be known of their needs."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field

from services.matching.base import Table
from shared.db.ids import new_id
from shared.db.tables import UtcDateTime


class NeedDisclosure(Table, table=True):
    """A leader's word on one need, or without `need_id` on all of which it says nothing else."""

    __tablename__ = "need_disclosure"
    __table_args__ = (
        UniqueConstraint(
            "leader_id", "need_id", name="uq_need_disclosure_leader_id_need_id", postgresql_nulls_not_distinct=True
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    version: int = 1
    leader_id: UUID
    need_id: UUID | None = None
    level: str = Field(sa_type=Text)
    reason: str = Field(default="", sa_type=Text)
    changed_by: str = Field(sa_type=Text)
    changed_at: datetime = Field(sa_type=UtcDateTime)
