"""Addresses that pages of others may ask from browsers (CORS, https://fetch.spec.whatwg.org): of named origins only.

Without cookies: what such a page may do it does with what it was told itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_DAY = 86_400


@dataclass(frozen=True)
class Shared:
    """Whose pages may ask below which address, and which headers they send and read."""

    prefix: str
    origins: Sequence[str]
    sends: Sequence[str] = ()
    reads: Sequence[str] = ("ETag", "Retry-After", "X-Request-Id", "Content-Disposition")


class Sharing:
    """The ASGI layer that answers browsers' questions about an address; everything else passes."""

    def __init__(self, app: ASGIApp, shared: Shared) -> None:
        self._app, self._prefix = app, shared.prefix
        self._shared = CORSMiddleware(
            app,
            allow_origins=shared.origins,
            allow_methods=("GET", "POST", "PATCH", "DELETE"),
            allow_headers=shared.sends,
            expose_headers=shared.reads,
            max_age=_DAY,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request below the address through the layer."""
        path: str = scope.get("path", "")
        inside = scope["type"] == "http" and (path == self._prefix or path.startswith(f"{self._prefix}/"))
        await (self._shared if inside else self._app)(scope, receive, send)
