"""What every test may ask for: a real PostgreSQL, fresh databases, signed tokens, a real HTTP server.

The server is of this test session alone, in a folder of its own that is removed at the end, so that two sessions at a
time do not meet. Migrations run once; each test that asks for a database gets a copy of the migrated one.
"""

import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import hypothesis
import psycopg
import pytest
import structlog
import uvicorn
from psycopg import sql
from starlette.types import ASGIApp

from deploy.embedded import locks, provision
from deploy.embedded.postgres import EmbeddedServer
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.security.actor import Actor, Role
from shared.security.tokens import TokenVerifier, new_signing_key, public_jwks, sign_token

REPOSITORY = Path(__file__).resolve().parents[1]

# how long an example takes says more of the machine than of the subject
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

# servers in threads log all the time: pytest shows it with the test that fails, and not otherwise
structlog.configure(logger_factory=structlog.stdlib.LoggerFactory())


@dataclass(frozen=True)
class Clone:
    """A database of one test: the application's URL and the owner's."""

    app: str
    owner: str


@dataclass(frozen=True)
class Signing:
    """A key pair of this session, and tokens signed with it."""

    private_key: str
    key_file: Path
    jwks_file: Path
    verifier: TokenVerifier

    def token(
        self,
        role: Role,
        enterprise_id: UUID | None = None,
        cluster_ids: frozenset[UUID] = frozenset(),
        *,
        subject: str = "test",
        lifetime: timedelta = timedelta(hours=1),
    ) -> str:
        """A token for an actor."""
        actor = Actor(subject, role, enterprise_id, cluster_ids)
        return sign_token(self.private_key, actor, lifetime, datetime.now(UTC))


def _is_used(folder: Path) -> bool:
    """Whether a server runs on the folder, or on one inside it."""
    return any(locks.is_held(lock) for level in ("", "*/", "*/*/") for lock in folder.glob(f"{level}keeper.lock"))


@pytest.fixture(scope="session")
def scratch() -> Path:
    """The folder for data of tests; what killed sessions left there is removed (older than two hours, not used).

    It is in the clone and not in pytest's temporary folder: that one is closed to the user that the server runs as.
    """
    parent = REPOSITORY / ".xieshou"
    parent.mkdir(exist_ok=True)
    for folder in parent.glob("test-*"):
        if folder.stat().st_mtime < time.time() - 7200 and not _is_used(folder):
            shutil.rmtree(folder)
    return parent


@pytest.fixture(scope="session")
def new_data_folder(scratch: Path) -> Iterator[Callable[[], Path]]:
    """A function that makes a data folder for a stack or a server; each is removed at the end.

    Their paths have a space, quotes and Chinese characters.
    """
    made: list[Path] = []

    def make() -> Path:
        above = Path(tempfile.mkdtemp(prefix="test-", dir=scratch))
        above.chmod(0o711)
        made.append(above)
        return above / "数 据'\"库"

    yield make
    for above in made:
        shutil.rmtree(above)


@pytest.fixture(scope="session")
def embedded_server(scratch: Path) -> Iterator[EmbeddedServer]:
    """A server of this session, with both databases provisioned and migrated; tests copy them."""
    server = EmbeddedServer(Path(tempfile.mkdtemp(prefix="test-", dir=scratch)), durable=False)
    with server:
        provision.provision(server)
        for service, database in (("catalog", provision.CATALOG), ("matching", provision.MATCHING)):
            upgrade(REPOSITORY / "services" / service / "migrations", server.url(f"{service}_owner", database))
        yield server
    server.erase()


@contextmanager
def clone(server: EmbeddedServer, service: str, template: str | None = None) -> Iterator[Clone]:
    """A copy of a service's migrated database, with the rights that a copy does not take along.

    `template` names another database to copy, to which nobody may be connected meanwhile.
    """
    name, template = f"test_{service}_{uuid4().hex[:12]}", template or f"xieshou_{service}"
    names = {
        "name": sql.Identifier(name),
        "template": sql.Identifier(template),
        "owner": sql.Identifier(f"{service}_owner"),
        "app": sql.Identifier(f"{service}_app"),
    }
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template} OWNER {owner}").format(**names))
        admin.execute(sql.SQL("REVOKE ALL ON DATABASE {name} FROM PUBLIC").format(**names))
        admin.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {app}").format(**names))
        yield Clone(server.url(f"{service}_app", name), server.url(f"{service}_owner", name))
        admin.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**names))


@pytest.fixture
def catalog_clone(embedded_server: EmbeddedServer) -> Iterator[Clone]:
    """A fresh catalog database."""
    with clone(embedded_server, "catalog") as made:
        yield made


@pytest.fixture
def matching_clone(embedded_server: EmbeddedServer) -> Iterator[Clone]:
    """A fresh matching database."""
    with clone(embedded_server, "matching") as made:
        yield made


@pytest.fixture
def catalog_database_url(catalog_clone: Clone) -> str:
    """The URL of a fresh catalog database for the application's role."""
    return catalog_clone.app


@pytest.fixture
def catalog_owner_url(catalog_clone: Clone) -> str:
    """The URL of the same database for the role that migrates."""
    return catalog_clone.owner


@pytest.fixture
def matching_database_url(matching_clone: Clone) -> str:
    """The URL of a fresh matching database for the application's role."""
    return matching_clone.app


@pytest.fixture
def matching_owner_url(matching_clone: Clone) -> str:
    """The URL of the same database for the role that migrates."""
    return matching_clone.owner


@pytest.fixture
def catalog_database(catalog_database_url: str) -> Iterator[Database]:
    """A fresh catalog database as the application opens it."""
    database = Database(catalog_database_url, pool_size=10)
    yield database
    database.dispose()


@pytest.fixture
def matching_database(matching_database_url: str) -> Iterator[Database]:
    """A fresh matching database as the application opens it."""
    database = Database(matching_database_url, pool_size=10)
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def signing(tmp_path_factory: pytest.TempPathFactory) -> Signing:
    """A key pair, its files, and a factory of tokens."""
    folder, private = tmp_path_factory.mktemp("keys"), new_signing_key()
    key_file, jwks_file = folder / "signing.json", folder / "jwks.json"
    key_file.write_text(private, "utf-8")
    jwks_file.write_text(public_jwks(private), "utf-8")
    return Signing(private, key_file, jwks_file, TokenVerifier(jwks_file))


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve `app` by uvicorn on a loopback port in a thread; its lifespan runs."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # asyncio does so only where a socket names its protocol; without it each answer waits 40 ms for an ACK
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        options = uvicorn.Config(app, log_level="warning", ws="none", timeout_graceful_shutdown=2)
        server = uvicorn.Server(options)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.005)
        assert server.started, "the application did not start"
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def live_app() -> Iterator[Callable[[ASGIApp], str]]:
    """A function that serves an ASGI app till the end of the test and returns its base URL."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(serving(app))
