"""Keys that are renewed, and keys that are read from an address."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI, Request, Response

from shared.security.actor import Access, Actor, Role, Scope
from shared.security.keys import SigningKey, create_keys, rotate_keys
from shared.security.tokens import InvalidToken, TokenVerifier, new_signing_key, public_jwks, sign_token
from tests.conftest import serving

START = datetime(2026, 11, 23, tzinfo=UTC)
SHORT = timedelta(minutes=10)
READER = Actor("somebody", Role.REVIEWER, access=Access.READ, scopes=frozenset({Scope.CATALOG_READ}))


class SetClock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "signing.json", tmp_path / "jwks.json"
    create_keys(*paths)
    return paths


def test_what_a_token_says_comes_back(files: tuple[Path, Path], clock: SetClock) -> None:
    verifier = TokenVerifier(files[1], clock)
    token = SigningKey(files[0]).sign(READER, SHORT, clock(), csrf="c")
    for _ in range(2):
        credential = verifier.credential(token)
        assert (credential.actor, credential.csrf) == (READER, "c")
    clock.now += SHORT
    with pytest.raises(InvalidToken, match="已过期"):
        verifier.credential(token)


@pytest.mark.parametrize("days", [0, 30])
def test_the_old_key_verifies_until_its_last_token_is_over(
    files: tuple[Path, Path], clock: SetClock, days: int
) -> None:
    lifetime = timedelta(days=days) or SHORT
    old = SigningKey(files[0]).sign(READER, lifetime, clock())
    verifier = TokenVerifier(files[1], clock)
    ends = rotate_keys(*files, clock())
    assert ends is not None and lifetime <= ends - START <= lifetime + timedelta(minutes=2)
    renewed = SigningKey(files[0]).sign(READER, SHORT, clock())
    assert len(json.loads(files[1].read_text())["keys"]) == 2
    assert verifier.actor(old) == verifier.actor(renewed) == READER
    # a start of the services in between forgets neither
    create_keys(*files)
    assert len(json.loads(files[1].read_text())["keys"]) == (2 if ends > datetime.now(UTC) else 1)
    clock.now = ends
    with pytest.raises(InvalidToken):
        verifier.actor(old)


def test_a_retired_key_signs_nothing_that_holds_after_its_end(files: tuple[Path, Path], clock: SetClock) -> None:
    stolen = files[0].read_text()
    ends = rotate_keys(*files, clock())
    assert ends is not None
    verifier, clock.now = TokenVerifier(files[1], clock), ends
    with pytest.raises(InvalidToken, match="令牌无效"):
        verifier.actor(sign_token(stolen, READER, SHORT, clock()))


def test_a_key_that_was_lost_ends_all_tokens_at_once(files: tuple[Path, Path], clock: SetClock) -> None:
    first = SigningKey(files[0]).sign(READER, SHORT, clock())
    rotate_keys(*files, clock())
    second = SigningKey(files[0]).sign(READER, SHORT, clock())
    verifier = TokenVerifier(files[1], clock)
    assert verifier.actor(first) == verifier.actor(second)
    assert rotate_keys(*files, clock(), at_once=True) is None
    for token in (first, second):
        with pytest.raises(InvalidToken, match="令牌无效"):
            verifier.actor(token)


def test_nothing_private_is_published(files: tuple[Path, Path], clock: SetClock) -> None:
    SigningKey(files[0]).sign(READER, timedelta(days=30), clock())
    rotate_keys(*files, clock())
    for key in json.loads(files[1].read_text())["keys"]:
        assert set(key) <= {"crv", "x", "kty", "kid", "exp", "use", "alg"}


class Address:
    """An address that publishes keys, and counts how often it is asked."""

    def __init__(self) -> None:
        self.keys, self.asked, self.status = "{}", 0, 200

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/jwks")
        def jwks(request: Request) -> Response:  # noqa: ARG001
            self.asked += 1
            return Response(self.keys, self.status)

        return app


@contextmanager
def published() -> Iterator[tuple[Address, Callable[[SetClock], TokenVerifier]]]:
    address = Address()
    with serving(address.app()) as base:
        yield address, lambda clock: TokenVerifier(f"{base}/jwks", clock)


def test_keys_at_an_address_are_asked_for_when_they_are_needed(clock: SetClock) -> None:
    first, second, forged = new_signing_key(), new_signing_key(), new_signing_key()
    with published() as (address, verifier_of):
        address.keys, verifier = public_jwks(first), verifier_of(clock)

        async def use() -> None:
            assert (await verifier.check(sign_token(first, READER, SHORT, clock()))).actor == READER
            await verifier.check(sign_token(first, READER, SHORT, clock()))
            assert address.asked == 1
            # a flood of forged key ids is no flood of requests
            address.keys = json.dumps({"keys": [*_keys(first), *_keys(second)]})
            for _ in range(5):
                with pytest.raises(InvalidToken):
                    await verifier.check(sign_token(forged, READER, SHORT, clock()))
            assert address.asked == 1
            clock.now += timedelta(seconds=5)
            await verifier.check(sign_token(second, READER, SHORT, clock()))
            assert address.asked == 2
            # a key that is published no more is trusted for ten minutes at the longest
            address.keys = public_jwks(second)
            clock.now += timedelta(minutes=10)
            with pytest.raises(InvalidToken):
                await verifier.check(sign_token(first, READER, SHORT, clock()))
            assert address.asked == 3

        asyncio.run(use())


def test_while_the_address_is_silent_known_keys_hold(clock: SetClock) -> None:
    key = new_signing_key()
    with published() as (address, verifier_of):
        address.keys, verifier = public_jwks(key), verifier_of(clock)

        async def use() -> None:
            await verifier.check(sign_token(key, READER, SHORT, clock()))
            address.status, clock.now = 503, clock.now + timedelta(minutes=30)
            assert (await verifier.check(sign_token(key, READER, SHORT, clock()))).actor == READER
            address.status, address.keys, clock.now = 200, '{"keys": 7}', clock.now + timedelta(minutes=30)
            assert (await verifier.check(sign_token(key, READER, SHORT, clock()))).actor == READER

        asyncio.run(use())


def test_an_address_that_never_answered(clock: SetClock) -> None:
    verifier = TokenVerifier("http://127.0.0.1:9/jwks", clock)
    with pytest.raises(InvalidToken, match="令牌无效"):
        asyncio.run(verifier.check(sign_token(new_signing_key(), READER, SHORT, clock())))


def _keys(private: str) -> list[dict[str, str]]:
    keys: list[dict[str, str]] = json.loads(public_jwks(private))["keys"]
    return keys
