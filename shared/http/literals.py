"""Addresses that are spelt out go before those with a parameter, whatever the method: /titles/bulk is no title."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import Match

from shared.http.problems import Problem

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


def literal_addresses(routers: Iterable[APIRouter]) -> APIRouter:
    """Routes that refuse the methods which an address without parameters has not, and a route with one would take.

    To be included before the others.
    """
    found = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    methods: dict[str, set[str]] = defaultdict(set)
    for route in found:
        if "{" not in route.path:
            methods[route.path] |= route.methods or set()
    refusing = APIRouter()
    for path, known in methods.items():
        if others := [method for method in {*_METHODS - known, "OPTIONS"} if _is_taken(found, path)]:
            refusing.add_api_route(path, _refusal(known), methods=others, include_in_schema=False)
    return refusing


def _is_taken(routes: Iterable[APIRoute], path: str) -> bool:
    """Whether a route with a parameter matches the address."""
    scope = {"type": "http", "path": path, "root_path": "", "method": "GET", "headers": []}
    return any("{" in route.path and route.matches(scope)[0] is not Match.NONE for route in routes)


def _refusal(known: set[str]) -> Callable[[], None]:
    allowed = {"Allow": ", ".join(sorted(known))}

    def refuse_method() -> None:
        raise Problem(405, "method-not-allowed", "不支持这种请求方法", headers=allowed)

    return refuse_method
