"""Routers pass by what cannot be theirs: a service has a hundred and more routes, and each request is asked of each.

A router is asked by the beginnings of its routes, up to their first parameter, before any of its routes is. What is
answered, and by which route, stays as it is.
"""

from functools import partial

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope


def fence(router: APIRouter) -> APIRouter:
    """The router, which from now on knows at once what begins unlike any of its routes; it gets no more of them."""
    routes = [route for route in router.routes if isinstance(route, APIRoute)]
    if len(routes) == len(router.routes):
        beginnings = tuple({route.path.partition("{")[0] for route in routes})
        router.matches = partial(_matches, router, beginnings)  # type: ignore[method-assign]
    return router


def _matches(router: APIRouter, beginnings: tuple[str, ...], scope: Scope) -> tuple[Match, Scope]:
    """As the router's own; one behind another's address (`root_path`) is asked as usual."""
    if not scope.get("root_path") and not scope["path"].startswith(beginnings):
        return Match.NONE, {}
    return type(router).matches(router, scope)
