"""Signed tokens: the catalog signs with its private key, everybody verifies with the published ones (EdDSA, JWKS)."""

import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, OKPKey

from shared.clock import Clock, utc_now
from shared.security.actor import Access, Actor, Role
from shared.security.key_sets import KeysAtAddress, KeysInFile, PublishedKeys

ISSUER = "xieshou-catalog"
AUDIENCE = "xieshou"
#: RFC 9864 names the curve in the algorithm; the older "EdDSA" left it open.
ALGORITHM = "Ed25519"
#: What was suspended or revoked ends everywhere within this time, since nothing is signed for it anew.
SHORT = timedelta(minutes=10)
_REMEMBERED = 4096

T = TypeVar("T")


class InvalidToken(Exception):
    """The token is not one of ours, or no longer; the message is for its bearer, in Chinese."""


class _UnknownKey(InvalidToken):
    """A key signed it that we have not read yet, or nobody's."""


@dataclass(frozen=True)
class Credential:
    """A verified token: its bearer, the second of its end, and what a browser must say beside it in a cookie."""

    actor: Actor
    expires_at: float
    csrf: str | None = None


def new_signing_key() -> str:
    """A new private key as a JSON Web Key, with its thumbprint as key id."""
    key = OKPKey.generate_key("Ed25519", private=True, auto_kid=True)
    return json.dumps(key.as_dict(private=True))


def public_jwks(private: str) -> str:
    """The key set to publish for a private key: its public half only."""
    return json.dumps(KeySet([OKPKey.import_key(json.loads(private))]).as_dict(private=False))


def sign_token(private_jwk: str, actor: Actor, lifetime: timedelta, now: datetime, csrf: str | None = None) -> str:
    """A token that says who its bearer is until `now + lifetime`; with `csrf`, one for a browser's cookie."""
    key = OKPKey.import_key(json.loads(private_jwk))
    claims: jwt.Claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": actor.subject,
        "role": actor.role.value,
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
        "clusters": sorted(str(cluster) for cluster in actor.cluster_ids),
        "access": actor.access.value,
        # RFC 8693: words with spaces between them
        "scope": " ".join(sorted(actor.scopes)),
    }
    optional = {"enterprise": actor.enterprise_id, "account": actor.account_id, "sid": actor.session_id, "csrf": csrf}
    claims |= {name: str(value) for name, value in optional.items() if value is not None}
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid, "typ": "JWT"}, claims, key, algorithms=[ALGORITHM])


class TokenVerifier:
    """Verifies tokens with the key set in a file or at an address, and reads it again when a new key signs.

    What holds is remembered until it ends, so that a bearer's further requests cost no signature.
    """

    def __init__(self, source: Path | str, clock: Clock = utc_now) -> None:
        self._clock = clock
        self._published: PublishedKeys = (
            KeysInFile(source) if isinstance(source, Path) else KeysAtAddress(source, clock)
        )
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(clock().timestamp()),
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            sub={"essential": True},
            exp={"essential": True},
        )
        self._known: OrderedDict[str, Credential] = OrderedDict()
        self._known_by = self._published.readings

    def actor(self, token: str) -> Actor:
        """The bearer of a token; InvalidToken when it is forged, expired or for somebody else."""
        return self.credential(token).actor

    async def check(self, token: str) -> Credential:
        """As `credential`; keys at an address are asked for first, where they are old or lack the one that signed."""
        if isinstance(self._published, KeysAtAddress) and self._published.stale:
            await self._published.ask()
        try:
            return self.credential(token)
        except _UnknownKey:
            if not await self._published.ask():
                raise
            return self.credential(token)

    def credential(self, token: str) -> Credential:
        """What a token says, by the keys known so far; InvalidToken when it does not hold."""
        self._published.look()
        if self._known_by != self._published.readings:
            self._known.clear()
            self._known_by = self._published.readings
        known = self._known.get(token)
        if known is not None and known.expires_at > self._clock().timestamp():
            return known
        read = self._verify(token)
        self._known[token] = read
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return read

    def _verify(self, token: str) -> Credential:
        try:
            # the algorithm is ours to say, not the token's: "none" and HS256 with a public key are refused
            decoded = jwt.decode(token, self._published.keys, algorithms=[ALGORITHM])
            self._claims.validate(decoded.claims)
        except InvalidKeyIdError as error:
            raise _UnknownKey(_INVALID) from error
        except (JoseError, ValueError) as error:
            raise InvalidToken(_reason(error)) from error
        if self._published.has_ended(decoded.header.get("kid"), self._clock().timestamp()):
            raise InvalidToken(_INVALID)
        return _read(decoded.claims)


_INVALID = "令牌无效，请重新领取。"


def _reason(error: Exception) -> str:
    """Why the token does not hold; all but expiry is the same to its bearer."""
    expired = getattr(error, "error", "") == "expired_token"
    return "令牌已过期，请重新领取。" if expired else _INVALID


def _read(claims: jwt.Claims) -> Credential:
    """The credential that valid claims tell of."""

    def id_of(name: str) -> UUID | None:
        return _optional(claims, name, UUID)

    try:
        actor = Actor(
            subject=str(claims["sub"]),
            role=Role(claims["role"]),
            enterprise_id=id_of("enterprise"),
            cluster_ids=frozenset(UUID(str(cluster)) for cluster in claims.get("clusters", [])),
            access=Access(claims.get("access", Access.FULL)),
            scopes=frozenset(str(claims.get("scope", "")).split()),
            account_id=id_of("account"),
            session_id=id_of("sid"),
        )
        return Credential(actor, float(claims["exp"]), _optional(claims, "csrf", str))
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidToken("令牌内容不完整，请重新领取。") from error


def _optional(claims: jwt.Claims, name: str, read: Callable[[str], T]) -> T | None:
    value = claims.get(name)
    return read(str(value)) if value else None
