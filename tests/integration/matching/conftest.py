"""Matching with a real catalog beside it."""

from collections.abc import Iterator

import pytest

from shared.security.actor import Role
from tests.conftest import Signing
from tests.support.live_catalog import LiveCatalog, live_catalog
from tests.support.matched import matched, matching_clone, run_id

__all__ = ["matched", "matching_clone", "run_id"]


@pytest.fixture
def catalog(catalog_database_url: str, signing: Signing) -> Iterator[LiveCatalog]:
    """A catalog with an empty outbox, not yet served."""
    with live_catalog(catalog_database_url, signing) as made:
        yield made


@pytest.fixture
def feed_token(signing: Signing) -> str:
    """The token by which matching reads the feed."""
    return signing.token(Role.SERVICE)
