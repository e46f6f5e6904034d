"""Real processes of the matching service, to be killed: workers and web servers over a real catalog."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from deploy.embedded.postgres import EmbeddedServer
from services.matching.runs.models import RunRecord
from shared.db.database import Database
from shared.security.actor import Role
from tests.conftest import Signing, clone
from tests.support.feed_world import World
from tests.support.live_catalog import LiveCatalog, live_catalog
from tests.support.matching_runs import mirror_world, run

REPOSITORY = Path(__file__).resolve().parents[3]


@dataclass
class Processes:
    """Starts processes of the service and ends those that are left."""

    environment: dict[str, str]
    log: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str, module: str = "services.matching") -> subprocess.Popen[bytes]:
        """Start `python -m services.matching …` (or another module); what it says on stderr goes to the log."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=REPOSITORY,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
            )
        self.started.append(process)
        return process

    def worker(self) -> subprocess.Popen[bytes]:
        """Start a worker."""
        return self.start("worker")

    def web(self) -> tuple[subprocess.Popen[bytes], str]:
        """Start a web server on a free port; the process and its base URL."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        return self.start("serve", "--port", str(port)), f"http://127.0.0.1:{port}"

    def said(self) -> list[str]:
        """The lines of the log."""
        return self.log.read_text("utf-8").splitlines()

    def end(self) -> None:
        """Kill what is left."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait()


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill -9, and wait until it is gone."""
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def is_up(url: str) -> bool:
    """Whether a web server answers."""
    try:
        return httpx.get(f"{url}/matching/health", trust_env=False).is_success
    except httpx.TransportError:
        return False


def parents() -> dict[int, int]:
    """Every living process with its parent."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":
            found[int(folder.name)] = int(parent)
    return found


def children_of(pid: int) -> set[int]:
    """The living children of a process."""
    return {child for child, parent in parents().items() if parent == pid}


@pytest.fixture
def catalog(catalog_database_url: str, signing: Signing) -> Iterator[LiveCatalog]:
    """A catalog that tells of the world."""
    with live_catalog(catalog_database_url, signing) as made:
        made.tell(World().entities())
        yield made


@pytest.fixture
def processes(
    catalog: LiveCatalog, matching_database_url: str, signing: Signing, tmp_path: Path
) -> Iterator[Processes]:
    """A way to start processes of matching beside a catalog that is served."""
    token = tmp_path / "token"
    token.write_text(signing.token(Role.SERVICE), "utf-8")
    with ExitStack() as stack:
        environment = {
            "MATCHING_DATABASE_URL": matching_database_url,
            "XIESHOU_JWKS_FILE": str(signing.jwks_file),
            "CATALOG_URL": stack.enter_context(catalog.serving()),
            "MATCHING_CATALOG_TOKEN_FILE": str(token),
        }
        made = Processes(environment, tmp_path / "log")
        stack.callback(made.end)
        yield made


@pytest.fixture
def database(matching_database: Database) -> Database:
    """Matching's database, as the test looks into it."""
    return matching_database


@pytest.fixture(scope="session")
def undisturbed(embedded_server: EmbeddedServer) -> str:
    """The hash of the plan of a run that nobody disturbs, over the same world."""
    with clone(embedded_server, "matching") as made:
        database = Database(made.app, pool_size=2)
        mirror_world(database)
        run_id = run(database).run.id
        with database.session() as session:
            found = session.get_one(RunRecord, run_id).plan_sha256
        database.dispose()
        return found
