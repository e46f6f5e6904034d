"""The whole stack: one port, tokens that both services accept, and every process of it killed with -9."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from deploy.embedded.place import ServerTrouble
from deploy.embedded.postgres import EmbeddedServer
from deploy.embedded.stack import Stack, running_stack
from shared.http.client import ApiClient
from shared.security.actor import Role
from tests.support.waiting import running_pid, wait_for

SAID: list[str] = []


@pytest.fixture(scope="module")
def data_dir(new_data_folder: Callable[[], Path]) -> Iterator[Path]:
    folder = new_data_folder()
    yield folder
    EmbeddedServer(folder / "postgres", say=SAID.append).erase()


@pytest.fixture(scope="module")
def stack(data_dir: Path) -> Iterator[Stack]:
    with pytest.MonkeyPatch.context() as environment:
        for name in ("CATALOG_DATABASE_URL", "MATCHING_DATABASE_URL"):
            environment.delenv(name, raising=False)
        with running_stack(data_dir, say=SAID.append) as running:
            yield running


def test_one_port_serves_portal_and_both_services(stack: Stack) -> None:
    assert stack.base_url.startswith("http://127.0.0.1:")
    with httpx.Client(base_url=stack.base_url, trust_env=False) as http:
        page = http.get("/", follow_redirects=True)
        assert page.headers["content-type"].startswith("text/html")
        assert "携手" in page.text
        assert http.get("/catalog/openapi.json").json()["paths"]
        assert http.get("/matching/openapi.json").json()["paths"]
        for nowhere in ("/catalogue", "/catalog/nowhere", "/matching/nowhere", "/x"):
            assert http.get(nowhere).json()["type"] == "/problems/not-found"


def test_tokens_and_the_feed_between_the_services(stack: Stack) -> None:
    with ApiClient(stack.base_url, stack.reviewer_token()) as client:
        assert client.get("/catalog/v1/enterprises")["items"] == []
        assert isinstance(client.get("/matching/v1/mirror"), dict)
    with ApiClient(stack.base_url, stack.token(Role.SERVICE)) as client:
        assert client.get("/catalog/v1/feed", after=None, limit=10)


def test_secrets_are_for_their_owner_alone(stack: Stack) -> None:
    for path in (stack.keys.signing, stack.keys.feed_token):
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_second_stack_on_the_same_folder_is_told(stack: Stack, data_dir: Path) -> None:
    assert stack.base_url
    with pytest.raises(ServerTrouble, match="已有一套服务在运行"), running_stack(data_dir):
        pass


def test_a_port_that_is_taken_is_told(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOG_DATABASE_URL", stack.databases.catalog_owner)
    monkeypatch.setenv("MATCHING_DATABASE_URL", stack.databases.matching_owner)
    port = int(stack.base_url.rsplit(":", 1)[1])
    with pytest.raises(ServerTrouble, match=f"端口 {port} 不能使用"), running_stack(tmp_path, port):
        pass


@pytest.mark.parametrize("index", [0, 1], ids=["web", "worker"])
def test_a_killed_process_comes_back(stack: Stack, index: int) -> None:
    child = stack.supervisor.children[index]
    before = running_pid(child)
    SAID.clear()
    os.kill(before, signal.SIGKILL)
    running_pid(child, other_than=before)
    stack.wait_until_healthy()
    assert any(child.title in line and "SIGKILL" in line for line in SAID)


def test_a_call_during_the_restart_waits_and_succeeds(stack: Stack) -> None:
    with ApiClient(stack.base_url, stack.reviewer_token()) as client:
        os.kill(running_pid(stack.supervisor.children[0]), signal.SIGKILL)
        assert client.get("/catalog/v1/enterprises")["items"] == []


def test_killed_postgres_comes_back(stack: Stack) -> None:
    server = stack.databases.server
    assert server is not None
    before = server.pid
    assert before is not None
    SAID.clear()
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: any("PostgreSQL 意外结束，已重新启动" in line for line in SAID), "the note")
    stack.wait_until_healthy()


def test_a_killed_keeper_comes_back(stack: Stack) -> None:
    server = stack.databases.server
    assert server is not None
    before = server.keeper_pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: server.has_keeper() and server.keeper_pid not in (None, before), "a new keeper")
    stack.wait_until_healthy()
