"""Wire models of clusters."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, Field

from services.catalog.amounts import Share
from services.catalog.clusters.rules import Tier
from services.catalog.code_fields import CityCodes
from shared.contracts.v1 import ClusterV1


class ClusterWrite(BaseModel):
    """A cluster to create or change, found by its code; `cities` are city codes, all of them.

    A field that is not given stays as it is.
    """

    code: str = Field(min_length=1)
    name: str = Field(min_length=1)
    tier: Tier
    target: Share = Decimal("0.5")
    cities: CityCodes = []
    next_review: date | None = None


class ClusterMemberWrite(BaseModel):
    """An enterprise that belongs to a cluster from now on."""

    cluster_id: UUID
    enterprise_id: UUID


class ClusterOut(ClusterV1):
    """A cluster; `member_ids` are the members that the caller may see, `members` counts all of them."""

    members: int
    city_names: list[str]


class ClusterLabel(BaseModel):
    """How a cluster is named in other features' rows."""

    code: str
    name: str
