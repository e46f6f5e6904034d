"""Signed tokens: what holds, and every way in which one does not."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from shared.security.actor import Actor, Role
from shared.security.keys import create_keys
from shared.security.tokens import InvalidToken, TokenVerifier, new_signing_key, public_jwks, sign_token

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
ENTERPRISE = UUID(int=7)
LEADER = Actor("somebody", Role.CHAIN_LEADER, ENTERPRISE)


@pytest.fixture
def key() -> str:
    return new_signing_key()


@pytest.fixture
def verifier(key: str, tmp_path: Path) -> TokenVerifier:
    file = tmp_path / "jwks.json"
    file.write_text(public_jwks(key), "utf-8")
    return TokenVerifier(file)


def claims_with(**changed: object) -> dict[str, object]:
    usual = {
        "iss": "xieshou-catalog",
        "aud": "xieshou",
        "sub": "somebody",
        "role": "reviewer",
        "exp": int((NOW + HOUR).timestamp()),
    }
    return {name: value for name, value in {**usual, **changed}.items() if value is not None}


def signed(key: str, claims: dict[str, object], algorithm: str = "Ed25519") -> str:
    private = OKPKey.import_key(json.loads(key))
    return jwt.encode({"alg": algorithm, "kid": private.kid}, claims, private, algorithms=[algorithm])


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "actor",
    [
        Actor("a", Role.REVIEWER),
        LEADER,
        Actor("c", Role.CLUSTER_ORGANISATION, cluster_ids=frozenset({UUID(int=1), UUID(int=2)})),
        Actor("d", Role.SERVICE),
    ],
    ids=lambda actor: str(actor.role),
)
def test_a_signed_actor_comes_back(key: str, verifier: TokenVerifier, actor: Actor) -> None:
    assert verifier.actor(sign_token(key, actor, HOUR, NOW)) == actor


def test_expired(key: str, verifier: TokenVerifier) -> None:
    with pytest.raises(InvalidToken, match="已过期"):
        verifier.actor(sign_token(key, LEADER, HOUR, NOW - timedelta(hours=2)))


def test_every_changed_character_of_the_payload_or_signature_is_noticed(key: str, verifier: TokenVerifier) -> None:
    header, payload, signature = sign_token(key, LEADER, HOUR, NOW).split(".")
    # the last character of a part may carry unused bits, all others count
    for index in range(0, len(payload) - 1, 7):
        changed = payload[:index] + ("A" if payload[index] != "A" else "B") + payload[index + 1 :]
        with pytest.raises(InvalidToken):
            verifier.actor(f"{header}.{changed}.{signature}")
    for index in range(0, len(signature) - 1, 7):
        changed = signature[:index] + ("A" if signature[index] != "A" else "B") + signature[index + 1 :]
        with pytest.raises(InvalidToken):
            verifier.actor(f"{header}.{payload}.{changed}")


def test_another_role_under_the_old_signature(key: str, verifier: TokenVerifier) -> None:
    header, payload, signature = sign_token(key, LEADER, HOUR, NOW).split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    with pytest.raises(InvalidToken):
        verifier.actor(f"{header}.{part({**claims, 'role': 'reviewer'})}.{signature}")


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE"])
def test_no_algorithm(verifier: TokenVerifier, algorithm: str) -> None:
    for signature in ("", "AAAA"):
        with pytest.raises(InvalidToken):
            verifier.actor(f"{part({'alg': algorithm})}.{part(claims_with())}.{signature}")


def test_the_public_key_as_a_shared_secret(key: str, verifier: TokenVerifier) -> None:
    public = json.dumps(OKPKey.import_key(json.loads(key)).as_dict(private=False))
    forged = jwt.encode({"alg": "HS256"}, claims_with(), OctKey.import_key(public), algorithms=["HS256"])
    with pytest.raises(InvalidToken):
        verifier.actor(forged)


def test_a_key_of_somebody_else(verifier: TokenVerifier) -> None:
    with pytest.raises(InvalidToken):
        verifier.actor(sign_token(new_signing_key(), LEADER, HOUR, NOW))


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "somebody-else"},
        {"iss": None},
        {"aud": "another-system"},
        {"aud": None},
        {"exp": None},
        {"exp": "soon"},
        {"sub": None},
        {"role": None},
        {"role": "root"},
        {"role": ["reviewer"]},
        {"enterprise": "no-uuid"},
        {"enterprise": 7},
        {"clusters": "no-list"},
        {"clusters": [1]},
        pytest.param({"nbf": int((NOW + HOUR).timestamp())}, id="not yet"),
    ],
    ids=str,
)
def test_claims_that_do_not_hold_though_signed(key: str, verifier: TokenVerifier, changed: dict[str, object]) -> None:
    with pytest.raises(InvalidToken):
        verifier.actor(signed(key, claims_with(**changed)))


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "x" * 5000, "令.牌.！", "eyJ9.e30.AA"])
def test_noise(verifier: TokenVerifier, text: str) -> None:
    with pytest.raises(InvalidToken):
        verifier.actor(text)


def test_published_keys_have_no_private_part(key: str) -> None:
    assert all("d" not in published for published in json.loads(public_jwks(key))["keys"])


def test_a_new_key_is_picked_up_without_a_restart(verifier: TokenVerifier, tmp_path: Path) -> None:
    renewed = new_signing_key()
    token = sign_token(renewed, LEADER, HOUR, NOW)
    with pytest.raises(InvalidToken):
        verifier.actor(token)
    (tmp_path / "jwks.json").write_text(public_jwks(renewed), "utf-8")
    assert verifier.actor(token) == LEADER


def test_key_files_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    key_file, jwks_file = tmp_path / "keys" / "signing.json", tmp_path / "keys" / "jwks.json"
    create_keys(key_file, jwks_file)
    first = key_file.read_text("utf-8")
    create_keys(key_file, jwks_file)
    assert key_file.read_text("utf-8") == first
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert TokenVerifier(jwks_file).actor(sign_token(first, LEADER, HOUR, NOW)) == LEADER
