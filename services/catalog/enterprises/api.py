"""Routes of enterprises and of what belongs to them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.catalog.enterprises import certificates, decisions, preferences, relations, service, titles
from services.catalog.enterprises.rules import Decision, Stance, Status
from services.catalog.enterprises.schemas import (
    CertificateOut,
    EnterpriseOut,
    Filters,
    PreferenceOut,
    Reason,
    RelationOut,
    StatusStep,
    SupplierCard,
    TitleOut,
    VerificationRequest,
    VerificationResult,
)
from shared.db.upserts import Row
from shared.http.auth import CurrentActor, require
from shared.http.etag import IfMatch, etag
from shared.http.paging import After, Limit, PageOf, page_response
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/catalog/v1", tags=["企业"])

Reviewer = Annotated[Actor, Depends(require(Role.REVIEWER))]
RegionFilter = Annotated[str | None, Query(pattern=r"^\d{6}$", description="行政区划代码，含其下级")]


async def read_filters(
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
    return page_response(session, service.page(session, actor, filters, after, limit))


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
        name=f"decide_{decision}_of_enterprise",
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
    return page_response(session, certificates.page_certificates(session, actor, enterprise, scheme, after, limit))


@router.get("/certificates/{id}", response_model=CertificateOut, summary="一份资质证书")
def get_certificate(session: DbSession, actor: CurrentActor, id: UUID) -> Response:
    """One certificate, with its version as ETag."""
    return _one(certificates.get_certificate(session, actor, id))


@router.get("/titles", response_model=PageOf[TitleOut], summary="称号列表")
def list_titles(
    session: DbSession,
    actor: CurrentActor,
    enterprise: UUID | None = None,
    title: Annotated[str | None, Query(description="称号代码，见代码表")] = None,
    after: After = None,
    limit: Limit = 100,
) -> Response:
    """The titles of the enterprises that the caller sees."""
    return page_response(session, titles.page_titles(session, actor, enterprise, title, after, limit))


@router.get("/titles/{id}", response_model=TitleOut, summary="一个称号")
def get_title(session: DbSession, actor: CurrentActor, id: UUID) -> Response:
    """One title, with its version as ETag."""
    return _one(titles.get_title(session, actor, id))


@router.get("/relations", response_model=PageOf[RelationOut], summary="股权关系列表")
def list_relations(
    session: DbSession, actor: CurrentActor, enterprise: UUID | None = None, after: After = None, limit: Limit = 100
) -> Response:
    """The equity links that the caller sees; of one enterprise, those on either side."""
    return page_response(session, relations.page_relations(session, actor, enterprise, after, limit))


@router.get("/relations/{id}", response_model=RelationOut, summary="一条股权关系")
def get_relation(session: DbSession, actor: CurrentActor, id: UUID) -> Response:
    """One equity link, with its version as ETag."""
    return _one(relations.get_relation(session, actor, id))


@router.get("/preferences", response_model=PageOf[PreferenceOut], summary="链主企业的黑名单与优先供应商")
def list_preferences(
    session: DbSession,
    actor: CurrentActor,
    leader: UUID | None = None,
    supplier: UUID | None = None,
    stance: Stance | None = None,
    after: After = None,
    limit: Limit = 100,
) -> Response:
    """What leaders say about suppliers: a leader finds its own, reviewers all, and nobody else any."""
    return page_response(session, preferences.page_preferences(session, actor, leader, supplier, stance, after, limit))


@router.get("/preferences/{id}", response_model=PreferenceOut, summary="一条黑名单或优先记录")
def get_preference(session: DbSession, actor: CurrentActor, id: UUID) -> Response:
    """What one leader says about one supplier, with its version as ETag."""
    return _one(preferences.get_preference(session, actor, id))


def _one(row: Row) -> Response:
    return json_response(row, headers={"ETag": etag(row["version"])})
