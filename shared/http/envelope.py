"""What every request and answer carries: an id, protective headers, a line in the log; and nothing that was said.

The log tells method, path, status, time and who failed where; never a query, a header, a body, or the message of an
exception that we did not foresee: values stand in it.
"""

import base64
import hashlib
import re
import time
import traceback
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.problems import answer_scope, internal

Headers = list[tuple[bytes, bytes]]

#: For answers that say nothing else: no page may show them, no cache keep them, no browser guess what they are.
_PROTECTIVE: Mapping[bytes, bytes] = MappingProxyType(
    {
        b"cache-control": b"no-store",
        b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
        b"cross-origin-resource-policy": b"same-origin",
        b"referrer-policy": b"no-referrer",
        b"x-content-type-options": b"nosniff",
        b"x-frame-options": b"DENY",
    }
)
_STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
_GIVEN = re.compile(rb"[A-Za-z0-9._-]{1,64}")
#: Frames of a traceback that are logged, the innermost ones.
_DEEPEST = 12


def page_policy(html: str) -> str:
    """The content security policy of a page that has scripts of its own: only these, and files of this host."""
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()}'" for each in scripts
    )
    return (
        f"default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


class Envelope:
    """The outermost ASGI layer of a service."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._log = app, structlog.get_logger("http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wrap a request; everything else passes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope["headers"])
        with structlog.contextvars.bound_contextvars(request_id=request_id.decode()):
            await self._wrapped(scope, receive, send, request_id)

    async def _wrapped(self, scope: Scope, receive: Receive, send: Send, request_id: bytes) -> None:
        began, status = time.perf_counter(), 0
        own: Headers = [(b"x-request-id", request_id)]
        if scope["scheme"] == "https":
            own.append(_STRICT_TRANSPORT)

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *own, *_missing(message["headers"])]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:  # noqa: BLE001 - the last one to see it: the server's log would tell its message
            self._log.error("unexpected error", method=scope["method"], path=scope["path"], error=told(error))
            if not status:
                await answer_scope(scope, internal())(scope, receive, sending)
        took = round(1000 * (time.perf_counter() - began), 1)
        self._log.info("request", method=scope["method"], path=scope["path"], status=status, ms=took)


def told(error: BaseException) -> dict[str, Any]:
    """An exception for the log: its types and where it came from, without a word of what it says."""
    chain = list(_chain(error))
    frames = traceback.extract_tb(error.__traceback__)[-_DEEPEST:]
    return {
        "types": [type(each).__qualname__ for each in chain],
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _request_id(headers: Headers) -> bytes:
    """The id that the caller gave, if it may stand in a log, else a new one."""
    given = next((value for name, value in headers if name == b"x-request-id"), b"")
    return given if _GIVEN.fullmatch(given) else uuid4().hex.encode()


def _missing(headers: Headers) -> Iterator[tuple[bytes, bytes]]:
    there = {name for name, _ in headers}
    return ((name, value) for name, value in _PROTECTIVE.items() if name not in there)
