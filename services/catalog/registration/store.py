"""Where documents' contents are kept: outside of anything that is served, by their SHA-256, each once."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path


class Store:
    """A folder of contents; only this user may look into it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Keep a content; its SHA-256. It is there whole or not at all, and once however often it comes."""
        name = digest(content)
        place = self._place(name)
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # mkstemp makes it 0600 from its first byte on
            descriptor, draft = tempfile.mkstemp(prefix=".draft-", dir=place.parent)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(place)
        return name

    def get(self, name: str) -> bytes:
        """The content of this SHA-256; raises FileNotFoundError."""
        return self._place(name).read_bytes()

    def drop(self, name: str) -> None:
        """Keep a content no more."""
        self._place(name).unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        """What is kept."""
        return (place.name for place in self._folder.glob("??/*") if not place.name.startswith("."))

    def forget_halves(self, before: datetime) -> None:
        """Remove what was begun before a moment and never became a content: its writer was killed."""
        for draft in self._folder.glob("??/.draft-*"):
            if draft.stat().st_mtime < before.timestamp():
                draft.unlink(missing_ok=True)

    def _place(self, name: str) -> Path:
        return self._folder / name[:2] / name


def digest(content: bytes) -> str:
    """The name of a content: its SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
