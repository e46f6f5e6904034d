"""Routes of signing in: the session, its second factor, links by mail, the external provider."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Depends, Request, Response
from fastapi.responses import RedirectResponse

from services.catalog.identity import accounts, external, grants, links, second_factor, service, sign_ins
from services.catalog.identity.doors import (
    From,
    FullSignIn,
    Means,
    OwnSignIn,
    forget_attempt,
    give_cookies,
    keep_attempt,
    kept_attempt,
    refuse_other_sites,
    shown,
    take_cookies,
)
from services.catalog.identity.oidc import Attempt
from services.catalog.identity.rules import Carrier
from services.catalog.identity.schemas import (
    CodeRequest,
    Completion,
    EmailRequest,
    Enrolment,
    FullProof,
    LinkOut,
    LinkRequest,
    PasswordChange,
    Proof,
    RecoveryCodes,
    RoleRequest,
    SessionOut,
    SignInRequest,
    SignInRow,
    TokensOut,
)
from shared.http.acting import act_as_service
from shared.http.auth import READING
from shared.http.parameters import OPEN_QUERY
from shared.http.problems import documented
from shared.http.responses import json_response
from shared.http.sessions import DbSession

router = APIRouter(prefix="/catalog/v1", tags=["登录"], dependencies=[Depends(act_as_service)])

#: Answers about people and their secrets are nobody's to keep.
PRIVATE = {"Cache-Control": "no-store"}


def _session(request: Request, session: DbSession, identity: Means, present: Any, status: int = 200) -> Response:
    """The sign-in as it is now, with its cookies."""
    roles = sign_ins.look(session, identity, present)
    response = json_response(shown(present, roles), status, PRIVATE)
    give_cookies(request, response, identity, present, roles)
    return response


@router.post(
    "/session",
    response_model=SessionOut | TokensOut,
    status_code=201,
    summary="用邮箱和密码登录",
    responses=documented(429),
    dependencies=[Depends(refuse_other_sites)],
)
def sign_in(request: Request, session: DbSession, identity: Means, where: From, asked: SignInRequest) -> Response:
    """A browser gets cookies and goes on at `stage`; with `carrier: tokens` a program gets tokens for a person."""
    present = sign_ins.sign_in(session, identity, asked, where)
    if asked.carrier is Carrier.TOKENS:
        return json_response(grants.begin_family(session, identity, present), 201, PRIVATE)
    return _session(request, session, identity, present, 201)


@router.get("/session", response_model=SessionOut, summary="我的登录：身份、所缺步骤与 csrf")
def get_session(request: Request, session: DbSession, identity: Means, present: OwnSignIn) -> Response:
    """Whose sign-in this is, and as what; a browser's token for both services is renewed."""
    return _session(request, session, identity, present)


@router.delete("/session", status_code=204, summary="退出登录")
def sign_out(request: Request, session: DbSession, identity: Means, present: OwnSignIn) -> Response:
    """End this sign-in with all its tokens."""
    sign_ins.end_own(session, identity, present, present.sign_in.id)
    response = Response(status_code=204)
    take_cookies(request, response)
    return response


@router.put("/session/role", response_model=SessionOut, summary="换一个身份继续")
def put_role(
    request: Request, session: DbSession, identity: Means, present: FullSignIn, wanted: RoleRequest
) -> Response:
    """Act as another of the account's roles from now on."""
    sign_ins.act_as(session, present, wanted.role, wanted.enterprise_id)
    return _session(request, session, identity, present)


@router.get("/sessions", response_model=list[SignInRow], summary="我的全部登录")
def list_sessions(session: DbSession, identity: Means, present: FullSignIn) -> Response:
    """The account's sign-ins that last, with device and address; the newest first."""
    return json_response(sign_ins.own_sign_ins(session, identity, present), headers=PRIVATE)


@router.delete("/sessions", status_code=204, summary="结束我的其他登录")
def end_other_sessions(session: DbSession, identity: Means, present: FullSignIn) -> Response:
    """End all of the account's sign-ins but this one."""
    sign_ins.end_others(session, identity, present)
    return Response(status_code=204)


@router.delete("/sessions/{id}", status_code=204, summary="结束我的一次登录", responses=documented(404))
def end_session(session: DbSession, identity: Means, present: FullSignIn, id: UUID) -> Response:
    """End one of the account's sign-ins."""
    sign_ins.end_own(session, identity, present, id)
    return Response(status_code=204)


@router.put("/session/password", status_code=204, summary="修改我的密码", responses=documented(429))
def put_password(session: DbSession, identity: Means, present: FullSignIn, asked: PasswordChange) -> Response:
    """Change the password; the account's other sign-ins end."""
    accounts.change_password(session, identity, present, asked.password, asked.new_password)
    return Response(status_code=204)


@router.post("/session/code", response_model=SessionOut, summary="提交登录所缺的验证码", responses=documented(409, 429))
def post_code(
    request: Request, session: DbSession, identity: Means, present: OwnSignIn, asked: CodeRequest
) -> Response:
    """Go on with a sign-in whose stage is `code`."""
    second_factor.pass_code(session, identity, present, asked.code)
    return _session(request, session, identity, present)


@router.post("/session/totp", response_model=Enrolment, summary="申请绑定验证器", responses=documented(409, 429))
def begin_totp(session: DbSession, identity: Means, present: OwnSignIn, proof: Proof) -> Response:
    """A secret for an authenticator; it counts once a code of it was sent to `/session/totp/confirmation`."""
    secret, uri = second_factor.begin_enrolment(session, identity, present, proof.password)
    return json_response(Enrolment(secret=secret, uri=uri), headers=PRIVATE)


@router.post(
    "/session/totp/confirmation", response_model=RecoveryCodes, summary="确认绑定验证器", responses=documented(409, 429)
)
def confirm_totp(
    request: Request, session: DbSession, identity: Means, present: OwnSignIn, asked: CodeRequest
) -> Response:
    """Turn the second factor on; answers ten recovery codes, this once."""
    codes = second_factor.confirm(session, identity, present, asked.code)
    roles = sign_ins.look(session, identity, present)
    response = json_response(RecoveryCodes(recovery_codes=codes), headers=PRIVATE)
    give_cookies(request, response, identity, present, roles)
    return response


@router.post("/session/totp/removal", status_code=204, summary="停用验证器", responses=documented(409, 429))
def remove_totp(session: DbSession, identity: Means, present: FullSignIn, proof: FullProof) -> Response:
    """Turn the second factor off; reviewers cannot."""
    second_factor.remove(session, identity, present, proof.password, proof.code)
    return Response(status_code=204)


@router.post(
    "/session/recovery-codes", response_model=RecoveryCodes, summary="换一批恢复码", responses=documented(409, 429)
)
def renew_recovery_codes(session: DbSession, identity: Means, present: FullSignIn, proof: FullProof) -> Response:
    """Ten new recovery codes; the old ones are worthless."""
    codes = second_factor.renew_codes(session, identity, present, proof.password, proof.code)
    return json_response(RecoveryCodes(recovery_codes=codes), headers=PRIVATE)


@router.post("/password-resets", status_code=202, summary="申请重设密码的邮件")
def ask_for_reset(session: DbSession, identity: Means, asked: EmailRequest, later: BackgroundTasks) -> Response:
    """Send a link, if there is such an account; the answer is the same, and as quick, if there is none."""
    if letter := links.ask_for_reset(session, identity, asked.email):
        later.add_task(service.post, identity, letter)
    return json_response({"detail": "如果有这个账号，重设密码的邮件会在几分钟内送达。"}, 202, PRIVATE)


@router.post(
    "/links/inspection",
    response_model=LinkOut,
    summary="看看一次性链接的用途",
    responses=documented(410),
    openapi_extra=READING,
)
def inspect_link(session: DbSession, identity: Means, asked: LinkRequest) -> Response:
    """What a link is for and what its bearer has to say; it is not used up by this."""
    return json_response(links.read_link(session, identity, asked.token), headers=PRIVATE)


@router.post(
    "/links/completion", status_code=204, summary="使用一次性链接：重设密码、接受邀请", responses=documented(410)
)
def complete_link(session: DbSession, identity: Means, said: Completion, later: BackgroundTasks) -> Response:
    """Do what the link is for, once; then sign in."""
    _, letter = links.complete(session, identity, said)
    later.add_task(service.post, identity, letter)
    return Response(status_code=204)


@router.get("/session/oidc", status_code=303, summary="用统一身份认证登录", responses=documented(404, 502))
def begin_oidc(request: Request, identity: Means) -> Response:
    """Send the browser to the provider."""
    attempt = Attempt.new()
    response = RedirectResponse(external.provider_of(identity).begin(attempt), 303)
    keep_attempt(request, response, attempt)
    return response


@router.get(
    "/session/oidc/callback",
    status_code=303,
    summary="由统一身份认证返回",
    responses=documented(401, 404, 502),
    openapi_extra=OPEN_QUERY,
)
def end_oidc(
    request: Request,
    session: DbSession,
    identity: Means,
    where: From,
    attempt: Annotated[Attempt, Depends(kept_attempt)],
    code: str | None = None,
    state: str | None = None,
    error: str | None = None,
    iss: str | None = None,
) -> Response:
    """Sign in whom the provider names, and go to the portal; where a code is lacking, its page asks for it."""
    answer = {"code": code, "state": state, "error": error, "iss": iss}
    said = {name: value for name, value in answer.items() if value is not None}
    stranger = external.provider_of(identity).finish(attempt, said)
    present = external.sign_in_stranger(session, identity, stranger, where)
    roles = sign_ins.look(session, identity, present)
    response = RedirectResponse("/", 303)
    give_cookies(request, response, identity, present, roles)
    forget_attempt(request, response)
    return response
