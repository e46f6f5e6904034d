"""The catalog's change feed as matching sees it over HTTP.

Asynchronous, unlike everything else here, because a long poll must end the moment the worker is told to stop; the
synchronous client of shared.http cannot be interrupted.
"""

import asyncio
from types import TracebackType
from typing import Self

import httpx

from services.matching.mirror.changes import BadPage, Page, read_page
from shared.http.client import ApiProblem

PATH = "/catalog/v1/feed"
PAGE = 5000
#: Longer than any long poll; a catalog that is gone refuses the connection at once.
TIMEOUT = httpx.Timeout(60, connect=5)
UNREACHABLE = (httpx.TransportError, ApiProblem, BadPage)
"""What a page may raise when the catalog is not there, or does not answer as it should."""
COMPACTED = "feed-compacted"


class Compacted(Exception):
    """Deletions after the cursor are no longer told: whoever follows has to begin anew."""


class CatalogFeed:
    """Reads pages of the feed with a service token."""

    def __init__(self, base_url: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        # no proxy from the environment: services talk to each other directly
        self._http = httpx.AsyncClient(base_url=base_url, headers=headers, timeout=TIMEOUT, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def page(self, after: str | None, *, wait: float = 0) -> Page:
        """The page after a cursor (None: from the beginning); waits up to `wait` seconds for something to tell.

        Raises Compacted, or one of UNREACHABLE.
        """
        params: dict[str, str | int | float] = {"limit": PAGE, "wait": wait}
        if after is not None:
            params["after"] = after
        response = await self._http.get(PATH, params=params)
        if response.is_error:
            problem = ApiProblem.of(response)
            raise Compacted if problem.type.endswith(f"/{COMPACTED}") else problem
        # in a thread: a page of thousands takes long enough to keep others waiting
        return await asyncio.to_thread(read_page, response.content)
