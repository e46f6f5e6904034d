"""One served catalog for the tests of registration, where firms may register from one foreign page."""

from collections.abc import Iterator

import httpx
import pytest

from deploy.embedded.postgres import EmbeddedServer
from tests.conftest import Signing, clone
from tests.support.identity_desk import Desk, open_desk
from tests.support.letters import post_office

ORIGIN = "https://park.example"


@pytest.fixture(scope="session")
def only_office(
    embedded_server: EmbeddedServer, signing: Signing, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """The catalog that all tests of registration share."""
    settings = {
        "documents_folder": tmp_path_factory.mktemp("documents"),
        "proof_bits": 8,
        "draft_days": 30,
        "registration_origins": [ORIGIN],
    }
    with (
        post_office() as letters,
        clone(embedded_server, "catalog") as urls,
        open_desk(urls, signing, letters, settings) as opened,
    ):
        yield opened


@pytest.fixture
def desk(only_office: Desk) -> Desk:
    """The same, two hours later: what others counted up is forgotten."""
    only_office.clock.forward(hours=2)
    return only_office


@pytest.fixture
def reviewer(desk: Desk) -> httpx.Client:
    """A reviewer's client."""
    return desk.operator
