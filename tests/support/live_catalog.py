"""A real catalog server whose outbox tells of a world: what matching follows in tests."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from services.catalog.app import create_app
from services.catalog.feed import service as feed
from services.catalog.feed.epochs import begin_epoch
from services.catalog.settings import CatalogSettings
from shared.contracts.v1 import Entity
from shared.db.database import Database
from tests.conftest import Signing, serving


@dataclass(frozen=True)
class LiveCatalog:
    """The catalog's database, and how to serve it."""

    url: str
    jwks_file: Path
    database: Database

    def tell(self, entities: Iterable[Entity]) -> None:
        """Write entities to the outbox, as every use case of the catalog does."""
        with self.database.session() as session:
            feed.take_turn(session)
            feed.record(session, entities)
            session.commit()

    def restore(self, epoch: UUID) -> None:
        """What an operator does after restoring a dump."""
        with self.database.session() as session:
            begin_epoch(session, epoch)

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve it while the context lasts; the base URL."""
        settings = CatalogSettings.model_validate(
            {"CATALOG_DATABASE_URL": self.url, "XIESHOU_JWKS_FILE": self.jwks_file}
        )
        with serving(create_app(settings)) as base_url:
            yield base_url


@contextmanager
def live_catalog(url: str, signing: Signing) -> Iterator[LiveCatalog]:
    """The catalog at a database URL."""
    database = Database(url, pool_size=3)
    yield LiveCatalog(url, signing.jwks_file, database)
    database.dispose()
