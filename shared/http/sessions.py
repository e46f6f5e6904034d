"""A database session per request. It never commits: use cases do, before the response is sent."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated

from anyio import CancelScope
from fastapi import Depends, Request
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from shared.audit import acting
from shared.http.acting import acting_in
from shared.http.idempotency import ticket_of


async def open_session(request: Request) -> AsyncIterator[Session]:
    """The request's session; what a use case has not committed is rolled back.

    That of a request with an `Idempotency-Key` commits when its answer is kept, and is closed then. Opening one asks
    nothing of the database, and so is no work for a thread; closing one does.
    """
    ticket = ticket_of(request)
    if ticket is not None:
        acting.follow(ticket.session, partial(acting.act_of, request))
        yield ticket.session
        return
    session = request.app.state.database.session_of(Session, partial(acting_in, request.scope))
    acting.follow(session, partial(acting.act_of, request))
    try:
        yield session
    finally:
        # also for who has gone away meanwhile: a connection must come back; closed already, it asks for no thread
        if session.in_transaction():
            with CancelScope(shield=True):
                await run_in_threadpool(session.close)


DbSession = Annotated[Session, Depends(open_session)]
