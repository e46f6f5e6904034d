"""The change feed over HTTP: a long poll for the other service."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.catalog.feed import service
from shared.contracts.v1 import FeedPageV1
from shared.http.auth import require
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/catalog/v1/feed", tags=["变更流"])

Service = Annotated[Actor, Depends(require(Role.SERVICE))]
Wait = Annotated[float, Query(ge=0, le=60, description="没有变更时最多等待的秒数")]


@router.get("", response_model=FeedPageV1, summary="读取游标之后的变更；没有变更时可等待")
async def read_feed(
    request: Request,
    actor: Service,
    after: Annotated[str | None, Query(description="上一页的 cursor；不填则从头开始")] = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
    wait: Wait = 0,
    epoch: Annotated[str | None, Query(description="游标所属的纪元；已改变时答 409")] = None,
) -> Response:
    """Whole entities in the order of their changes; async, so that waiting occupies no thread and no connection."""
    database, has_left = request.app.state.database, request.is_disconnected
    found = await service.follow(database, actor.subject, after, limit, wait, epoch, has_left)
    return Response(found.body, media_type="application/json")
