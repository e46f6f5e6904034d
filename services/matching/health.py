"""Whether the service is well: the one route that asks for no token."""

from fastapi import APIRouter, Response
from sqlalchemy import text

from shared.http.responses import json_response
from shared.http.sessions import DbSession

router = APIRouter(prefix="/matching", tags=["health"])


@router.get("/health", summary="服务与数据库是否可用")
def health(session: DbSession) -> Response:
    """200 when the database answers; without it the problem handler says 503."""
    session.execute(text("SELECT 1"))
    return json_response({"status": "ok"})
