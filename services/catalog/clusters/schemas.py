"""Wire models of clusters."""

from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, Field

from services.catalog.amounts import Share
from services.catalog.clusters.rules import Tier
from services.catalog.code_fields import CityCodes
from shared.contracts.v1 import ClusterV1
from shared.http.times import Day


class ClusterWrite(BaseModel):
    """A cluster to create or change, found by its code; `cities` are city codes, all of them.

    A field that is not given stays as it is.
    """

    code: str = Field(min_length=1)
    name: str = Field(min_length=1)
    tier: Tier
    target: Share = Decimal("0.5")
    cities: CityCodes = []
    next_review: Day | None = None


class ClusterMemberWrite(BaseModel):
    """An enterprise that belongs to a cluster from now on."""

    cluster_id: UUID
    enterprise_id: UUID


class ClusterOut(ClusterV1):
    """A cluster; `member_ids` are the members that the caller may see, `members` counts all of them."""

    members: int
    city_names: list[str]


class Review(BaseModel):
    """What a review of a cluster found: the tier that it has from now on, on which day, and why."""

    tier: Tier
    on: Day
    reason: str = Field(min_length=1, max_length=1000)


class TierOut(BaseModel):
    """A tier of the gradient: `places` is how many clusters the province means to have in it."""

    tier: Tier
    name: str
    places: int
    clusters: int


class MemberOut(BaseModel):
    """A membership; `in_cities` says whether the enterprise is in one of the cluster's own cities."""

    id: UUID
    version: int
    cluster_id: UUID
    enterprise_id: UUID
    enterprise_name: str
    credit_code: str | None
    region: str | None
    city_name: str | None
    in_cities: bool


class CityOut(BaseModel):
    """How many members a cluster has in a city; `named` says whether the city is one of the cluster's own."""

    city: str | None
    city_name: str | None
    named: bool
    members: int


class ClusterFilters(BaseModel):
    """What a list of clusters is narrowed to; all given conditions hold together."""

    tier: Tier | None = None
    city: str | None = None
    due_by: Day | None = None


class ClusterLabel(BaseModel):
    """How a cluster is named in other features' rows."""

    code: str
    name: str
