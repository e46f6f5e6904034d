"""How a request comes to a registration: by the applicant's code, or from a program that is known."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import BackgroundTasks, Depends, Header, Request, Response

from services.catalog.identity import service as identity
from services.catalog.registration.context import Office
from services.catalog.registration.documents import Paper
from shared.http.auth import permit
from shared.http.problems import unauthorised
from shared.mail.sending import Mail
from shared.security.actor import Actor
from shared.security.tokens import InvalidToken

CODE_HEADER = "Registration-Code"


def read_office(request: Request) -> Office:
    """The means of registration of this process."""
    office: Office = request.app.state.registration
    return office


Means = Annotated[Office, Depends(read_office)]
Code = Annotated[str, Header(alias=CODE_HEADER, max_length=200, description="开始登记时得到的查询码")]


def read_address(request: Request) -> str:
    """From where the request comes."""
    return request.client.host if request.client else ""


Address = Annotated[str, Depends(read_address)]


async def read_sender(request: Request) -> Actor | None:
    """Who begins a registration for somebody: the bearer of a token in the header; mostly nobody is known.

    401 for a token that does not hold, 403 for who changes nothing. The service itself keeps working for the request:
    a registration belongs to nobody yet.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        credential = await request.app.state.verifier.check(token.strip())
    except InvalidToken as error:
        raise unauthorised(str(error)) from error
    actor: Actor = credential.actor
    permit(request, actor)
    return actor


Sender = Annotated[Actor | None, Depends(read_sender)]

#: What the routes that serve a document answer, for the API's description.
PAPER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "材料的内容",
        "content": {name: {} for name in ("application/pdf", "image/jpeg", "image/png")},
    }
}


def download(paper: Paper) -> Response:
    """A document to be saved, never shown: whatever it does, it does not do it as a page of ours."""
    disposition = f"attachment; filename*=UTF-8''{quote(paper.filename)}"
    headers = {
        "Content-Disposition": disposition,
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(paper.content, media_type=paper.media_type, headers=headers)


def post_later(later: BackgroundTasks, office: Office, letters: Sequence[Mail]) -> None:
    """Post letters after the answer; who has had its address erased gets none."""
    for letter in letters:
        if letter.to:
            later.add_task(identity.post, office.identity, letter)
