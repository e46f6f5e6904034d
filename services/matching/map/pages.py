"""Pages of the map: the picture with its table, and the outlines that it is drawn with."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response

from services.matching.engine.policy import Policy
from services.matching.map import service
from services.matching.map.outlines import Outlines, read_outlines
from services.matching.rates.api import read_terms
from services.matching.rates.definition import By, Stage
from shared.http.auth import require
from shared.http.problems import Problem
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role
from shared.ui.forms import refusals
from shared.ui.screens import Screen, page_router

router = page_router("/matching/map")

Onlooker = Annotated[Actor, Depends(require(Role.REVIEWER, Role.CLUSTER_ORGANISATION))]
PROVINCE = Policy().home_province


@router.get("")
def show_map(
    view: Screen,
    actor: Onlooker,
    session: DbSession,
    stage: Stage = Stage.ACTUAL,
    period: Annotated[str | None, Query(max_length=6)] = None,
) -> Response:
    """Each city with its rate and its spend, and what flows between them."""
    try:
        drawn, problem = service.draw(session, actor, PROVINCE, read_terms(stage=stage, period=period)), None
    except Problem as refused:
        drawn, problem = None, refused
    outlines = outlines_of(view.request)
    return view.show(
        "map/map",
        problem.status if problem else 200,
        drawn=drawn,
        picture_data=_picture(drawn, outlines) if drawn else None,
        source=outlines.source,
        stages=list(Stage),
        asked={"stage": stage, "period": period},
        export=urlencode({"by": By.CITY, "stage": stage, **({"period": period} if period else {})}),
        problem=problem,
        wrong=refusals(problem),
        names={city.code: city.name for city in drawn.cities} if drawn else {},
    )


@router.get("/outlines/{digest}.json")
def get_outlines(request: Request, digest: str) -> Response:
    """The outlines of the cities, which never change under their digest."""
    outlines = outlines_of(request)
    lasting = "public, max-age=31536000, immutable" if digest == outlines.digest else "no-cache"
    headers = {"Cache-Control": lasting}
    return Response(outlines.content, media_type="application/geo+json", headers=headers)


def outlines_of(request: Request) -> Outlines:
    """The outlines that the operator chose."""
    file: Path | None = request.app.state.outlines_file
    return read_outlines(file, PROVINCE)


def _picture(drawn: service.Map, outlines: Outlines) -> dict[str, Any]:
    """The map's data for charts.js, without words: the template adds them."""
    return {
        "kind": "map",
        "outlines": f"/matching/map/outlines/{outlines.digest}.json",
        "names": {city.code: city.name for city in drawn.cities},
        "places": [
            {"name": city.name, "value": None if city.rate is None or city.rate.rate is None else float(city.rate.rate)}
            for city in drawn.cities
        ],
        "flows": [
            {"from": service.position(flow.source or ""), "to": service.position(flow.to), "amount": float(flow.amount)}
            for flow in drawn.flows
        ],
    }
