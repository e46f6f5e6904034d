"""Auditors and read-only people change nothing, in no route of either service; auditors read what reviewers read.

The routes are those of the applications' own documents, so that a new one is tested by being there.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from deploy.embedded.postgres import EmbeddedServer
from services.matching.app import create_app as create_matching
from services.matching.settings import MatchingSettings
from shared.security.actor import Access, Actor, Role, Scope
from tests.conftest import Clone, clone, serving
from tests.support.identity_desk import Desk, detail_of

ONLY_READS = (403, "您的账号只能查看，不能修改或提交。")
#: What anybody does about oneself, or to come in: it is asked for by the session, not by a role.
OWN = re.compile(r"^/catalog/v1/(session|sessions|oauth|links|password-resets)(/|$)")
#: What applicants do who have no account yet: it is asked for by a code of theirs, not by a token.
APPLICANTS = re.compile(r"^post /catalog/v1/registrations$|^\w+ /catalog/v1/registrations/(challenge|mine)(/|$)")
#: How a path is filled where nothing is there by that name.
NOBODY = str(uuid4())


Served = dict[str, tuple[str, FastAPI]]


@pytest.fixture(scope="module")
def services(only_desk: Desk, embedded_server: EmbeddedServer) -> Iterator[Served]:
    """Each service: where it is, and its application; nothing is written by those who are refused."""
    with clone(embedded_server, "matching") as urls:
        yield from _served(only_desk, urls)


def _served(desk: Desk, urls: Clone) -> Iterator[Served]:
    settings = {"MATCHING_DATABASE_URL": urls.app, "XIESHOU_JWKS_URL": f"{desk.base}/catalog/v1/jwks"}
    app = create_matching(MatchingSettings.model_validate(settings), desk.clock)
    with ExitStack() as stack:
        yield {"catalog": (desk.base, desk.app), "matching": (stack.enter_context(serving(app)), app)}


def routes_of(services: Served, verbs: set[str]) -> list[tuple[str, str, dict[str, Any]]]:
    """Method, address and description of each documented route with one of the methods."""
    found = []
    for base, app in services.values():
        for path, verbs_of_path in app.openapi()["paths"].items():
            filled = re.sub(r"\{[^}]+\}", NOBODY, path)
            found += [(verb, base + filled, what) for verb, what in verbs_of_path.items() if verb in verbs]
    return found


def is_anybodys(verb: str, path: str) -> bool:
    """Whether no role is asked for."""
    return OWN.match(path) is not None or APPLICANTS.match(f"{verb} {path}") is not None


def ask(desk: Desk, actor: Actor) -> httpx.Client:
    return desk.client(desk.token(actor))


@pytest.mark.parametrize("who", ["auditor", "read-only supplier", "read-only reviewer"])
def test_who_only_reads_changes_nothing_anywhere(desk: Desk, services: Served, who: str) -> None:
    firm = desk.world.enterprises["near"]
    actors = {
        "auditor": Actor("a", Role.AUDITOR),
        "read-only supplier": Actor("s", Role.SUPPLIER, firm, access=Access.READ),
        "read-only reviewer": Actor("r", Role.REVIEWER, access=Access.READ),
    }
    http, seen = ask(desk, actors[who]), 0
    for verb, url, what in routes_of(services, {"post", "put", "patch", "delete"}):
        if what.get("x-reading") or is_anybodys(verb, httpx.URL(url).path):
            continue
        answer = http.request(verb, url, json={})
        assert detail_of(answer) == ONLY_READS, (verb, url)
        seen += 1
    assert seen > 60


def test_an_auditor_reads_what_a_reviewer_reads(desk: Desk, services: Served) -> None:
    reviewer, auditor = ask(desk, Actor("r", Role.REVIEWER)), ask(desk, Actor("a", Role.AUDITOR))
    for verb, url, _ in routes_of(services, {"get"}):
        if is_anybodys(verb, httpx.URL(url).path):
            continue
        theirs, own = reviewer.get(url), auditor.get(url)
        assert own.status_code == theirs.status_code, (url, own.text)
        if "/metrics" not in url:
            assert own.headers["Content-Type"] == theirs.headers["Content-Type"], url


@pytest.mark.parametrize("scope", list(Scope))
def test_a_machine_keeps_to_its_scope_in_every_route(desk: Desk, services: Served, scope: Scope) -> None:
    http = ask(desk, Actor("m", Role.CHAIN_LEADER, desk.world.enterprises["A"], scopes=frozenset({scope})))
    service, _, verb = scope.partition(".")
    for method, url, what in routes_of(services, {"get", "post", "put", "patch", "delete"}):
        path = httpx.URL(url).path
        open_to_all = path.endswith(("/health", "/jwks")) or is_anybodys(method, path)
        if open_to_all:
            continue
        changes = method != "get" and not what.get("x-reading")
        fits = path.startswith(f"/{service}/") and changes == (verb != "read")
        answer = http.request(method, url, json=None if method == "get" else {})
        short = answer.status_code == 403 and answer.json()["type"] == "/problems/insufficient-scope"
        assert short != fits, (method, url, answer.text)
