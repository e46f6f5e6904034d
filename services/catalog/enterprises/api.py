"""Routes of enterprises and their certificates."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.catalog.enterprises import certificates, decisions, service
from services.catalog.enterprises.rules import Decision, Status
from services.catalog.enterprises.schemas import (
    CertificateOut,
    EnterpriseOut,
    Filters,
    Reason,
    StatusStep,
    SupplierCard,
    VerificationRequest,
    VerificationResult,
)
from shared.http.auth import CurrentActor, require
from shared.http.etag import IfMatch, etag
from shared.http.paging import After, Limit, PageOf
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/catalog/v1", tags=["企业"])

Reviewer = Annotated[Actor, Depends(require(Role.REVIEWER))]
RegionFilter = Annotated[str | None, Query(pattern=r"^\d{6}$", description="行政区划代码，含其下级")]


def read_filters(
    role: Annotated[str | None, Query(pattern="^(chain_leader|supplier)$", description="链主企业或供应商")] = None,
    status: Status | None = None,
    region: RegionFilter = None,
    q: Annotated[str | None, Query(max_length=100, description="名称中的文字，或完整的统一社会信用代码")] = None,
) -> Filters:
    """The conditions of the list; all that are given hold together."""
    leader, supplier = role == "chain_leader" or None, role == "supplier" or None
    return Filters(is_chain_leader=leader, is_supplier=supplier, status=status, region=region, q=q)


@router.get("/enterprises", response_model=PageOf[EnterpriseOut | SupplierCard], summary="企业列表")
def list_enterprises(
    session: DbSession,
    actor: CurrentActor,
    filters: Annotated[Filters, Depends(read_filters)],
    after: After = None,
    limit: Limit = 100,
) -> Response:
    """The enterprises that the caller may know of; a chain leader gets verified suppliers as cards."""
    return json_response(service.page(session, actor, filters, after, limit))


@router.get("/enterprises/{id}", response_model=EnterpriseOut | SupplierCard, summary="一家企业")
def get_enterprise(session: DbSession, actor: CurrentActor, id: UUID) -> Response:
    """One enterprise, with its version as ETag."""
    enterprise, version = service.get(session, actor, id)
    return json_response(enterprise, headers={"ETag": etag(version)})


@router.get("/enterprises/{id}/status-changes", response_model=list[StatusStep], summary="企业状态的变更记录")
def get_status_changes(session: DbSession, actor: CurrentActor, id: UUID) -> Response:
    """Every change of its status: by whom, when and why."""
    return json_response(decisions.status_changes(session, actor, id))


@router.post("/enterprises/verification", response_model=VerificationResult, summary="批量核验企业")
def verify_enterprises(session: DbSession, actor: Reviewer, request: VerificationRequest) -> Response:
    """Verify those named, or all submitted; may be repeated. Who cannot be verified is listed with the reason."""
    return json_response(decisions.verify(session, actor, request))


def _decide(decision: Decision, summary: str) -> None:
    """Add the route of one decision: the same request, checks and answer for each."""

    @router.post(
        f"/enterprises/{{id}}/{decision}",
        response_model=EnterpriseOut,
        summary=summary,
        name=f"{decision}_of_enterprise",
    )
    def take(session: DbSession, actor: Reviewer, id: UUID, body: Reason, version: IfMatch) -> Response:
        enterprise = decisions.decide(session, actor, id, decision, body.reason, version)
        return json_response(enterprise, headers={"ETag": etag(enterprise["version"])})


_decide(Decision.SUSPENSION, "暂停企业")
_decide(Decision.REINSTATEMENT, "恢复企业")
_decide(Decision.RETIREMENT, "注销企业")


@router.get("/certificates", response_model=PageOf[CertificateOut], summary="资质证书列表")
def list_certificates(
    session: DbSession,
    actor: CurrentActor,
    enterprise: UUID | None = None,
    scheme: str | None = None,
    after: After = None,
    limit: Limit = 100,
) -> Response:
    """The certificates of the enterprises that the caller sees."""
    return json_response(certificates.page_certificates(session, actor, enterprise, scheme, after, limit))


@router.get("/certificates/{id}", response_model=CertificateOut, summary="一份资质证书")
def get_certificate(session: DbSession, actor: CurrentActor, id: UUID) -> Response:
    """One certificate, with its version as ETag."""
    certificate = certificates.get_certificate(session, actor, id)
    return json_response(certificate, headers={"ETag": etag(certificate["version"])})
