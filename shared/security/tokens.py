"""Signed tokens: the catalog signs with its private key, everybody verifies with the published ones (EdDSA, JWKS)."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from shared.security.actor import Actor, Role

ISSUER = "xieshou-catalog"
AUDIENCE = "xieshou"
#: RFC 9864 names the curve in the algorithm; the older "EdDSA" left it open.
ALGORITHM = "Ed25519"


class InvalidToken(Exception):
    """The token is not one of ours, or no longer; the message is for its bearer, in Chinese."""


def new_signing_key() -> str:
    """A new private key as a JSON Web Key, with its thumbprint as key id."""
    key = OKPKey.generate_key("Ed25519", private=True, auto_kid=True)
    return json.dumps(key.as_dict(private=True))


def public_jwks(private: str) -> str:
    """The key set to publish for a private key: its public half only."""
    return json.dumps(KeySet([OKPKey.import_key(json.loads(private))]).as_dict(private=False))


def sign_token(private_jwk: str, actor: Actor, lifetime: timedelta, now: datetime) -> str:
    """A token that says who its bearer is until `now + lifetime`."""
    key = OKPKey.import_key(json.loads(private_jwk))
    claims: jwt.Claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": actor.subject,
        "role": actor.role.value,
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
        "clusters": sorted(str(cluster) for cluster in actor.cluster_ids),
    }
    if actor.enterprise_id is not None:
        claims["enterprise"] = str(actor.enterprise_id)
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid, "typ": "JWT"}, claims, key, algorithms=[ALGORITHM])


class TokenVerifier:
    """Verifies tokens against the key set in a file, and reads the file again when a new key signs."""

    def __init__(self, jwks_file: Path) -> None:
        self._file = jwks_file
        self._claims = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            sub={"essential": True},
            exp={"essential": True},
        )
        self._load()

    def _load(self) -> None:
        self._changed = self._file.stat().st_mtime_ns
        self._keys = KeySet.import_key_set(json.loads(self._file.read_text("utf-8")))

    def actor(self, token: str) -> Actor:
        """The bearer of a token; InvalidToken when it is forged, expired or for somebody else."""
        if self._file.stat().st_mtime_ns != self._changed:
            self._load()
        try:
            # the algorithm is ours to say, not the token's: "none" and HS256 with a public key are refused
            claims = jwt.decode(token, self._keys, algorithms=[ALGORITHM]).claims
            self._claims.validate(claims)
        except (JoseError, ValueError) as error:
            raise InvalidToken(_reason(error)) from error
        return _read(claims)


def _reason(error: Exception) -> str:
    """Why the token does not hold; all but expiry is the same to its bearer."""
    expired = getattr(error, "error", "") == "expired_token"
    return "令牌已过期，请重新领取。" if expired else "令牌无效，请重新领取。"


def _read(claims: jwt.Claims) -> Actor:
    """The actor that valid claims name."""
    try:
        enterprise = claims.get("enterprise")
        return Actor(
            subject=str(claims["sub"]),
            role=Role(claims["role"]),
            enterprise_id=UUID(str(enterprise)) if enterprise else None,
            cluster_ids=frozenset(UUID(str(cluster)) for cluster in claims.get("clusters", [])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidToken("令牌内容不完整，请重新领取。") from error
