"""Where the published keys are read from: a file of this machine, or the address of the service that signs."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import structlog
from joserfc.jwk import KeySet

from shared.clock import Clock

#: An unknown key is looked for again, but a flood of forged key ids must not become one of requests.
PATIENCE_SECONDS = 5.0
#: A key that is published no longer is not trusted for longer than this.
REFRESH_SECONDS = 600.0
TIMEOUT = httpx.Timeout(10, connect=5)


class PublishedKeys:
    """A key set as last read, and when each retired key ends (`exp`, as OpenID Federation 1.0 names it)."""

    def __init__(self) -> None:
        self.keys = KeySet([])
        self._ends: dict[str, float] = {}
        self.readings = 0

    def take(self, published: Mapping[str, Any]) -> None:
        """Trust these keys from now on, and no others."""
        keys = published["keys"]
        self.keys = KeySet.import_key_set({"keys": keys})
        self._ends = {str(key["kid"]): float(key["exp"]) for key in keys if "exp" in key}
        self.readings += 1

    def has_ended(self, key_id: object, now: float) -> bool:
        """Whether a key was retired and its last token is over."""
        return self._ends.get(str(key_id), now + 1) <= now

    def look(self) -> None:
        """See whether there is anything new, if that costs nothing."""

    async def ask(self) -> bool:
        """Read the set anew, if it is time to; whether that happened."""
        return False


class KeysInFile(PublishedKeys):
    """The key set of a file; who signs replaces the file, and the next request sees it."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        self._changed = -1
        self.look()

    def look(self) -> None:
        """Read the file if it has changed."""
        changed = self._file.stat().st_mtime_ns
        if changed != self._changed:
            self.take(json.loads(self._file.read_text("utf-8")))
            self._changed = changed


class KeysAtAddress(PublishedKeys):
    """The key set at an address: read at the first token, when an unknown key signs, and every ten minutes.

    While the address does not answer, the keys known so far hold.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        super().__init__()
        self._url, self._clock = url, clock
        self._read_at = self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    @property
    def stale(self) -> bool:
        """Whether it is long since they were read."""
        return self._clock().timestamp() - self._read_at >= REFRESH_SECONDS

    async def ask(self) -> bool:
        """Ask the address, unless that was done a few seconds ago."""
        async with self._asking:
            now = self._clock().timestamp()
            if now - self._asked_at < PATIENCE_SECONDS:
                return False
            self._asked_at = now
            try:
                await self._read()
            except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
                structlog.get_logger("tokens").warning("keys cannot be read", url=self._url, error=repr(error))
                return False
            self._read_at = now
            return True

    async def _read(self) -> None:
        async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as http:
            answer = await http.get(self._url)
            answer.raise_for_status()
            self.take(answer.json())
