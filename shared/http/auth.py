"""Who is calling: the bearer token of a request as an Actor, and the roles that a route asks for."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.http.problems import forbidden, unauthorised
from shared.security.actor import Actor, Role
from shared.security.tokens import InvalidToken, TokenVerifier

bearer = HTTPBearer(auto_error=False, description="`python -m services.catalog token --role …` 打印的令牌")


async def read_actor(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> Actor:
    """The actor that the request's token names; 401 without one or with one that does not hold."""
    if credentials is None:
        raise unauthorised()
    verifier: TokenVerifier = request.app.state.verifier
    try:
        return verifier.actor(credentials.credentials)
    except InvalidToken as error:
        raise unauthorised(str(error)) from error


CurrentActor = Annotated[Actor, Depends(read_actor)]


def require(*roles: Role) -> Callable[..., Actor]:
    """A dependency that gives the actor if it has one of the roles, else 403.

    `Reviewer = Annotated[Actor, Depends(require(Role.REVIEWER))]` puts the permission into a route's signature.
    """

    def actor_with_role(actor: CurrentActor) -> Actor:
        if actor.role not in roles:
            raise forbidden("此操作只对这些角色开放：" + "、".join(roles) + "。")
        return actor

    return actor_with_role
