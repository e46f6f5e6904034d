"""Secrets that must be read again (an authenticator's), encrypted with a key that the database does not have.

AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits; what a secret belongs to is authenticated with it, so that
nobody can put one person's in another's place. Keys have ids, and stand in a file of their own.
"""

import base64
import json
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.security.keys import alone, write_private

_SCHEME = "aes256gcm"
_NONCE = 12


class NotReadable(Exception):
    """A secret that no key of the file opens, or that belongs to something else."""


class Encryption:
    """The keys of a file: the newest encrypts, all of them decrypt; the file is read at each use."""

    def __init__(self, key_file: Path) -> None:
        self._file = key_file

    def encrypt(self, secret: str, of: str) -> str:
        """A secret of something as text: scheme, key id, nonce and ciphertext."""
        keys = json.loads(self._file.read_text("utf-8"))
        nonce = os.urandom(_NONCE)
        sealed = AESGCM(base64.b64decode(keys["keys"][keys["current"]])).encrypt(nonce, secret.encode(), of.encode())
        return f"{_SCHEME}:{keys['current']}:{base64.b64encode(nonce + sealed).decode()}"

    def decrypt(self, text: str, of: str) -> str:
        """The secret; one that was written before there was a key is as it is. Raises NotReadable."""
        if not text.startswith(f"{_SCHEME}:"):
            return text
        _, id, sealed = text.split(":")
        key = json.loads(self._file.read_text("utf-8"))["keys"].get(id)
        if key is None:
            raise NotReadable(f"no key {id}")
        raw = base64.b64decode(sealed)
        try:
            return AESGCM(base64.b64decode(key)).decrypt(raw[:_NONCE], raw[_NONCE:], of.encode()).decode()
        except InvalidTag as error:
            raise NotReadable("changed, or of something else") from error

    def is_newest(self, text: str) -> bool:
        """Whether the key that encrypts now has encrypted it."""
        current = json.loads(self._file.read_text("utf-8"))["current"]
        return text.startswith(f"{_SCHEME}:{current}:")

    def create(self) -> None:
        """Make the file with a first key, if there is none."""
        with alone(self._file):
            if not self._file.exists():
                self._write({})

    def rotate(self) -> None:
        """Encrypt with a new key from now on; the older ones still decrypt."""
        with alone(self._file):
            self._write(json.loads(self._file.read_text("utf-8"))["keys"])

    def forget_older(self) -> None:
        """Keep the newest key alone: nothing is encrypted with the others any more."""
        with alone(self._file):
            keys = json.loads(self._file.read_text("utf-8"))
            kept = {keys["current"]: keys["keys"][keys["current"]]}
            write_private(self._file, json.dumps({"current": keys["current"], "keys": kept}))

    def _write(self, older: dict[str, str]) -> None:
        id, key = secrets.token_hex(4), base64.b64encode(AESGCM.generate_key(256)).decode()
        write_private(self._file, json.dumps({"current": id, "keys": {**older, id: key}}))
