"""The embedded server survives kill -9 of its client, its keeper and itself, and outlives no client."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from deploy.embedded import locks
from deploy.embedded.postgres import EmbeddedServer
from tests.support.waiting import wait_for

CLIENT = """
import sys, time
from pathlib import Path
from typing import Any
from deploy.embedded.postgres import EmbeddedServer
with EmbeddedServer(Path(sys.argv[1])) as server:
    print(server.pid, flush=True)
    time.sleep(600)
"""


def every_process_ended(server: EmbeddedServer) -> bool:
    """Each process of the server holds this lock."""
    lock = locks.open_lock(server.place.area / "server.lock")
    try:
        return locks.is_free(lock)
    finally:
        os.close(lock)


def remember(server: EmbeddedServer) -> None:
    with psycopg.connect(server.url("postgres", "postgres")) as connection:
        connection.execute("create table remembered as select 42 as answer")


def recall(server: EmbeddedServer) -> object:
    with psycopg.connect(server.url("postgres", "postgres")) as connection:
        row = connection.execute("select answer from remembered").fetchone()
    assert row is not None
    return row[0]


def start_client(folder: Path) -> subprocess.Popen[str]:
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(folder)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert client.stdout is not None
    assert int(client.stdout.readline()) > 0
    return client


def test_server_stops_after_its_last_client_is_killed(server_folder: Path) -> None:
    client = start_client(server_folder)
    server = EmbeddedServer(server_folder)
    sockets = Path(server.socket_folder)
    assert sockets.is_dir()
    assert not every_process_ended(server)

    client.kill()
    client.communicate()

    wait_for(lambda: every_process_ended(server), "the end of its processes")
    wait_for(lambda: not server.has_keeper(), "the end of the keeper")
    assert not sockets.exists()


def test_a_second_client_keeps_the_server_of_the_first(server_folder: Path) -> None:
    client = start_client(server_folder)
    with EmbeddedServer(server_folder) as server:
        pid = server.pid
        client.kill()
        client.communicate()
        time.sleep(2)
        server.ensure()
        assert server.pid == pid


def test_a_killed_keeper_is_replaced_under_the_same_address(server_folder: Path) -> None:
    with EmbeddedServer(server_folder) as server:
        remember(server)
        address = server.url("postgres", "postgres")

        os.kill(server.keeper_pid, signal.SIGKILL)
        wait_for(lambda: not server.has_keeper(), "the end of the keeper")
        wait_for(lambda: every_process_ended(server), "the end of its processes")
        server.ensure()

        assert server.url("postgres", "postgres") == address
        assert recall(server) == 42


def test_a_killed_server_is_restarted_with_its_data(server_folder: Path) -> None:
    with EmbeddedServer(server_folder) as server:
        remember(server)
        before = server.pid
        assert before is not None

        os.kill(before, signal.SIGKILL)

        wait_for(lambda: server.pid not in (None, before), "a new server")
        server.ensure()
        assert recall(server) == 42


def test_the_next_start_recovers_after_everything_was_killed(server_folder: Path) -> None:
    with EmbeddedServer(server_folder) as server:
        remember(server)
        keeper, postmaster = server.keeper_pid, server.pid
        assert postmaster is not None
        os.kill(keeper, signal.SIGSTOP)
        os.kill(postmaster, signal.SIGKILL)
        os.kill(keeper, signal.SIGKILL)
        assert (server.place.data / "postmaster.pid").exists()

    with EmbeddedServer(server_folder) as server:
        assert recall(server) == 42


def test_a_reused_process_id_fools_nobody(server_folder: Path) -> None:
    with EmbeddedServer(server_folder) as server:
        remember(server)
    wait_for(lambda: every_process_ended(server) and not server.has_keeper(), "the end of all")
    place = server.place
    as_server: dict[str, Any] = {} if place.uid is None else {"user": place.uid, "group": place.gid, "extra_groups": []}
    stranger = subprocess.Popen(["sleep", "600"], cwd="/", **as_server)
    try:
        (place.data / "postmaster.pid").write_text(f"{stranger.pid}\n{place.data}\n1\n5432\n/tmp\n\n0 0\n")
        with EmbeddedServer(server_folder) as server:
            assert recall(server) == 42
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_locale_that_is_not_installed_does_not_matter(server_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "xx_XX.UTF-8")
    monkeypatch.setenv("PGHOST", "elsewhere.invalid")
    with EmbeddedServer(server_folder) as server, psycopg.connect(server.url("postgres", "postgres")) as connection:
        # letters beyond ASCII are letters: otherwise pg_trgm finds nothing in Chinese
        assert connection.execute("select '轴承' ~ '^[[:alpha:]]+$', 'É' = upper('é')").fetchone() == (True, True)


def test_nothing_listens_on_tcp_and_no_password_no_entry(server_folder: Path) -> None:
    with EmbeddedServer(server_folder) as server:
        with psycopg.connect(server.url("postgres", "postgres")) as connection:
            assert connection.execute("show listen_addresses").fetchone() == ("",)
        for path in (server.place.area / "cluster" / "passwords.json", Path(server.socket_folder)):
            assert path.stat().st_mode & 0o077 == 0
        nameless = server.url("catalog_app", "postgres").replace(server.passwords["catalog_app"], "guess")
        with pytest.raises(psycopg.OperationalError, match="catalog_app"):
            psycopg.connect(nameless)
