"""Routes of who may do what: accounts, members, invitations, machine clients."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Depends, Query, Response

from services.catalog.identity import accounts, clients, inviting, members, service
from services.catalog.identity.doors import Means
from services.catalog.identity.rules import normal_email
from services.catalog.identity.schemas import (
    AccountOut,
    ClientOut,
    ClientRequest,
    InvitationOut,
    InvitationRequest,
    LevelChange,
    MemberOut,
    NewClient,
    Reason,
)
from shared.audit import acting
from shared.db.upserts import Row
from shared.http.auth import ActorOnce, CurrentActor, require
from shared.http.etag import IfMatch, etag
from shared.http.paging import After, Limit, PageOf
from shared.http.problems import documented
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role

router = APIRouter(prefix="/catalog/v1", tags=["账号与程序"])

Reviewer = Annotated[Actor, Depends(require(Role.REVIEWER))]
OfEnterprise = Annotated[UUID | None, Query(description="只看这家企业的")]
_CHANGE = documented(404, 409, 412, 428)


def _one(row: Row, status: int = 200) -> Response:
    return json_response(row, status, {"ETag": etag(row["version"]), "Cache-Control": "no-store"})


@router.get("/accounts", response_model=PageOf[AccountOut], summary="账号列表")
def list_accounts(
    session: DbSession,
    actor: Reviewer,  # noqa: ARG001
    email: Annotated[str | None, Query(max_length=254, description="完整的邮箱地址")] = None,
    after: After = None,
    limit: Limit = 100,
) -> Response:
    """All accounts, oldest first, or the one of an address."""
    return json_response(accounts.page(session, normal_email(email) if email else None, after, limit))


@router.get("/accounts/{id}", response_model=AccountOut, summary="一个账号", responses=documented(404))
def get_account(session: DbSession, actor: Reviewer, id: UUID) -> Response:  # noqa: ARG001
    """One account, with its version as ETag."""
    return _one(accounts.get(session, id))


@router.post("/accounts/{id}/suspension", response_model=AccountOut, summary="停用账号", responses=_CHANGE)
def suspend_account(
    session: DbSession, identity: Means, actor: Reviewer, id: UUID, body: Reason, version: IfMatch
) -> Response:
    """Let nobody sign in with it; its sign-ins end."""
    acting.because(session, body.reason)
    service.note(actor, "account suspended", id, body.reason)
    return _one(accounts.set_status(session, identity, actor, id, "suspended", version))


@router.post("/accounts/{id}/reinstatement", response_model=AccountOut, summary="恢复账号", responses=_CHANGE)
def reinstate_account(
    session: DbSession, identity: Means, actor: Reviewer, id: UUID, body: Reason, version: IfMatch
) -> Response:
    """Let its bearer sign in again."""
    acting.because(session, body.reason)
    service.note(actor, "account reinstated", id, body.reason)
    return _one(accounts.set_status(session, identity, actor, id, "active", version))


@router.get("/members", response_model=PageOf[MemberOut], summary="谁有什么身份")
def list_members(
    session: DbSession, actor: CurrentActor, enterprise: OfEnterprise = None, after: After = None, limit: Limit = 100
) -> Response:
    """The people of the caller's enterprise; reviewers see everybody."""
    return json_response(members.page(session, actor, enterprise, after, limit))


@router.get("/members/{id}", response_model=MemberOut, summary="一位成员", responses=documented(404))
def get_member(session: DbSession, actor: CurrentActor, id: UUID) -> Response:
    """One member, with its version as ETag."""
    return _one(members.get(session, actor, id))


@router.patch("/members/{id}", response_model=MemberOut, summary="改变成员的权限", responses=_CHANGE)
def change_member(session: DbSession, actor: CurrentActor, id: UUID, body: LevelChange, version: IfMatch) -> Response:
    """Owner, member or read-only; it holds from the member's next token on."""
    return _one(members.change_level(session, actor, id, body.level, version))


@router.delete("/members/{id}", status_code=204, summary="移除成员", responses=_CHANGE)
def remove_member(session: DbSession, identity: Means, actor: CurrentActor, id: UUID, version: IfMatch) -> Response:
    """Take the role away; the sign-ins for it end."""
    members.remove(session, identity, actor, id, version)
    return Response(status_code=204)


@router.get("/invitations", response_model=PageOf[InvitationOut], summary="待接受的邀请")
def list_invitations(
    session: DbSession, identity: Means, actor: CurrentActor, after: After = None, limit: Limit = 100
) -> Response:
    """The invitations that wait for an answer: of the caller's enterprise, for reviewers all."""
    return json_response(members.invitations(session, identity, actor, after, limit))


@router.post(
    "/invitations", response_model=InvitationOut, status_code=201, summary="邀请", responses=documented(404, 409)
)
def invite(
    session: DbSession, identity: Means, actor: CurrentActor, asked: InvitationRequest, later: BackgroundTasks
) -> Response:
    """Send a link by which somebody gets a role: owners for their enterprise, reviewers for all."""
    row, letter = inviting.invite(session, identity, actor, asked)
    later.add_task(service.post, identity, letter)
    return json_response(row, 201)


@router.delete("/invitations/{id}", status_code=204, summary="撤回邀请", responses=documented(404))
def withdraw_invitation(session: DbSession, identity: Means, actor: CurrentActor, id: UUID) -> Response:
    """Make the link worthless."""
    members.withdraw(session, identity, actor, id)
    return Response(status_code=204)


@router.get("/clients", response_model=PageOf[ClientOut], summary="程序（机器客户端）列表")
def list_clients(
    session: DbSession, actor: CurrentActor, enterprise: OfEnterprise = None, after: After = None, limit: Limit = 100
) -> Response:
    """The programs of the caller's enterprise; for reviewers all."""
    return json_response(clients.page(session, actor, enterprise, after, limit))


@router.get("/clients/{id}", response_model=ClientOut, summary="一个程序", responses=documented(404))
def get_client(session: DbSession, actor: CurrentActor, id: UUID) -> Response:
    """One program, with its version as ETag."""
    return _one(clients.get(session, actor, id))


@router.post(
    "/clients", response_model=NewClient, status_code=201, summary="登记程序，得到密钥", responses=documented(404)
)
def create_client(session: DbSession, actor: ActorOnce, asked: ClientRequest) -> Response:
    """A program that acts for an enterprise within its scopes; the secret is told this once."""
    return _one(clients.create(session, actor, asked), 201)


@router.post("/clients/{id}/secret", response_model=NewClient, summary="换程序的密钥", responses=_CHANGE)
def renew_client_secret(session: DbSession, actor: ActorOnce, id: UUID, version: IfMatch) -> Response:
    """A new secret, told this once; the old one counts no more."""
    return _one(clients.renew_secret(session, actor, id, version))


@router.delete("/clients/{id}", response_model=ClientOut, summary="注销程序", responses=_CHANGE)
def revoke_client(session: DbSession, identity: Means, actor: CurrentActor, id: UUID, version: IfMatch) -> Response:
    """Give the program no more tokens; its last one is over within ten minutes."""
    return _one(clients.revoke(session, identity, actor, id, version))
