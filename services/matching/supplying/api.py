"""The route of what stands between a supplier and more orders."""

from decimal import Decimal
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from services.matching.engine.plan import Rule
from services.matching.gaps.own import OwnObstacle
from services.matching.supplying import service
from shared.http.auth import require
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/matching/v1/obstacles", tags=["gaps"])

Supplier = Annotated[Actor, Depends(require(Role.SUPPLIER))]


class ObstacleOut(BaseModel):
    """One thing that alone keeps capabilities of the supplier out; a band of 元 only behind at least three leaders."""

    rule: Rule
    label: str
    lacking: str | None = Field(description="要求什么；限价不予告知，为空")
    capabilities: list[str]
    demand_from: Decimal | None = Field(description="补上之后可以争取的需求，每年至少多少元")
    demand_to: Decimal | None

    @classmethod
    def of(cls, row: OwnObstacle) -> Self:
        """The wire form."""
        least, most = row.demand or (None, None)
        return cls(
            rule=row.rule,
            label=row.label,
            lacking=row.what,
            capabilities=list(row.capabilities),
            demand_from=least,
            demand_to=most,
        )


class ObstaclesOut(BaseModel):
    """All of them by the newest run; none before the first."""

    items: list[ObstacleOut]


@router.get("", response_model=ObstaclesOut, summary="离更多订单还差什么：只差一步的需求")
def list_obstacles(session: DbSession, actor: Supplier) -> Response:
    """What stands between the supplier and more orders, those with a known demand first."""
    found = service.obstacles(session, actor) or []
    return json_response(ObstaclesOut(items=[ObstacleOut.of(row) for row in found]))
