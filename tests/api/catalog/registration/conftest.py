"""One served catalog for the tests of registration, where firms may register from one foreign page."""

from collections.abc import Iterator

import httpx
import pytest

from deploy.embedded.postgres import EmbeddedServer
from tests.conftest import Signing
from tests.support.identity_desk import Desk, open_office

ORIGIN = "https://park.example"


@pytest.fixture(scope="session")
def only_office(
    embedded_server: EmbeddedServer, signing: Signing, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """The catalog that all tests of registration share."""
    with open_office(embedded_server, signing, tmp_path_factory.mktemp("documents"), [ORIGIN]) as opened:
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
