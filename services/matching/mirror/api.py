"""Routes of the mirror."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.matching.mirror import service
from services.matching.mirror.schemas import MirrorStatus
from shared.http.auth import require
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/matching/v1/mirror", tags=["mirror"])

Operator = Annotated[Actor, Depends(require(Role.REVIEWER, Role.SERVICE))]


@router.get("", response_model=MirrorStatus, summary="镜像：跟到哪里、滞后多久、有多少行")
def mirror_status(session: DbSession, _: Operator) -> Response:
    """How far the mirror follows the catalog, and what it holds."""
    position, counts = service.position(session), service.counts(session)
    return json_response(MirrorStatus.of(position, counts, datetime.now(UTC)))
