"""A database session per request. It never commits: use cases do, before the response is sent."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session


def open_session(request: Request) -> Iterator[Session]:
    """The request's session; what a use case has not committed is rolled back."""
    with request.app.state.database.session() as session:
        yield session


DbSession = Annotated[Session, Depends(open_session)]
