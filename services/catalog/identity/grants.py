"""Tokens by grants of OAuth 2 (RFC 6749): client credentials for machines, refresh tokens for people; revocation.

A refresh token counts once. Who brings a used one ends the whole family: either the bearer or a thief has come second,
and nobody can tell which (RFC 9700, 4.14.2).
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from services.catalog.enterprises import service as enterprises
from services.catalog.identity.context import Identity
from services.catalog.identity.ending import end_one
from services.catalog.identity.hats import hats_for, worn
from services.catalog.identity.models import MachineClient, RefreshToken, SignIn
from services.catalog.identity.schemas import TokensOut
from services.catalog.identity.sign_ins import Present, access_token, by_id
from shared.audit import acting
from shared.db.upserts import sql_table
from shared.http.problems import Problem
from shared.security.actor import Actor, Role, Scope
from shared.security.secrets import digest, new_secret, same
from shared.security.tokens import SHORT, InvalidToken, TokenVerifier

_CLIENTS = sql_table(MachineClient)
_SECONDS = int(SHORT.total_seconds())


class OAuthError(Exception):
    """A refusal in RFC 6749's terms: its code, an ASCII description, and the sentence for people, in Chinese."""

    def __init__(self, error: str, description: str, sentence: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.status = status
        self.body = {"error": error, "error_description": description, "detail": sentence}


def grant(session: Session, identity: Identity, form: Mapping[str, str], client: tuple[str, str] | None) -> TokensOut:
    """Tokens for a request to the token endpoint; `client` is what its Authorization header says. Commits."""
    match form.get("grant_type"):
        case None:
            raise OAuthError("invalid_request", "grant_type is missing", "缺少 grant_type。")
        case "client_credentials":
            return _for_machine(session, identity, form, client)
        case "refresh_token":
            return _refreshed(session, identity, form)
        case _:
            raise OAuthError(
                "unsupported_grant_type",
                "only client_credentials and refresh_token",
                "grant_type 只能是 client_credentials 或 refresh_token。",
            )


def begin_family(session: Session, identity: Identity, present: Present) -> TokensOut:
    """The first tokens of a sign-in that is to last by refresh tokens. Commits."""
    tokens = _tokens(session, identity, present, frozenset())
    session.commit()
    return tokens


def revoke(session: Session, identity: Identity, verifier: TokenVerifier, form: Mapping[str, str]) -> None:
    """End the sign-in that a token belongs to (RFC 7009); a token that is nobody's is none any more. Commits."""
    token = form.get("token")
    if not token:
        raise OAuthError("invalid_request", "token is missing", "缺少 token。")
    found = session.get(RefreshToken, digest(token))
    id = found.sign_in_id if found else _sign_in_of(verifier, token)
    sign_in = session.get(SignIn, id) if id else None
    if sign_in is not None:
        end_one(session, sign_in, identity.clock(), "revoked")
        session.commit()


def _sign_in_of(verifier: TokenVerifier, token: str) -> Any:
    try:
        actor = verifier.actor(token)
    except InvalidToken:
        return None
    if actor.session_id is None:
        raise OAuthError(
            "unsupported_token_type",
            "an access token of a machine ends by itself within ten minutes",
            "机器的访问令牌不能单独作废，十分钟内自行失效；要停用程序，请注销客户端。",
        )
    return actor.session_id


def _for_machine(
    session: Session, identity: Identity, form: Mapping[str, str], client: tuple[str, str] | None
) -> TokensOut:
    """A token for a machine client, within its scopes (RFC 6749, 4.4): without a refresh token."""
    found = _authenticated(session, form, client)
    scopes = _scopes(form, frozenset(map(Scope, found.scopes)))
    standing = enterprises.standings(session, [found.enterprise_id])[found.enterprise_id]
    if Role(found.role) not in standing.roles:
        raise OAuthError(
            "unauthorized_client",
            "the enterprise is suspended or no longer has this role",
            f"企业“{standing.name}”已暂停、注销或不再有此角色。",
        )
    bearer = Actor(f"client:{found.client_id}", Role(found.role), found.enterprise_id, scopes=frozenset(scopes))
    token = identity.key.sign(bearer, SHORT, identity.clock())
    acting.name(session, bearer.subject, found.role, found.enterprise_id)
    acting.note(session, "token", "client", str(found.id), {"scopes": sorted(scopes)})
    session.commit()
    return TokensOut(access_token=token, expires_in=_SECONDS, scope=" ".join(sorted(scopes)))


def _authenticated(session: Session, form: Mapping[str, str], client: tuple[str, str] | None) -> MachineClient:
    """The client that the request proves to come from (RFC 6749, 2.3.1): by the header or by the body, not by both."""
    if client is not None and "client_secret" in form:
        raise OAuthError("invalid_request", "two ways of client authentication", "客户端只能用一种方式提供密钥。")
    id, secret = client or (form.get("client_id", ""), form.get("client_secret", ""))
    named = select(MachineClient).where(_CLIENTS.c.client_id == id)
    found: MachineClient | None = session.execute(named).scalar_one_or_none()
    right = same(digest(secret), found.secret_digest if found else "")
    if found is None or not right or found.revoked_at is not None:
        acting.note(session, "refused", "client", str(found.id) if found else "unknown", {"why": "secret"})
        session.commit()
        raise OAuthError("invalid_client", "client authentication failed", "客户端编号或密钥不正确，或已注销。", 401)
    return found


def _refreshed(session: Session, identity: Identity, form: Mapping[str, str]) -> TokensOut:
    """New tokens for a refresh token, which is used up (RFC 6749, 6)."""
    refused = OAuthError("invalid_grant", "the refresh token is not valid", "刷新令牌无效或已过期，请重新登录。")
    scopes = _scopes(form, frozenset(Scope)) if form.get("scope") else frozenset()
    token = session.get(RefreshToken, digest(form.get("refresh_token", "")), with_for_update=True)
    if token is None:
        raise refused
    try:
        present = by_id(session, identity, token.sign_in_id)
    except Problem as over:
        raise refused from over
    if token.used_at is not None:
        end_one(session, present.sign_in, identity.clock(), "reuse")
        session.commit()
        sentence = "刷新令牌已被用过，可能已泄露；本次登录的全部令牌已作废，请重新登录。"
        raise OAuthError("invalid_grant", "the refresh token was used before, its family has ended", sentence)
    token.used_at = present.sign_in.seen_at = identity.clock()
    session.add_all([token, present.sign_in])
    acting.note(session, "token", "sign_in", str(present.sign_in.id), {"scopes": sorted(scopes)})
    tokens = _tokens(session, identity, present, scopes)
    session.commit()
    return tokens


def _tokens(session: Session, identity: Identity, present: Present, scopes: frozenset[Scope]) -> TokensOut:
    hat = worn(hats_for(session, present.account.id), present.sign_in)
    if hat is None:
        end_one(session, present.sign_in, identity.clock(), "role")
        session.commit()
        sentence = "您登录时的身份已失效（企业已暂停，或您已被移出），请重新登录。"
        raise OAuthError("invalid_grant", "the role of this sign-in is gone", sentence)
    secret = new_secret()
    session.add(RefreshToken(digest=digest(secret), sign_in_id=present.sign_in.id, issued_at=identity.clock()))
    return TokensOut(
        access_token=access_token(identity, present, hat, scopes),
        expires_in=_SECONDS,
        refresh_token=secret,
        scope=" ".join(sorted(scopes)) or None,
    )


def _scopes(form: Mapping[str, str], allowed: frozenset[Scope]) -> frozenset[Scope]:
    """The scopes that are asked for, all that are allowed where none is; never more."""
    asked = set(form.get("scope", "").split())
    if beyond := sorted(asked - allowed):
        sentence = f"不能授予这些权限范围：{'、'.join(beyond)}；可用：{'、'.join(sorted(allowed))}。"
        raise OAuthError("invalid_scope", "a scope is unknown or not granted to this client", sentence)
    return frozenset(map(Scope, asked)) or allowed
