"""Both services and the portal on one port: `python -m deploy.embedded.web DESCRIPTOR` serves on a listening socket."""

import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from deploy.embedded.portal import create_portal
from services.catalog.app import create_app as create_catalog
from services.catalog.settings import CatalogSettings
from services.matching.app import create_app as create_matching
from services.matching.settings import MatchingSettings
from shared.observability.logs import configure_logs


class OnePort:
    """Hands each request to the application that its path begins with; all else, and the lifespan, to the portal.

    Not `mount`: the services' routes carry their whole path, as they do when each has a process of its own.
    """

    def __init__(self, services: Mapping[str, FastAPI]) -> None:
        self._services = dict(services)
        self._portal: ASGIApp = create_portal(self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _portal: FastAPI) -> AsyncIterator[None]:
        """Run every service's own lifespan."""
        async with AsyncExitStack() as running:
            for app in self._services.values():
                await running.enter_async_context(app.router.lifespan_context(app))
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch by the first part of the path."""
        first = scope["path"].split("/")[1] if scope["type"] == "http" else ""
        await self._services.get(first, self._portal)(scope, receive, send)


def main() -> None:
    """Serve on the socket that the supervisor holds."""
    configure_logs()
    app = OnePort({"catalog": create_catalog(CatalogSettings()), "matching": create_matching(MatchingSettings())})
    listener = socket.socket(fileno=int(sys.argv[1]))
    options = uvicorn.Config(app, ws="none", timeout_graceful_shutdown=5, server_header=False, access_log=False)
    uvicorn.Server(options).run(sockets=[listener])


if __name__ == "__main__":
    main()
