"""One served catalog with people of its own for the tests of the audit."""

from collections.abc import Iterator

import pytest

from deploy.embedded.postgres import EmbeddedServer
from tests.conftest import Signing, clone
from tests.support.identity_desk import Desk, open_desk
from tests.support.letters import post_office


@pytest.fixture(scope="module")
def desk(embedded_server: EmbeddedServer, signing: Signing) -> Iterator[Desk]:
    """The catalog that the tests of one file share."""
    with (
        post_office() as letters,
        clone(embedded_server, "catalog") as urls,
        open_desk(urls, signing, letters) as opened,
    ):
        yield opened
