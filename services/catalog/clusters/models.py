"""Tables of clusters and their members."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from services.catalog.base import Record, Share, TextArray


class Cluster(Record, table=True):
    """A cluster; `target` is the rate asked of its leading products together (0.5 = 50 %).

    `cities` are region codes, in order; `next_review` is the day by which its tier is assessed anew.
    """

    __tablename__ = "clusters"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("target >= 0 AND target <= 1", name="target_is_a_share"),
    )

    code: str
    name: str
    tier: str
    target: Decimal = Field(default=Decimal("0.5"), sa_type=Share)
    cities: list[str] = Field(default_factory=list, nullable=False, sa_type=TextArray)
    next_review: date | None = None


class ClusterMember(Record, table=True):
    """An enterprise that belongs to a cluster, in whatever city it is."""

    __tablename__ = "cluster_members"
    __table_args__ = (UniqueConstraint("cluster_id", "enterprise_id"),)

    cluster_id: UUID = Field(foreign_key="clusters.id")
    enterprise_id: UUID = Field(foreign_key="enterprises.id", index=True)
