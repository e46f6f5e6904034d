"""Sign-in by an external OpenID Connect provider: discovery, authorisation code with PKCE, the verified ID token.

After OpenID Connect Core 1.0, 3.1, RFC 7636 (PKCE), RFC 9207 (the issuer in the answer).
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from shared.clock import Clock
from shared.http.problems import Problem
from shared.security.secrets import new_secret, same

#: Signatures by a provider's private key; none by a shared secret.
ALGORITHMS = ["RS256", "PS256", "ES256", "Ed25519", "EdDSA"]
#: RFC 8176: the provider asked for more than a password.
_STRONG = frozenset({"mfa", "otp", "hwk", "fpt", "face"})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_TIMEOUT = httpx.Timeout(10, connect=3)
_DISCOVERY_LASTS = timedelta(hours=1)
_SKEW_SECONDS = 60


@dataclass(frozen=True)
class Attempt:
    """What one attempt to sign in must bring back; kept in a cookie of the browser that began it."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Attempt":
        """Three random secrets."""
        return cls(new_secret(), new_secret(), new_secret())


@dataclass(frozen=True)
class Stranger:
    """Who the provider says somebody is; `strong` when it asked for a second factor."""

    issuer: str
    subject: str
    email: str | None
    strong: bool


def _trouble(detail: str) -> Problem:
    return Problem(502, "oidc-unavailable", "统一身份认证暂时无法使用", detail)


def _refused(detail: str) -> Problem:
    return Problem(401, "oidc-refused", "统一身份认证没有成功", detail)


class Provider:
    """A provider as its discovery document describes it, which is read when first needed and again each hour."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, redirect_uri: str, clock: Clock) -> None:
        self.issuer = issuer.rstrip("/")
        self._client_id, self._client_secret = client_id, client_secret
        self._redirect_uri, self._clock = redirect_uri, clock
        self._document: Mapping[str, Any] | None = None
        self._read_at: datetime | None = None
        self._keys: KeySet | None = None

    def begin(self, attempt: Attempt) -> str:
        """The address at the provider to send the browser to."""
        challenge = urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": "openid email",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address = str(self._discovered()["authorization_endpoint"])
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    def finish(self, attempt: Attempt, answer: Mapping[str, str]) -> Stranger:
        """Who came back, by what the provider added to our address. Problem 401 when that does not hold."""
        if not same(answer.get("state", ""), attempt.state):
            raise _refused("返回的 state 与发起登录时的不符，请重新登录。")
        if answer.get("iss", self.issuer).rstrip("/") != self.issuer:
            raise _refused("返回的不是所配置的认证服务，请重新登录。")
        if "error" in answer or "code" not in answer:
            raise _refused("认证服务没有同意这次登录，请重新登录。")
        return self._stranger(self._id_token(answer["code"], attempt), attempt)

    def _id_token(self, code: str, attempt: Attempt) -> str:
        """Exchange the code for the ID token."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": attempt.verifier,
        }
        try:
            with _http() as http:
                login = httpx.BasicAuth(self._client_id, self._client_secret)
                answer = http.post(str(self._discovered()["token_endpoint"]), data=form, auth=login)
                if answer.is_client_error:
                    raise _refused("认证服务不接受返回的 code，请重新登录。")
                return str(answer.raise_for_status().json()["id_token"])
        except (httpx.HTTPError, ValueError, KeyError) as error:
            raise _trouble("认证服务没有给出身份令牌，请稍后再试。") from error

    def _stranger(self, token: str, attempt: Attempt) -> Stranger:
        claims = self._verified(token)
        if not same(str(claims.get("nonce", "")), attempt.nonce):
            raise _refused("身份令牌的 nonce 与发起登录时的不符，请重新登录。")
        # Core 3.1.3.7: with several audiences, the token must have been issued to us
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != self._client_id:
            raise _refused("身份令牌不是签发给本系统的，请重新登录。")
        email = str(claims["email"]) if claims.get("email_verified") is True and "email" in claims else None
        methods = claims.get("amr")
        strong = isinstance(methods, list) and not _STRONG.isdisjoint(map(str, methods))
        return Stranger(self.issuer, str(claims["sub"]), email, strong)

    def _verified(self, token: str) -> dict[str, Any]:
        """The claims of an ID token of this provider for us, now."""
        rules = jwt.JWTClaimsRegistry(
            now=int(self._clock().timestamp()),
            leeway=_SKEW_SECONDS,
            iss={"essential": True, "values": [self.issuer, f"{self.issuer}/"]},
            aud={"essential": True, "value": self._client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        try:
            claims = self._decoded(token)
            rules.validate(claims)
        except (JoseError, ValueError) as error:
            raise _refused("身份令牌无效或已过期，请重新登录。") from error
        return claims

    def _decoded(self, token: str) -> dict[str, Any]:
        """The claims, by the provider's keys; those are read anew when another one signs."""
        try:
            return jwt.decode(token, self._keys or self._read_keys(), algorithms=ALGORITHMS).claims
        except InvalidKeyIdError:
            return jwt.decode(token, self._read_keys(), algorithms=ALGORITHMS).claims

    def _read_keys(self) -> KeySet:
        self._keys = KeySet.import_key_set(self._get(str(self._discovered()["jwks_uri"])))
        return self._keys

    def _discovered(self) -> Mapping[str, Any]:
        """The discovery document (OpenID Connect Discovery 1.0, 4), which must be of this very issuer."""
        now = self._clock()
        if self._document is None or self._read_at is None or now - self._read_at > _DISCOVERY_LASTS:
            document = self._get(f"{self.issuer}/.well-known/openid-configuration")
            if str(document.get("issuer", "")).rstrip("/") != self.issuer:
                raise _trouble("认证服务的说明文件写的是另一个签发者，请检查 CATALOG_OIDC_ISSUER。")
            self._document, self._read_at = document, now
        return self._document

    def _get(self, url: str) -> Any:
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise _trouble("认证服务的地址应以 https:// 开头。")
        try:
            with _http() as http:
                return http.get(url).raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise _trouble("认证服务没有应答，请稍后再试。") from error


def _http() -> httpx.Client:
    return httpx.Client(timeout=_TIMEOUT, trust_env=False)
