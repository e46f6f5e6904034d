"""The whole matching application on a real server, with a mirrored world and a run."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from starlette.types import ASGIApp

from services.matching.app import create_app
from services.matching.settings import MatchingSettings
from shared.security.actor import Role
from tests.conftest import Signing
from tests.support.matched import matched, matching_clone, run_id

__all__ = ["matched", "matching_clone", "run_id"]

Client = Callable[..., httpx.Client]


@pytest.fixture
def matching_url(matching_database_url: str, signing: Signing, live_app: Callable[[ASGIApp], str]) -> str:
    """The base URL of the application."""
    jwks_file: Path = signing.jwks_file
    settings = MatchingSettings.model_validate(
        {"MATCHING_DATABASE_URL": matching_database_url, "XIESHOU_JWKS_FILE": jwks_file}
    )
    return live_app(create_app(settings))


@pytest.fixture
def acting_as(matching_url: str, signing: Signing) -> Iterator[Client]:
    """A client that asks as an actor: `acting_as(Role.REVIEWER)`."""
    with ExitStack() as stack:

        def client(role: Role, enterprise: UUID | None = None, clusters: frozenset[UUID] = frozenset()) -> httpx.Client:
            headers = {"Authorization": f"Bearer {signing.token(role, enterprise, clusters)}"}
            made = httpx.Client(base_url=f"{matching_url}/matching/v1", headers=headers, timeout=30, trust_env=False)
            return stack.enter_context(made)

        yield client
