"""Routes of OAuth 2: the token endpoint, revocation, and the published keys."""

import base64
import binascii
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import unquote_plus

from fastapi import APIRouter, Depends, Request, Response

from services.catalog.identity import grants
from services.catalog.identity.doors import Means
from services.catalog.identity.grants import OAuthError
from services.catalog.identity.schemas import TokensOut
from shared.http.acting import act_as_service
from shared.http.responses import json_response
from shared.http.sessions import DbSession

router = APIRouter(prefix="/catalog/v1", tags=["令牌"], dependencies=[Depends(act_as_service)])

_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_ERROR_SCHEMA = {
    "type": "object",
    "required": ["error", "error_description", "detail"],
    "properties": {name: {"type": "string"} for name in ("error", "error_description", "detail")},
}
_ERROR = {"description": "RFC 6749 的错误", "content": {"application/json": {"schema": _ERROR_SCHEMA}}}
_REFUSALS: dict[int | str, dict[str, Any]] = {400: _ERROR, 401: _ERROR}


def _form(names: tuple[str, ...], required: str) -> dict[str, Any]:
    """The documentation of a form, which is read by hand: RFC 6749 has errors of its own."""
    properties = {name: {"type": "string"} for name in names}
    schema = {"type": "object", "required": [required], "properties": properties}
    return {"requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": schema}}}}


_GRANT = ("grant_type", "client_id", "client_secret", "refresh_token", "scope")


async def read_form(request: Request) -> list[tuple[str, str]]:
    """The fields of a form, in their order."""
    return [(name, value) for name, value in (await request.form()).multi_items() if isinstance(value, str)]


Form = Annotated[list[tuple[str, str]], Depends(read_form)]


@router.post(
    "/oauth/token",
    response_model=TokensOut,
    summary="领取令牌（OAuth 2：client_credentials、refresh_token）",
    responses=_REFUSALS,
    openapi_extra=_form(_GRANT, "grant_type"),
)
def post_token(request: Request, session: DbSession, identity: Means, form: Form) -> Response:
    """A token for ten minutes; machines send their secret by Basic authentication or in the form."""
    try:
        tokens = grants.grant(session, identity, _once(form), _basic(request))
    except OAuthError as error:
        return _refusal(error)
    return json_response(tokens.model_dump(exclude_none=True), headers=_NO_STORE)


@router.post(
    "/oauth/revoke",
    summary="作废令牌（RFC 7009）",
    responses=_REFUSALS,
    openapi_extra=_form(("token", "token_type_hint"), "token"),
)
def post_revocation(request: Request, session: DbSession, identity: Means, form: Form) -> Response:
    """End the sign-in that a refresh token or an access token belongs to."""
    try:
        grants.revoke(session, identity, request.app.state.verifier, _once(form))
    except OAuthError as error:
        return _refusal(error)
    return json_response({}, headers=_NO_STORE)


@router.get(
    "/jwks",
    summary="验证令牌的公钥（JWKS）",
    response_class=Response,
    responses={200: {"content": {"application/jwk-set+json": {}}, "description": "公钥集"}},
)
def get_keys(identity: Means) -> Response:
    """The public keys: the one that signs, and those whose last tokens are not over."""
    headers = {"Cache-Control": "public, max-age=60"}
    return Response(identity.jwks_file.read_bytes(), media_type="application/jwk-set+json", headers=headers)


def _once(form: list[tuple[str, str]]) -> Mapping[str, str]:
    """The fields by name; RFC 6749, 3.2: none may come twice, and an empty one is as none."""
    if len({name for name, _ in form}) < len(form):
        raise OAuthError("invalid_request", "a parameter is repeated", "同一参数出现了两次。")
    if any("\0" in value for _, value in form):
        raise OAuthError("invalid_request", "a parameter has a NUL character", "参数中有 NUL 字符。")
    return {name: value for name, value in form if value}


def _basic(request: Request) -> tuple[str, str] | None:
    """Id and secret of a Basic header, each form-encoded before (RFC 6749, 2.3.1); None without one."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        id, found, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        id, found, secret = "", "", ""
    if not found or "\0" in id:
        raise OAuthError("invalid_client", "malformed Basic credentials", "Authorization 头的写法有误。", 401)
    return unquote_plus(id), unquote_plus(secret)


def _refusal(error: OAuthError) -> Response:
    challenge = {"WWW-Authenticate": 'Basic realm="xieshou"'} if error.status == 401 else {}
    return json_response(error.body, error.status, {**_NO_STORE, **challenge})
