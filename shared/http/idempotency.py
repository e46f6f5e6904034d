"""`Idempotency-Key`: a POST that is repeated under its key is carried out once, and answered the same, byte for byte.

The answer is kept in the service's database by the transaction that has the effect, so that neither is without the
other. To that end a session of a request with a key puts its commits off: what a use case commits becomes a savepoint,
and all of it is committed together with the answer, before a byte of it is sent. A key in use is a lock of that
transaction, and so nothing is left of a process that dies. A request that is refused (4xx, 5xx) keeps no answer, and
may be repeated under its key; what its use case committed all the same stays.

Routes that open sessions of their own commit by themselves; for them the answer is kept right behind the effect.
"""

import hashlib
import re
import tempfile
from functools import partial
from typing import IO

from fastapi import Request, Response
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.db.acting import Who
from shared.db.database import Database
from shared.http import kept_answers
from shared.http.acting import acting_in
from shared.http.kept_answers import Kept
from shared.http.problems import BodyRefused, FieldError, Problem, answer_scope, conflict, database_problem
from shared.security.actor import Actor

_SCOPE = "xieshou.idempotency"
#: Headers that belong to an answer; all others are those of the transfer.
_OWN = ("content-type", "etag", "location", "content-disposition", "retry-after")
_IN_MEMORY = 4 * 2**20


class KeptAnswer(Exception):
    """The request was carried out before: this is what was answered then."""

    def __init__(self, kept: Kept) -> None:
        super().__init__("answered before")
        self.kept = kept

    def response(self) -> Response:
        """The same answer again; a header says that it is one."""
        return Response(self.kept.body, self.kept.status, {**self.kept.headers, "Idempotency-Replayed": "true"})


class PatientSession(Session):
    """A session whose commits wait for the answer, once it has been told to hold them."""

    _point: SessionTransaction | None = None
    _asked = False

    def hold_commits(self) -> None:
        """From now on a commit is a savepoint, and a rollback goes back to the last one."""
        self._point = self.begin_nested()

    def commit(self) -> None:
        """Commit, or have it done with the answer."""
        if self._point is None:
            super().commit()
            return
        self._point.commit()
        self._asked = True
        self._point = self.begin_nested()

    def rollback(self) -> None:
        """Forget what was not committed."""
        if self._point is None:
            super().rollback()
            return
        self._point.rollback()
        self._point = self.begin_nested()

    def settle(self) -> bool:
        """Leave only what was committed; whether that is anything."""
        if self._point is not None:
            self._point.rollback()
            self._point = None
        return self._asked


class Ticket:
    """A request's key on its way: who uses it, the session of its transaction, and what came of it."""

    def __init__(self, database: Database, key: str, fingerprint: bytes, who: Who) -> None:
        self._key, self._fingerprint = key, fingerprint
        self._actor: str | None = None
        self._replayed = False
        self.session = database.session_of(PatientSession, who)

    def claim(self, actor: Actor) -> None:
        """Take the key for the actor. Raises KeptAnswer, and Problems: 409 while it is in use, 422 for another body."""
        who = f"{actor.role}:{actor.enterprise_id or ''}:{actor.subject}"
        if not kept_answers.hold(self.session, who, self._key):
            raise _in_flight()
        found = kept_answers.find(self.session, who, self._key)
        if found is not None and found[0] != self._fingerprint:
            raise _another_request()
        if found is not None:
            self._replayed = True
            raise KeptAnswer(found[1])
        self._actor = who
        self.session.hold_commits()

    def finish(self, kept: Kept) -> None:
        """Commit what the use case committed, together with the answer where it is a good one."""
        if self._actor is None:
            return
        asked = self.session.settle()
        if kept.status < 400:
            kept_answers.keep(self.session, self._actor, self._key, self._fingerprint, kept)
        if asked or kept.status < 400:
            self.session.commit()
        self._actor = None

    def close(self) -> None:
        """Give the connection back; what was not finished is rolled back."""
        self.session.close()


def ticket_of(request: Request) -> Ticket | None:
    """The request's ticket, where it has a key."""
    found: Ticket | None = request.scope.get(_SCOPE)
    return found


async def claim(request: Request, actor: Actor) -> None:
    """Take the request's key, if it has one, for who asks. Raises KeptAnswer, and Problems (409, 422)."""
    ticket = ticket_of(request)
    if ticket is not None:
        await run_in_threadpool(ticket.claim, actor)


class Idempotency:
    """The ASGI layer: reads the body of a POST with a key, and sends its answer when it is kept."""

    def __init__(self, app: ASGIApp, database: Database) -> None:
        self._app, self._database = app, database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything else on."""
        key = _header(scope, b"idempotency-key") if scope["type"] == "http" and scope["method"] == "POST" else None
        if key is None:
            await self._app(scope, receive, send)
        elif not re.fullmatch(r"[\x21-\x7e]{1,200}", key):
            await answer_scope(scope, _bad_key())(scope, receive, send)
        else:
            with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as body:
                await self._once(scope, receive, send, key, body)

    async def _once(self, scope: Scope, receive: Receive, send: Send, key: str, body: IO[bytes]) -> None:
        if not await _read(scope, receive, send, body):
            return
        inner = dict(scope)
        fingerprint = await run_in_threadpool(_fingerprint, scope, body)
        inner[_SCOPE] = ticket = Ticket(self._database, key, fingerprint, partial(acting_in, inner))
        body.seek(0)
        answering = _Answering(ticket, scope, send)
        try:
            await self._app(inner, _Again(body, receive), answering)
        finally:
            await run_in_threadpool(ticket.close)


class _Again:
    """A `receive` that gives out a body that was read already, and then what the client says next."""

    def __init__(self, body: IO[bytes], receive: Receive) -> None:
        self._body, self._receive, self._over = body, receive, False

    async def __call__(self) -> Message:
        if self._over:
            return await self._receive()
        chunk = self._body.read(2**16)
        self._over = len(chunk) < 2**16
        return {"type": "http.request", "body": chunk, "more_body": not self._over}


class _Answering:
    """A `send` that holds the answer back until it is kept."""

    def __init__(self, ticket: Ticket, scope: Scope, send: Send) -> None:
        self._ticket, self._scope, self._send = ticket, scope, send
        self._start: Message = {}
        self._chunks: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body":
            self._chunks.append(message.get("body", b""))
            if not message.get("more_body"):
                await self._finish(b"".join(self._chunks))
        else:
            await self._send(message)

    async def _finish(self, body: bytes) -> None:
        told = {name.decode("latin-1"): value.decode("latin-1") for name, value in self._start["headers"]}
        own = {name: told[name] for name in _OWN if name in told}
        try:
            await run_in_threadpool(self._ticket.finish, Kept(self._start["status"], own, body))
        except Exception as error:  # noqa: BLE001 - nothing was written, and that is what is to be told
            refused = answer_scope(self._scope, database_problem(error))
            await refused(self._scope, _nothing, self._send)
            return
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


async def _read(scope: Scope, receive: Receive, send: Send, body: IO[bytes]) -> bool:
    """Take the whole body in; False where the client went away, or its body was refused and that was answered."""
    more = True
    while more:
        try:
            message = await receive()
        except BodyRefused as refused:
            await answer_scope(scope, refused.problem)(scope, receive, send)
            return False
        if message["type"] != "http.request":
            return False
        body.write(message.get("body", b""))
        more = message.get("more_body", False)
    return True


def _fingerprint(scope: Scope, body: IO[bytes]) -> bytes:
    """What tells one request from another: the address and the body, less a form's boundary, which is drawn anew."""
    content = _header(scope, b"content-type") or ""
    boundary = re.search(r'boundary="?([^";]+)', content) if content.startswith("multipart/") else None
    seen = hashlib.sha256(f"{scope['path']}?{scope['query_string'].decode('latin-1')}\n".encode())
    body.seek(0)
    for line in body:
        seen.update(line.replace(boundary[1].encode("latin-1"), b"") if boundary else line)
    return seen.digest()


def _header(scope: Scope, name: bytes) -> str | None:
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    return next((value.decode("latin-1") for found, value in headers if found == name), None)


def _bad_key() -> Problem:
    detail = "应为 1 至 200 个可见的 ASCII 字符，例如一个 UUID。"
    error = FieldError(pointer="/Idempotency-Key", detail=detail, code="idempotency-key", location="header")
    return Problem(400, "bad-idempotency-key", "幂等键写法有误", errors=[error])


def _in_flight() -> Problem:
    problem = conflict("同一请求正在处理", "请稍后以同一个 Idempotency-Key 再试。", "idempotency-key-in-use")
    problem.headers["Retry-After"] = "1"
    return problem


def _another_request() -> Problem:
    detail = "请为新的请求换一个 Idempotency-Key。"
    error = FieldError(pointer="/Idempotency-Key", detail=detail, code="reused", location="header")
    return Problem(422, "idempotency-key-reused", "幂等键已用于另一个请求", detail, [error])
