"""The two databases: named by the environment, or on the embedded server."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.place import REPOSITORY, ServerTrouble
from deploy.embedded.postgres import EmbeddedServer
from deploy.embedded.provision import CATALOG, MATCHING, drop_databases, provision
from shared.db.migrate import upgrade


@dataclass(frozen=True)
class Databases:
    """Where each service's data is: as its application sees it, and as its owner."""

    catalog: str
    catalog_owner: str
    matching: str
    matching_owner: str
    server: EmbeddedServer | None = None

    def migrate(self) -> None:
        """Bring both to the newest version."""
        upgrade(REPOSITORY / "services" / "catalog" / "migrations", self.catalog_owner)
        upgrade(REPOSITORY / "services" / "matching" / "migrations", self.matching_owner)


def named_databases(environment: Mapping[str, str]) -> Databases | None:
    """What CATALOG_DATABASE_URL and MATCHING_DATABASE_URL name; None when neither is set."""
    catalog, matching = environment.get("CATALOG_DATABASE_URL"), environment.get("MATCHING_DATABASE_URL")
    if not catalog and not matching:
        return None
    if not catalog or not matching:
        raise ServerTrouble("CATALOG_DATABASE_URL 与 MATCHING_DATABASE_URL 须同时设置，或都不设置。")
    return Databases(
        catalog=catalog,
        catalog_owner=environment.get("CATALOG_OWNER_DATABASE_URL") or catalog,
        matching=matching,
        matching_owner=environment.get("MATCHING_OWNER_DATABASE_URL") or matching,
    )


def embedded_databases(server: EmbeddedServer) -> Databases:
    """Both databases of a running embedded server."""
    return Databases(
        catalog=server.url("catalog_app", CATALOG),
        catalog_owner=server.url("catalog_owner", CATALOG),
        matching=server.url("matching_app", MATCHING),
        matching_owner=server.url("matching_owner", MATCHING),
        server=server,
    )


@contextmanager
def open_databases(data_dir: Path, *, fresh: bool, say: Callable[[str], None]) -> Iterator[Databases]:
    """Both databases, provisioned and migrated; `fresh` empties them, but never those that the environment names."""
    named = named_databases(os.environ)
    if named is not None:
        if fresh:
            say("说明：数据库由环境变量指定，不会清空，在现有数据上继续。")
        named.migrate()
        yield named
        return
    (data_dir / "logs").mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        # the server's user must be able to pass through; keys and logs are in closed folders of their own
        data_dir.chmod(data_dir.stat().st_mode | 0o011)
    with EmbeddedServer(data_dir / "postgres", log=data_dir / "logs" / "postgres.log", say=say) as server:
        if fresh:
            drop_databases(server)
        provision(server)
        databases = embedded_databases(server)
        databases.migrate()
        yield databases
