"""Who is calling, and whether it may do what it asks: the token of a request as an Actor.

A program brings its token in the Authorization header; a browser has it in a cookie, and proves by a second token in
a header, or in a hidden field of its form, that the page is ours. Whoever only reads is stopped here, and so is a
machine beyond its scopes: no route need think of either.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.http.acting import let_act
from shared.http.idempotency import claim
from shared.http.problems import Problem, forbidden, unauthorised
from shared.security.actor import Actor, Role, Scope
from shared.security.secrets import same
from shared.security.tokens import InvalidToken, TokenVerifier

CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf"
ACCESS_COOKIE = "xieshou-access"
SESSION_COOKIE = "xieshou-session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})

#: The `openapi_extra` of a route that only computes an answer, though its question comes by POST.
READING: dict[str, Any] = {"x-reading": True}

_SCOPES = {
    ("catalog", False): Scope.CATALOG_READ,
    ("catalog", True): Scope.CATALOG_WRITE,
    ("matching", False): Scope.MATCHING_READ,
    ("matching", True): Scope.MATCHING_DECIDE,
}

bearer = HTTPBearer(
    auto_error=False,
    description="`POST /catalog/v1/oauth/token` 发给的令牌，或 `python -m services.catalog token` 打印的",
)
BearerToken = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]


def cookie_name(request: Request, name: str) -> str:
    """A cookie's name: over https one that no other host and no plain http can set (RFC 6265bis, 4.1.3.2)."""
    return f"__Host-{name}" if request.url.scheme == "https" else name


async def read_said_csrf(request: Request) -> str:
    """What a request says beside its cookie, in the header or in its form; "" where it says nothing."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if CSRF_HEADER in request.headers or request.method in SAFE_METHODS or media not in _FORMS:
        return request.headers.get(CSRF_HEADER, "")
    said = (await request.form()).get(CSRF_FIELD)
    return said if isinstance(said, str) else ""


SaidCsrf = Annotated[str, Depends(read_said_csrf)]


async def read_bearer(request: Request, credentials: BearerToken, said: SaidCsrf) -> Actor:
    """Who asks, whatever it asks for: 401 without a token that holds, 403 where a page of others may be asking."""
    token = credentials.credentials if credentials else request.cookies.get(cookie_name(request, ACCESS_COOKIE))
    if not token:
        raise unauthorised()
    verifier: TokenVerifier = request.app.state.verifier
    try:
        credential = await verifier.check(token)
    except InvalidToken as error:
        raise unauthorised(str(error)) from error
    if credentials is None:
        require_csrf(request, credential.csrf, said)
        request.state.csrf = credential.csrf
    let_act(request, credential.actor)
    return credential.actor


def require_csrf(request: Request, expected: str | None, said: str) -> None:
    """403 unless a request that changes something says the token that only our own pages know."""
    if request.method in SAFE_METHODS:
        return
    if expected is None or not same(said, expected):
        detail = f"请刷新页面后重试；程序应在 {CSRF_HEADER} 头中带上 GET /catalog/v1/session 返回的 csrf。"
        raise Problem(403, "csrf", "无法确认请求来自本站页面", detail)


async def read_actor(request: Request, credentials: BearerToken, said: SaidCsrf) -> Actor:
    """Who asks, if it may do such a thing at all: 403 for one that only reads, and beyond a machine's scopes."""
    actor = await read_bearer(request, credentials, said)
    permit(request, actor)
    await claim(request, actor)
    return actor


def permit(request: Request, actor: Actor) -> None:
    """403 where the actor changes nothing and the request would, or where its scopes do not reach."""
    changes = request.method not in SAFE_METHODS and not _only_reads(request)
    if changes and actor.changes_nothing:
        raise forbidden("您的账号只能查看，不能修改或提交。")
    wanted = _SCOPES.get((request.url.path.split("/")[1], changes))
    if actor.scopes and wanted not in actor.scopes:
        challenge = {"WWW-Authenticate": f'Bearer realm="xieshou", error="insufficient_scope", scope="{wanted}"'}
        detail = f"此操作需要权限范围 {wanted}，令牌只有：{'、'.join(sorted(actor.scopes))}。"
        raise Problem(403, "insufficient-scope", "没有权限", detail, headers=challenge)


def _only_reads(request: Request) -> bool:
    extra = getattr(request.scope.get("route"), "openapi_extra", None) or {}
    return bool(extra.get("x-reading"))


async def read_actor_once(request: Request, credentials: BearerToken, said: SaidCsrf) -> Actor:
    """As `read_actor`, for what answers a secret: that is told once and kept nowhere, under no `Idempotency-Key`."""
    actor = await read_bearer(request, credentials, said)
    permit(request, actor)
    return actor


CurrentActor = Annotated[Actor, Depends(read_actor)]
ActorOnce = Annotated[Actor, Depends(read_actor_once)]


def require(*roles: Role) -> Callable[..., Awaitable[Actor]]:
    """A dependency that gives the actor if it has one of the roles, else 403.

    `Reviewer = Annotated[Actor, Depends(require(Role.REVIEWER))]` puts the permission into a route's signature. An
    auditor may read whatever a reviewer may.
    """
    admitted = {*roles, Role.AUDITOR} if Role.REVIEWER in roles else set(roles)

    async def actor_with_role(actor: CurrentActor) -> Actor:
        if actor.role not in admitted:
            raise forbidden("此操作只对这些角色开放：" + "、".join(roles) + "。")
        return actor

    return actor_with_role
