"""Routes by which registrations are read and decided: by reviewers, and read by organisations that they concern."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Depends, Query, Response

from services.catalog.registration import deciding, documents, reading
from services.catalog.registration.context import Office
from services.catalog.registration.doors import PAPER, Means, download, post_later
from services.catalog.registration.rules import State
from services.catalog.registration.schemas import (
    ClaimDecision,
    Filters,
    RefusalRequest,
    RegistrationCard,
    RegistrationOut,
    RegistrationSeen,
    ReturnRequest,
    Verification,
)
from shared.codes.credit_code import normalise
from shared.db.upserts import Row
from shared.http.auth import require
from shared.http.etag import IfMatch, etag
from shared.http.paging import After, Limit, PageOf
from shared.http.problems import documented
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.mail.sending import Mail
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/catalog/v1", tags=["企业登记审核"])

Reviewer = Annotated[Actor, Depends(require(Role.REVIEWER))]
Onlooker = Annotated[Actor, Depends(require(Role.REVIEWER, Role.CLUSTER_ORGANISATION))]
_CHANGE = documented(404, 409, 412, 428)


def read_filters(
    state: State | None = None,
    claim: Annotated[bool | None, Query(description="是否为认领")] = None,
    region: Annotated[str | None, Query(pattern=r"^\d{6}$", description="行政区划代码，含其下级")] = None,
    credit_code: Annotated[str | None, Query(max_length=100, description="完整的统一社会信用代码")] = None,
    q: Annotated[str | None, Query(max_length=100, description="名称中的文字")] = None,
) -> Filters:
    """The conditions of the list; all that are given hold together."""
    code = normalise(credit_code) if credit_code else None
    return Filters(state=state, claim=claim, region=region, credit_code=code, q=q)


def _one(row: Row) -> Response:
    return json_response(row, headers={"ETag": etag(row["version"]), "Cache-Control": "no-store"})


def _decided(later: BackgroundTasks, office: Office, row: Row, letters: Sequence[Mail]) -> Response:
    """The registration after a decision, of which the applicant learns by mail."""
    post_later(later, office, letters)
    return _one(row)


@router.get("/registrations", response_model=PageOf[RegistrationCard], summary="企业登记申请列表")
def list_registrations(
    session: DbSession,
    actor: Onlooker,
    filters: Annotated[Filters, Depends(read_filters)],
    after: After = None,
    limit: Limit = 100,
) -> Response:
    """The registrations that were ever submitted, oldest first; an organisation sees its clusters'."""
    return json_response(reading.page(session, actor, filters, after, limit))


@router.get(
    "/registrations/{id}",
    response_model=RegistrationOut | RegistrationSeen,
    summary="一份企业登记申请",
    responses=documented(404),
)
def get_registration(session: DbSession, actor: Onlooker, id: UUID) -> Response:
    """One registration with who has its code, who else wants it, names alike, documents and its way so far.

    An organisation is told what the firm makes, and neither whom to reach nor what was written to it.
    """
    if actor.role is Role.CLUSTER_ORGANISATION:
        return _one(reading.for_organisation(session, actor, id))
    return _one(reading.for_reviewer(session, id))


@router.get(
    "/registrations/{id}/documents/{document_id}",
    response_class=Response,
    summary="下载申请材料",
    responses={**PAPER, **documented(404)},
)
def download_document(
    session: DbSession,
    office: Means,
    actor: Reviewer,  # noqa: ARG001
    id: UUID,
    document_id: UUID,
) -> Response:
    """A document as it was sent, to be saved."""
    return download(documents.fetch_for_review(session, office, id, document_id))


@router.post("/registrations/{id}/review", response_model=RegistrationOut, summary="开始审核申请", responses=_CHANGE)
def review_registration(session: DbSession, actor: Reviewer, id: UUID, version: IfMatch) -> Response:
    """Begin to review; the applicant changes nothing meanwhile."""
    return _one(deciding.review(session, actor, id, version))


@router.post("/registrations/{id}/return", response_model=RegistrationOut, summary="退回更正", responses=_CHANGE)
def request_corrections(
    session: DbSession,
    office: Means,
    actor: Reviewer,
    id: UUID,
    body: ReturnRequest,
    version: IfMatch,
    later: BackgroundTasks,
) -> Response:
    """Ask the applicant to correct it, with a reason for each field."""
    row, letter = deciding.send_back(session, office, actor, id, version, body)
    return _decided(later, office, row, [letter])


@router.post("/registrations/{id}/refusal", response_model=RegistrationOut, summary="驳回申请", responses=_CHANGE)
def refuse_registration(
    session: DbSession,
    office: Means,
    actor: Reviewer,
    id: UUID,
    body: RefusalRequest,
    version: IfMatch,
    later: BackgroundTasks,
) -> Response:
    """Refuse it for good."""
    row, letter = deciding.refuse(session, office, actor, id, version, body.reason)
    return _decided(later, office, row, [letter])


@router.post("/registrations/{id}/verification", response_model=RegistrationOut, summary="通过申请", responses=_CHANGE)
def verify_registration(
    session: DbSession,
    office: Means,
    actor: Reviewer,
    id: UUID,
    body: Verification,
    version: IfMatch,
    later: BackgroundTasks,
) -> Response:
    """Take the enterprise in, verified, with what it can make; the applicant is invited as its owner."""
    row, letters = deciding.verify(session, office, actor, id, version, body.reason)
    return _decided(later, office, row, letters)


@router.post(
    "/registrations/{id}/claim-decision", response_model=RegistrationOut, summary="认领决定", responses=_CHANGE
)
def decide_claim(
    session: DbSession,
    office: Means,
    actor: Reviewer,
    id: UUID,
    body: ClaimDecision,
    version: IfMatch,
    later: BackgroundTasks,
) -> Response:
    """Say whether who applied under a known credit code is that enterprise."""
    row, letters = deciding.decide_claim(session, office, actor, id, version, body)
    return _decided(later, office, row, letters)
