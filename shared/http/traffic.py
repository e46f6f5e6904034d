"""How many requests a caller may make: a bucket of requests that fills up steadily, for each token or address.

It stops what runs away, not what works hard. Each web process counts for itself.
"""

import hashlib
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.problems import Problem, answer_scope

#: Callers that are remembered; whoever was not seen for longest is forgotten, and starts afresh.
_CALLERS = 10_000


@dataclass(frozen=True)
class Allowance:
    """Requests at once, and requests a second in the long run."""

    burst: int = 3000
    per_second: float = 300.0


class Traffic:
    """The ASGI layer that counts: 429 with Retry-After when a bucket is empty, and its state in each answer."""

    def __init__(self, app: ASGIApp, allowance: Allowance, clock: Callable[[], float] = time.monotonic) -> None:
        self._app, self._allowance, self._clock = app, allowance, clock
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass if its caller has one left; everything else passes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        left = self._take(_caller(scope))
        state = self._state(left)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *state]
            await send(message)

        if left < 0:
            seconds = math.ceil(1 / self._allowance.per_second)
            await answer_scope(scope, too_many(seconds))(scope, receive, sending)
        else:
            await self._app(scope, receive, sending)

    def _take(self, caller: bytes) -> float:
        """What is left in the caller's bucket after this request; below zero if there was none."""
        now, most = self._clock(), float(self._allowance.burst)
        left, since = self._buckets.pop(caller, (most, now))
        left = min(most, left + (now - since) * self._allowance.per_second) - 1
        self._buckets[caller] = (max(left, 0.0), now)
        if len(self._buckets) > _CALLERS:
            self._buckets.popitem(last=False)
        return left

    def _state(self, left: float) -> list[tuple[bytes, bytes]]:
        remaining = max(int(left), 0)
        full = math.ceil((self._allowance.burst - remaining) / self._allowance.per_second)
        return [
            (b"ratelimit-limit", b"%d" % self._allowance.burst),
            (b"ratelimit-remaining", b"%d" % remaining),
            (b"ratelimit-reset", b"%d" % full),
        ]


def too_many(seconds: int) -> Problem:
    """The caller's bucket is empty."""
    return Problem(
        429, "too-many-requests", "请求过于频繁", f"请在 {seconds} 秒后再试。", headers={"Retry-After": str(seconds)}
    )


def _caller(scope: Scope) -> bytes:
    """Who asks: the token's digest (a token is no key of a table), else the address."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            return hashlib.blake2b(value, digest_size=16).digest()
    return (scope.get("client") or ("",))[0].encode()
