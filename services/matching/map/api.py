"""The route of what is bought between cities."""

from decimal import Decimal
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from services.matching.rates import service as rates
from services.matching.rates.api import read_terms
from services.matching.rates.flows import Flow, flows
from shared.codes.regions import short_name
from shared.http.auth import require
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/matching/v1/flows", tags=["rates"])

Onlooker = Annotated[Actor, Depends(require(Role.REVIEWER, Role.SERVICE, Role.CLUSTER_ORGANISATION))]


class FlowOut(BaseModel):
    """What leaders of one city bought in another, in 元."""

    source: str | None = Field(description="供应商所在市，六位代码；不明为空")
    source_name: str | None
    to: str = Field(description="链主所在市，六位代码")
    to_name: str
    amount: Decimal

    @classmethod
    def of(cls, row: Flow) -> Self:
        """The wire form."""
        source = None if row.source is None else short_name(row.source)
        return cls(source=row.source, source_name=source, to=row.to, to_name=short_name(row.to), amount=row.amount)


class FlowsOut(BaseModel):
    """The purchases of a period by pair of cities, the greatest first."""

    period: str
    items: list[FlowOut]


@router.get("", response_model=FlowsOut, summary="城市之间的采购金额")
def list_flows(
    session: DbSession,
    actor: Onlooker,
    period: Annotated[str | None, Query(description="2025 或 2025Q3；默认为有采购的最近一年", max_length=6)] = None,
) -> Response:
    """Purchases of the leaders of whose products the actor sees one, within a city too."""
    meant = read_terms(period=period).period or rates.usual_period(session)
    found = flows(session, actor, meant)
    return json_response(FlowsOut(period=str(meant), items=[FlowOut.of(row) for row in found]))
