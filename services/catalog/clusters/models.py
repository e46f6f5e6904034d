"""Tables of clusters, their cities and their members."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from services.catalog.base import CatalogTable, Record, Share


class Cluster(Record, table=True):
    """A cluster; `target` is the rate asked of its leading products together (0.5 = 50 %)."""

    __tablename__ = "clusters"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("target >= 0 AND target <= 1", name="target_is_a_share"),
    )

    code: str
    name: str
    tier: str
    target: Decimal = Field(default=Decimal("0.5"), sa_type=Share)


class ClusterCity(CatalogTable, table=True):
    """A city of a cluster, by its region code."""

    __tablename__ = "cluster_cities"

    cluster_id: UUID = Field(foreign_key="clusters.id", primary_key=True)
    city: str = Field(primary_key=True)


class ClusterMember(CatalogTable, table=True):
    """An enterprise that belongs to a cluster."""

    __tablename__ = "cluster_members"

    cluster_id: UUID = Field(foreign_key="clusters.id", primary_key=True)
    enterprise_id: UUID = Field(foreign_key="enterprises.id", primary_key=True, index=True)
