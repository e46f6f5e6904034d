"""One stand for the tests of this folder, as far as they change nothing of what it knows."""

from collections.abc import Iterator

import pytest

from deploy.embedded.postgres import EmbeddedServer
from tests.conftest import Signing
from tests.contract.tenancy.stand import Stand, open_stand


@pytest.fixture(scope="module")
def stand(embedded_server: EmbeddedServer, signing: Signing) -> Iterator[Stand]:
    """Both services over the world of two tenants."""
    with open_stand(embedded_server, signing) as opened:
        yield opened
