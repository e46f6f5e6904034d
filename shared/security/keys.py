"""Key files: made once, readable by their owner alone, and renewed so that nobody is signed out by it."""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from shared.clock import utc_now
from shared.security.actor import Actor
from shared.security.secrets import derived
from shared.security.tokens import SHORT, new_signing_key, public_jwks, sign_token

#: In the private key's file: the second at which the longest of its long tokens ends.
_LONGEST = "longest_token_ends"
#: No token is signed for longer.
LONGEST = timedelta(days=400)
#: Clocks of two machines may differ, and a token may be signed in the very second of a change.
_MARGIN = timedelta(minutes=1)


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600 that is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp makes it 0600 from its first byte on
    descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    Path(draft).replace(path)


def create_keys(key_file: Path, jwks_file: Path) -> None:
    """Make the signing key if there is none, and publish its public half beside those that are still trusted."""
    with alone(key_file):
        if not key_file.exists():
            write_private(key_file, _new_key())
        _publish(key_file, jwks_file, _retired(jwks_file, utc_now()))


def rotate_keys(key_file: Path, jwks_file: Path, now: datetime, *, at_once: bool = False) -> datetime | None:
    """Sign with a new key from now on; the old one verifies until its last token is over, which is returned.

    `at_once` is for a key that got into other hands: no older key is trusted any more, and all tokens end.
    """
    with alone(key_file):
        old = json.loads(key_file.read_text("utf-8"))
        ends = max(now + SHORT + _MARGIN, _longest(old, now))
        kept = [] if at_once else [*_retired(jwks_file, now), {**_public(old), "exp": int(ends.timestamp())}]
        renewed = _new_key()
        # verifiers must know a key before it signs
        write_private(jwks_file, json.dumps({"keys": [_public(json.loads(renewed)), *kept]}))
        write_private(key_file, renewed)
    return None if at_once else ends


class SigningKey:
    """The private key of a file, which signs; a new one is picked up with the next token."""

    def __init__(self, key_file: Path) -> None:
        self._file = key_file

    def sign(self, actor: Actor, lifetime: timedelta, now: datetime, csrf: str | None = None) -> str:
        """A token for an actor until `now + lifetime`; the end of a long one is written down beside the key."""
        if lifetime > SHORT:
            self._note(now + lifetime)
        return sign_token(self._file.read_text("utf-8"), actor, lifetime, now, csrf)

    def derived(self, purpose: str) -> str:
        """Another secret out of the private key, for one purpose; a new key makes a new one."""
        return derived(str(json.loads(self._file.read_text("utf-8"))["d"]), purpose)

    def _note(self, ends: datetime) -> None:
        with alone(self._file):
            key = json.loads(self._file.read_text("utf-8"))
            if _LONGEST in key and key[_LONGEST] < ends.timestamp():
                write_private(self._file, json.dumps({**key, _LONGEST: int(ends.timestamp()) + 1}))


def _new_key() -> str:
    """A new private key that has signed no long token yet."""
    return json.dumps({**json.loads(new_signing_key()), _LONGEST: 0})


def _longest(key: dict[str, Any], now: datetime) -> datetime:
    """When the longest of its long tokens ends; of a key that does not say, the longest that there can be."""
    return datetime.fromtimestamp(key[_LONGEST], now.tzinfo) if _LONGEST in key else now + LONGEST


def _publish(key_file: Path, jwks_file: Path, retired: list[dict[str, Any]]) -> None:
    key = _public(json.loads(key_file.read_text("utf-8")))
    published = json.dumps({"keys": [key, *(each for each in retired if each["kid"] != key["kid"])]})
    if not jwks_file.exists() or jwks_file.read_text("utf-8") != published:
        write_private(jwks_file, published)


def _public(key: dict[str, Any]) -> dict[str, Any]:
    """The public half of a key."""
    bare = {name: value for name, value in key.items() if name != _LONGEST}
    (public,) = json.loads(public_jwks(json.dumps(bare)))["keys"]
    return dict(public)


def _retired(jwks_file: Path, now: datetime) -> list[dict[str, Any]]:
    """The published keys that sign no more and are still trusted."""
    if not jwks_file.exists():
        return []
    keys = json.loads(jwks_file.read_text("utf-8"))["keys"]
    return [key for key in keys if key.get("exp", 0) > now.timestamp()]


@contextmanager
def alone(key_file: Path) -> Iterator[None]:
    """One process at a time changes a key file; the kernel drops the lock of one that dies."""
    key_file.parent.mkdir(parents=True, exist_ok=True)
    with key_file.with_name(f"{key_file.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
