"""A database session per request. It never commits: use cases do, before the response is sent."""

from collections.abc import Iterator
from functools import partial
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session

from shared.audit import acting
from shared.http.acting import acting_in
from shared.http.idempotency import ticket_of


def open_session(request: Request) -> Iterator[Session]:
    """The request's session; what a use case has not committed is rolled back.

    That of a request with an `Idempotency-Key` commits when its answer is kept, and is closed then.
    """
    ticket = ticket_of(request)
    if ticket is not None:
        acting.follow(ticket.session, partial(acting.act_of, request))
        yield ticket.session
        return
    with request.app.state.database.session_of(Session, partial(acting_in, request.scope)) as session:
        acting.follow(session, partial(acting.act_of, request))
        yield session


DbSession = Annotated[Session, Depends(open_session)]
