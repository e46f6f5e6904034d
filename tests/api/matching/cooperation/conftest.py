"""The routes of review and cooperation on a real server, over suggestions to review."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from deploy.embedded.postgres import EmbeddedServer
from services.matching.cooperation.api import router as cooperation
from services.matching.disclosure.api import router as disclosure
from services.matching.suggestions.api import router as suggestions
from services.matching.suggestions.batch_api import router as batches
from shared.db.database import Database
from shared.http.problems import install_problem_handlers
from shared.security.actor import Role
from tests.conftest import Clone, Signing, clone, serving
from tests.support import review_world
from tests.support.feed_world import LEADER
from tests.support.review_world import WORLD

VERBS = {
    "approve": "approval",
    "reject": "rejection",
    "defer": "deferral",
    "restore": "restoration",
    "reopen": "reopening",
    "accept": "acceptance",
    "consent": "consent",
    "decline": "refusal",
    "withdraw": "withdrawal",
    "end": "ending",
}


@pytest.fixture(scope="session")
def review_template(embedded_server: EmbeddedServer) -> Iterator[str]:
    """A database with suggestions to review, to be copied."""
    with clone(embedded_server, "matching") as made:
        database = Database(made.app, pool_size=2)
        review_world.settle(database)
        database.dispose()
        yield made.app.partition("?")[0].rpartition("/")[2]


@pytest.fixture
def matching_clone(embedded_server: EmbeddedServer, review_template: str) -> Iterator[Clone]:
    """A copy of it for each test."""
    with clone(embedded_server, "matching", review_template) as made:
        yield made


class Review:
    """Acts on suggestions over HTTP; every answer is returned, whatever its status."""

    def __init__(self, client: Callable[..., httpx.Client]) -> None:
        self._client = client
        self.reviewer = client(Role.REVIEWER)
        self.leader = client(Role.CHAIN_LEADER, WORLD.id(LEADER))

    def as_(self, role: Role, *args: Any, **kwargs: Any) -> httpx.Client:
        """A client for any actor."""
        return self._client(role, *args, **kwargs)

    def supplier(self, key: str) -> httpx.Client:
        """A client for a supplier of the world."""
        return self._client(Role.SUPPLIER, WORLD.id(key))

    def see(self, id: UUID) -> dict[str, Any]:
        """A suggestion as the reviewer sees it."""
        found: dict[str, Any] = self.reviewer.get(f"/suggestions/{id}").json()
        return found

    def act(self, client: httpx.Client, id: UUID, verb: str, version: int | None = None, **body: Any) -> httpx.Response:
        """Use a verb on a suggestion as it is now (or as it was at `version`)."""
        match = self.see(id)["version"] if version is None else version
        return client.post(f"/suggestions/{id}/{VERBS[verb]}", json=body, headers={"If-Match": f'"{match}"'})

    def bring_to(self, id: UUID, state: str, supplier: str, **part: Any) -> None:
        """Bring a proposed suggestion along the main way, as far as both sides' agreement."""
        steps: dict[str, Callable[[], httpx.Response]] = {
            "approved": lambda: self.act(self.reviewer, id, "approve"),
            "leader_accepted": lambda: self.act(self.leader, id, "accept", **part),
            "accepted": lambda: self.act(self.supplier(supplier), id, "consent"),
        }
        for reached, step in steps.items():
            answer = step()
            assert answer.status_code == 200, answer.text
            if reached == state:
                return

    def contract(self, client: httpx.Client, id: UUID, method: str = "POST", **terms: Any) -> httpx.Response:
        """Register or amend (PUT) a contract."""
        body = {"number": "示例-2026-01", "first_day": "2026-01-01", "last_day": "2026-12-31", **terms}
        headers = {"If-Match": f'"{self.see(id)["version"]}"'}
        return client.request(method, f"/cooperations/{id}/contract", json=body, headers=headers)


@pytest.fixture
def review(matching_database: Database, signing: Signing) -> Iterator[Review]:
    """The routes served, and a way to act."""
    app = FastAPI()
    app.state.database, app.state.verifier = matching_database, signing.verifier
    for router in (suggestions, batches, cooperation, disclosure):
        app.include_router(router)
    install_problem_handlers(app)
    with ExitStack() as stack:
        base = stack.enter_context(serving(app)) + "/matching/v1"

        def client(
            role: Role, enterprise: UUID | None = None, clusters: frozenset[UUID] = frozenset(), subject: str = "test"
        ) -> httpx.Client:
            headers = {"Authorization": f"Bearer {signing.token(role, enterprise, clusters, subject=subject)}"}
            return stack.enter_context(httpx.Client(base_url=base, headers=headers, timeout=30, trust_env=False))

        yield Review(client)
