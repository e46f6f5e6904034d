"""Routes of a person's data: one's own, and for reviewers everybody's."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.catalog.identity.doors import FullSignIn, Means
from services.catalog.identity.schemas import Reason
from services.catalog.personal_data import service
from services.catalog.personal_data.schemas import PersonalData
from shared.http.acting import act_as_service
from shared.http.auth import require
from shared.http.etag import IfMatch
from shared.http.problems import documented
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/catalog/v1", tags=["个人信息"])

Reviewer = Annotated[Actor, Depends(require(Role.REVIEWER))]
_PRIVATE = {"Cache-Control": "no-store"}


@router.get(
    "/session/personal-data",
    response_model=PersonalData,
    summary="我的个人信息：系统中关于我的全部内容",
    dependencies=[Depends(act_as_service)],
)
def get_own_personal_data(session: DbSession, present: FullSignIn) -> Response:
    """All that the system knows of who asks."""
    return json_response(service.tell(session, present.account.id), headers=_PRIVATE)


@router.get(
    "/accounts/{id}/personal-data",
    response_model=PersonalData,
    summary="一个账号的个人信息",
    responses=documented(404),
)
def get_personal_data(session: DbSession, actor: Reviewer, id: UUID) -> Response:  # noqa: ARG001
    """All that the system knows of somebody, for whoever asks in writing."""
    return json_response(service.tell(session, id), headers=_PRIVATE)


@router.post(
    "/accounts/{id}/erasure",
    status_code=204,
    summary="注销账号并删除个人信息",
    responses=documented(404, 409, 412, 428),
)
def erase_person(
    session: DbSession, identity: Means, actor: Reviewer, id: UUID, body: Reason, version: IfMatch
) -> Response:
    """Forget who bears the account; its id stays, as a pseudonym, with what it did."""
    service.erase(session, identity.clock, actor, id, version, body.reason)
    return Response(status_code=204)
