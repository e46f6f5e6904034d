"""Both services on one port over a small world that matching has followed and matched once."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from deploy.embedded.postgres import EmbeddedServer
from deploy.embedded.web import OnePort
from services.catalog.app import create_app as create_catalog
from services.catalog.app import identity_of
from services.catalog.identity import service as identity
from services.catalog.identity.passwords import Passwords
from services.catalog.settings import CatalogSettings
from services.matching.app import create_app as create_matching
from services.matching.mirror.feed import CatalogFeed
from services.matching.mirror.follower import catch_up
from services.matching.settings import MatchingSettings
from shared.db.database import Database
from shared.security.actor import Actor, Role
from shared.security.keys import SigningKey
from shared.security.tokens import sign_token
from tests.conftest import Signing, clone, serving
from tests.support import catalog_world
from tests.support.catalog_world import World
from tests.support.identity_desk import QUICK, encryption_of
from tests.support.matching_runs import execute, request

CSRF = "said by pages under test"


@dataclass(frozen=True)
class Portal:
    """The served system: where it is, its world, its databases, and tokens for it."""

    base: str
    world: World
    catalog: Database
    matching: Database
    signing: Signing
    run_id: UUID

    def token(self, role: Role, enterprise: UUID | None = None, clusters: frozenset[UUID] = frozenset()) -> str:
        """A token as a browser's cookie holds it."""
        actor = Actor(f"browser:{role}", role, enterprise, clusters)
        return sign_token(self.signing.private_key, actor, timedelta(hours=2), datetime.now(UTC), CSRF)

    def token_of(self, who: str) -> str:
        """A token of somebody in the small world: reviewer, auditor, organisation, leader, supplier."""
        firms = self.world.enterprises
        match who:
            case "leader":
                return self.token(Role.CHAIN_LEADER, firms["A"])
            case "supplier":
                return self.token(Role.SUPPLIER, firms["near"])
            case "organisation":
                return self.token(Role.CLUSTER_ORGANISATION, clusters=frozenset({self.world.clusters["ships"]}))
            case _:
                return self.token(Role(who))

    def first_link(self, email: str) -> str:
        """The path of the link by which a first reviewer opens an account."""
        with self.catalog.session() as session:
            return identity.first_account(session, datetime.now(UTC), "", email)


@contextmanager
def open_portal(server: EmbeddedServer, signing: Signing) -> Iterator[Portal]:
    """Serve a portal of its own."""
    with ExitStack() as stack:
        catalog_urls = stack.enter_context(clone(server, "catalog"))
        matching_urls = stack.enter_context(clone(server, "matching"))
        catalog_settings = CatalogSettings.model_construct(database_url=catalog_urls.app, jwks_file=signing.jwks_file)
        means = replace(
            identity_of(catalog_settings),
            signing_key=SigningKey(signing.key_file),
            encryption=encryption_of(signing),
            passwords=Passwords(QUICK),
        )
        settings = {
            "MATCHING_DATABASE_URL": matching_urls.app,
            "XIESHOU_JWKS_FILE": signing.jwks_file,
            "MATCHING_SHOWS_RATES": True,
        }
        catalog = create_catalog(catalog_settings, means)
        matching = create_matching(MatchingSettings.model_validate(settings))
        with catalog.state.database.session() as session:
            world = catalog_world.build(session)
        base = stack.enter_context(serving(OnePort({"catalog": catalog, "matching": matching})))
        database: Database = matching.state.database
        with ThreadPoolExecutor(1) as aside:  # whoever drives a browser has a loop in this thread already
            aside.submit(asyncio.run, _follow(database, base, signing.token(Role.SERVICE))).result()
            run_id = request(database)
            aside.submit(execute, database, run_id).result()
        yield Portal(base, world, catalog.state.database, database, signing, run_id)


async def _follow(database: Database, base: str, token: str) -> None:
    async with CatalogFeed(base, token) as feed:
        await catch_up(database, feed)
