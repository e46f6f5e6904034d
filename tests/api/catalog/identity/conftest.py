"""One served catalog for the tests of identity: each comes hours after the one before, with people of its own."""

from collections.abc import Iterator

import pytest

from deploy.embedded.postgres import EmbeddedServer
from tests.conftest import Signing, clone
from tests.support.identity_desk import Desk, open_desk
from tests.support.letters import Letters, post_office


@pytest.fixture(scope="session")
def letters() -> Iterator[Letters]:
    """The post office of this session."""
    with post_office() as opened:
        yield opened


@pytest.fixture(scope="session")
def only_desk(embedded_server: EmbeddedServer, signing: Signing, letters: Letters) -> Iterator[Desk]:
    """The catalog that all tests of identity share."""
    with clone(embedded_server, "catalog") as urls, open_desk(urls, signing, letters) as opened:
        yield opened


@pytest.fixture
def desk(only_desk: Desk) -> Desk:
    """The same, two hours later: failed attempts of others are forgotten."""
    only_desk.clock.forward(hours=2)
    return only_desk
