"""Limits of one request: how much it may send, how long it may take to send it, and how long an answer may take."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.problems import BodyRefused, Problem, answer_scope, unavailable

MB = 2**20
#: A refused body is read on up to here, so that the sender gets to the answer.
_DRAINED = 8 * MB


@dataclass(frozen=True)
class Bounds:
    """Bytes of a body, by its media type where that is a file's, and seconds."""

    body: int = 4 * MB
    files: Mapping[str, int] = field(
        default_factory=lambda: MappingProxyType({"multipart/form-data": 64 * MB, "application/x-ndjson": 65 * MB})
    )
    sending: float = 120
    answering: float = 300

    def largest(self, media: str) -> int:
        """The most bytes of a body of this media type."""
        return self.files.get(media, self.body)


class Limits:
    """The ASGI layer that keeps the bounds: 413 for too much, 408 for too slow a sender, 503 for too slow an answer.

    An answer that is late is still worked on: whoever repeats a POST under its Idempotency-Key learns what came of it.
    """

    def __init__(self, app: ASGIApp, bounds: Bounds) -> None:
        self._app, self._bounds = app, bounds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Keep the bounds of a request; everything else passes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        media = headers.get(b"content-type", b"").partition(b";")[0].strip().decode("latin-1").lower()
        largest, declared = self._bounds.largest(media), _length(headers.get(b"content-length", b""))
        if declared > largest:
            await _drain(receive, declared)
            await answer_scope(scope, too_large(largest))(scope, receive, send)
            return
        answering = _Answering(scope, receive, send, self._bounds.answering)
        incoming = receive
        if _has_body(headers):
            incoming = _Incoming(receive, largest, self._bounds.sending, answering.start)
        else:
            answering.start()
        try:
            await self._app(scope, incoming, answering)
        finally:
            answering.stop()


class _Incoming:
    """A `receive` that counts bytes and seconds till the body is there."""

    def __init__(self, receive: Receive, largest: int, seconds: float, done: Callable[[], None]) -> None:
        self._receive, self._largest, self._done = receive, largest, done
        self._left, self._over = largest, False
        self._until = asyncio.get_running_loop().time() + seconds

    async def __call__(self) -> Message:
        if self._over:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError as error:
            raise BodyRefused(too_slow()) from error
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise BodyRefused(too_large(self._largest))
        self._over = not message.get("more_body", False)
        if self._over:
            self._done()
        return message


class _Answering:
    """A `send` that answers 503 by itself when nobody has begun to answer in time."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, seconds: float) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._begun, self._late, self._seconds = False, False, seconds
        self._clock: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, message: Message) -> None:
        if self._late:
            return
        self._begun = True
        await self._send(message)

    def start(self) -> None:
        """The whole request is there."""
        self._clock = asyncio.get_running_loop().call_later(self._seconds, self._give_up)

    def stop(self) -> None:
        """The answer is there."""
        if self._clock is not None:
            self._clock.cancel()

    def _give_up(self) -> None:
        if not self._begun:
            self._late = True
            response = answer_scope(self._scope, unavailable("处理时间过长", "请稍后再试，或缩小范围。", 30))
            self._task = asyncio.ensure_future(response(self._scope, self._receive, self._send))


def too_large(largest: int) -> Problem:
    """The body is larger than may be."""
    return Problem(413, "too-large", "提交的内容过大", f"这种内容一次最多 {largest // MB} MB，请分几次提交。")


def too_slow() -> Problem:
    """The body did not come in time."""
    return Problem(408, "too-slow", "提交的内容没有按时到达", "请检查网络后重新提交。", headers={"Connection": "close"})


def _has_body(headers: Mapping[bytes, bytes]) -> bool:
    return b"content-length" in headers or b"transfer-encoding" in headers


def _length(told: bytes) -> int:
    return int(told) if told.isdigit() and len(told) < 20 else 0


async def _drain(receive: Receive, declared: int) -> None:
    """Read on what is not wanted, within reason."""
    more = declared <= _DRAINED
    while more:
        message = await receive()
        more = message.get("more_body", False)
