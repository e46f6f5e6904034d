"""The catalog's migrations agree with its models, and the application's role may use what they make."""

import psycopg

from services.catalog.tables import FEATURES, metadata
from shared.db.migrate import differences
from tests.conftest import Clone
from tests.support.acting import AS_SERVICE


def test_models_and_migrations_agree(catalog_owner_url: str) -> None:
    assert FEATURES
    assert differences(metadata, catalog_owner_url) == []


def test_the_feed_begins_with_one_epoch(catalog_clone: Clone) -> None:
    with psycopg.connect(catalog_clone.app, options=AS_SERVICE) as connection:
        assert connection.execute("SELECT count(*), count(epoch) FROM feed_epoch").fetchone() == (1, 1)
