"""Real web processes of the catalog, to be killed in the middle of a step."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from shared.http.client import ApiClient
from shared.security.actor import Role
from tests.conftest import Signing
from tests.support.waiting import wait_for

REPOSITORY = Path(__file__).resolve().parents[3]


@dataclass
class Web:
    """Web processes of the catalog over one database."""

    environment: dict[str, str]
    token: str
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
    base: str = ""
    clients: ExitStack = field(default_factory=ExitStack)

    def start(self) -> subprocess.Popen[bytes]:
        """Start one on a free port, and wait until it answers."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        command = [sys.executable, "-m", "services.catalog", "serve", "--port", str(port)]
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(
            command, cwd=REPOSITORY, env={**os.environ, **self.environment}, stdout=quiet, stderr=quiet
        )
        self.started.append(process)
        self.base = f"http://127.0.0.1:{port}"
        wait_for(self._answers, "the web server's start")
        return process

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start a worker beside them."""
        command, quiet = [sys.executable, "-m", "services.catalog", "worker"], subprocess.DEVNULL
        process = subprocess.Popen(
            command, cwd=REPOSITORY, env={**os.environ, **self.environment}, stdout=quiet, stderr=quiet
        )
        self.started.append(process)
        return process

    def api(self) -> ApiClient:
        """A reviewer's client of the latest one."""
        return self.clients.enter_context(ApiClient(self.base, self.token))

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.base}/catalog/health", trust_env=False).is_success
        except httpx.TransportError:
            return False

    def end(self) -> None:
        """Close the clients and kill what is left."""
        self.clients.close()
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait()


@pytest.fixture
def web(catalog_database_url: str, signing: Signing) -> Iterator[Web]:
    """A way to start web servers of a fresh catalog."""
    environment = {"CATALOG_DATABASE_URL": catalog_database_url, "XIESHOU_JWKS_FILE": str(signing.jwks_file)}
    made = Web(environment, signing.token(Role.REVIEWER))
    yield made
    made.end()
