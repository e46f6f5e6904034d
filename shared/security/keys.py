"""Key files: made once, readable by their owner alone."""

import os
import tempfile
from pathlib import Path

from shared.security.tokens import new_signing_key, public_jwks


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600 that is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp makes it 0600 from its first byte on
    descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    Path(draft).replace(path)


def create_keys(key_file: Path, jwks_file: Path) -> None:
    """Make the signing key if there is none, and publish its public half beside it."""
    if not key_file.exists():
        write_private(key_file, new_signing_key())
    published = public_jwks(key_file.read_text("utf-8"))
    if not jwks_file.exists() or jwks_file.read_text("utf-8") != published:
        write_private(jwks_file, published)
