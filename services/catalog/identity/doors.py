"""How a request comes to a sign-in: the browser's cookie or a token's, and the cookies that go back."""

from dataclasses import asdict
from typing import Annotated, Any

import orjson
from fastapi import Depends, Request, Response

from services.catalog.identity import hats, sign_ins
from services.catalog.identity.context import Identity
from services.catalog.identity.oidc import Attempt
from services.catalog.identity.refusals import unfinished
from services.catalog.identity.rules import LIVES, Carrier, Hat, Stage
from services.catalog.identity.schemas import AccountBrief, HatOut, SessionOut
from services.catalog.identity.sign_ins import Present, Where
from shared.http.auth import ACCESS_COOKIE, SESSION_COOKIE, BearerToken, SaidCsrf, cookie_name, require_csrf
from shared.http.problems import Problem, unauthorised
from shared.http.sessions import DbSession
from shared.security.actor import Access
from shared.security.tokens import SHORT, InvalidToken

ATTEMPT_COOKIE = "xieshou-oidc"
_ATTEMPT_SECONDS = 600


def read_identity(request: Request) -> Identity:
    """The means of identity of this process."""
    identity: Identity = request.app.state.identity
    return identity


Means = Annotated[Identity, Depends(read_identity)]


def read_where(request: Request) -> Where:
    """From where the request comes."""
    address = request.client.host if request.client else ""
    return Where(address, request.headers.get("User-Agent", "")[:200].replace("\0", ""))


From = Annotated[Where, Depends(read_where)]


async def read_sign_in_id(request: Request, credentials: BearerToken) -> Any:
    """The id of the sign-in that a token in the header came from; None where there is no such header."""
    if credentials is None:
        return None
    try:
        credential = await request.app.state.verifier.check(credentials.credentials)
    except InvalidToken as error:
        raise unauthorised(str(error)) from error
    if credential.actor.session_id is None:
        raise unauthorised("此令牌不是由登录得来的，没有会话。")
    return credential.actor.session_id


def read_present(
    request: Request, session: DbSession, identity: Means, said: SaidCsrf, id: Annotated[Any, Depends(read_sign_in_id)]
) -> Present:
    """The sign-in of a request, at whatever stage; 401 without one that lasts, 403 from pages of others."""
    if id is not None:
        return sign_ins.by_id(session, identity, id)
    secret = request.cookies.get(cookie_name(request, SESSION_COOKIE))
    if not secret:
        raise unauthorised("尚未登录。")
    present = sign_ins.by_secret(session, identity, secret)
    require_csrf(request, present.csrf, said)
    return present


OwnSignIn = Annotated[Present, Depends(read_present)]


def read_full(present: OwnSignIn) -> Present:
    """A sign-in that lacks nothing; else the problem that says what it lacks."""
    stage = Stage(present.sign_in.stage)
    if stage is not Stage.FULL:
        raise unfinished(stage)
    return present


FullSignIn = Annotated[Present, Depends(read_full)]


def refuse_other_sites(request: Request) -> None:
    """403 for a sign-in that another site's page sends: it would sign its visitor in as somebody else."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise Problem(403, "cross-site", "不能由其他网站发起登录", "请在本站页面登录。")


def shown(present: Present, roles: list[Hat]) -> SessionOut:
    """A sign-in as its bearer sees it."""
    account, sign_in = present.account, present.sign_in
    hat = hats.worn(roles, sign_in) or roles[0]
    life = LIVES[Carrier(sign_in.carrier)]
    return SessionOut(
        id=sign_in.id,
        account=AccountBrief(
            id=account.id,
            email=account.email,
            name=account.name,
            totp=account.totp_confirmed,
            has_password=account.password_hash is not None,
        ),
        stage=Stage(sign_in.stage),
        acting_as=_hat(hat),
        access=Access(hat.worn_by(account.id, sign_in.id).access),
        roles=[_hat(each) for each in roles],
        csrf=present.csrf,
        idle_until=min(sign_in.seen_at + life.idle, sign_in.ends_at),
        ends_at=sign_in.ends_at,
    )


def _hat(hat: Hat) -> HatOut:
    return HatOut(**{**vars(hat), "cluster_ids": sorted(hat.cluster_ids)})


def give_cookies(request: Request, response: Response, identity: Identity, present: Present, roles: list[Hat]) -> None:
    """Let a browser keep the sign-in, and the token that both services verify, where nothing is lacking."""
    if present.secret is None:
        return
    _set(request, response, SESSION_COOKIE, present.secret, LIVES[Carrier.COOKIE].absolute.total_seconds())
    hat = hats.worn(roles, present.sign_in)
    if present.sign_in.stage == Stage.FULL and hat is not None:
        token = sign_ins.access_token(identity, present, hat)
        _set(request, response, ACCESS_COOKIE, token, SHORT.total_seconds())


def take_cookies(request: Request, response: Response) -> None:
    """Let the browser forget the sign-in."""
    for name in (SESSION_COOKIE, ACCESS_COOKIE):
        _set(request, response, name, "", 0)


def keep_attempt(request: Request, response: Response, attempt: Attempt) -> None:
    """Let the browser keep what must come back from the provider."""
    _set(request, response, ATTEMPT_COOKIE, orjson.dumps(asdict(attempt)).hex(), _ATTEMPT_SECONDS)


def kept_attempt(request: Request) -> Attempt:
    """What the browser kept; Problem 401 where it did not begin here."""
    try:
        kept = orjson.loads(bytes.fromhex(request.cookies.get(cookie_name(request, ATTEMPT_COOKIE), "")))
        return Attempt(str(kept["state"]), str(kept["nonce"]), str(kept["verifier"]))
    except (ValueError, KeyError, TypeError) as error:
        detail = "登录不是由这个浏览器发起的，或已超过 10 分钟，请重新登录。"
        raise Problem(401, "oidc-refused", "统一身份认证没有成功", detail) from error


def forget_attempt(request: Request, response: Response) -> None:
    """The attempt counts once."""
    _set(request, response, ATTEMPT_COOKIE, "", 0)


def _set(request: Request, response: Response, name: str, value: str, seconds: float) -> None:
    response.set_cookie(
        cookie_name(request, name),
        value,
        max_age=int(seconds),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
