"""For whom a request is carried out: kept with the request, and asked by its session as each transaction begins."""

from fastapi import Request
from starlette.types import Scope

from shared.db.acting import SERVICE
from shared.security.actor import Actor

_ACTING = "xieshou.acting"


def let_act(request: Request, actor: Actor) -> None:
    """From now on the request's session works for this actor; until then it is nobody's, and sees nothing."""
    request.scope[_ACTING] = actor


def acting_in(scope: Scope) -> Actor | None:
    """For whom a request is carried out, once that is known."""
    found: Actor | None = scope.get(_ACTING)
    return found


async def act_as_service(request: Request) -> None:
    """A dependency of routes by which people become known (sign-in, tokens, links): the service itself looks them up.

    It stands among the dependencies of a router or a route: those come before what a route's parameters ask for.
    """
    let_act(request, SERVICE)
