"""The keeper: one detached process per data folder that runs PostgreSQL while it has clients.

A client is whoever holds the shared lock on `clients.lock`; the kernel drops it when the client dies. A second after
the last one the keeper stops the server and ends. The server's processes all inherit one descriptor with the lock on
`server.lock`: while that is held, some process of an earlier server is still alive, and no new one may start.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from deploy.embedded.locks import is_free, open_lock, try_exclusive, wait_exclusive
from shared.processes.lifeline import die_with_parent

LINGER = 1.0
TICK = 0.2
ROLES = ("postgres", "catalog_owner", "catalog_app", "matching_owner", "matching_app")
INITDB_OPTIONS = (
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--lc-collate=C",
    "--lc-ctype=C.UTF-8",
    "--auth=scram-sha-256",
    "--username=postgres",
    "--no-instructions",
)
#: Tests throw their server away: what a power cut would do to it is of no interest.
HASTY = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


class KeeperFailed(Exception):
    """The server does not start; its log says why."""


@dataclass(frozen=True)
class Order:
    """What a client asks of the keeper; travels as JSON on its command line."""

    area: str
    binaries: str
    log: str
    uid: int | None
    gid: int | None
    durable: bool

    def to_json(self) -> str:
        """This order as the keeper's argument."""
        return json.dumps(asdict(self))


class Keeper:
    """Runs the server of one folder until nobody needs it."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._area = Path(order.area)
        self._data = self._area / "cluster" / "data"
        self._stopping = False
        self._quick_deaths = 0

    def run(self, keeper_lock: int) -> None:
        """Start the server, keep it running, stop it after the last client."""
        signal.signal(signal.SIGTERM, self._on_sigterm)
        if not self._data.exists():
            self._initialise()
        sockets = self._socket_folder()
        clients = open_lock(self._area / "clients.lock")
        server = self._keep(sockets, clients)
        self._stop(server)
        shutil.rmtree(sockets)
        # first the keeper's lock, so that a client that waited for the other one starts a keeper of its own
        os.close(keeper_lock)
        os.close(clients)

    def _on_sigterm(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self._stopping = True

    def _keep(self, sockets: Path, clients: int) -> subprocess.Popen[bytes]:
        """Restart the server whenever it dies; return it, alone with its files, when it is time to stop."""
        server, started, idle = self._launch(sockets), time.monotonic(), 0.0
        while not self._stopping:
            time.sleep(TICK)
            if server.poll() is not None:
                self._note_death(server.returncode, time.monotonic() - started)
                server, started = self._launch(sockets), time.monotonic()
            idle = idle + TICK if is_free(clients) else 0.0
            if idle >= LINGER and try_exclusive(clients):
                break
        return server

    def _note_death(self, code: int, age: float) -> None:
        """Write down that the server died; give up when it never stays up."""
        print(f"postgres ended with {code} after {age:.1f} s; starting it again", flush=True)
        self._quick_deaths = self._quick_deaths + 1 if age < 3 else 0
        if self._quick_deaths >= 5:
            raise KeeperFailed("postgres does not stay up")
        time.sleep(0.2 * self._quick_deaths)

    def _initialise(self) -> None:
        """Make the cluster and its passwords in a temporary folder, then rename: it is there whole or not at all."""
        for leftover in self._area.glob("unfinished-*"):
            shutil.rmtree(leftover)
        unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=self._area))
        unfinished.chmod(0o711)
        passwords = {role: secrets.token_urlsafe(24) for role in ROLES}
        self._write_private(unfinished / "passwords.json", json.dumps(passwords))
        data, password_file = unfinished / "data", unfinished / "superuser"
        data.mkdir(mode=0o700)
        self._write_private(password_file, passwords["postgres"])
        self._give(data)
        self._give(password_file)
        haste = [] if self._order.durable else ["--no-sync"]
        where = [f"--pgdata={data}", f"--pwfile={password_file}"]
        subprocess.run(
            [self._program("initdb"), *INITDB_OPTIONS, *haste, *where],
            check=True,
            stdin=subprocess.DEVNULL,
            cwd=data,
            env=self._environment(),
            **self._as_server(),
        )
        password_file.unlink()
        unfinished.rename(self._area / "cluster")

    def _launch(self, sockets: Path) -> subprocess.Popen[bytes]:
        """Start postgres once no process of an earlier one lives."""
        lock = open_lock(self._area / "server.lock")
        if not wait_exclusive(lock, 60):
            raise KeeperFailed("processes of an earlier server do not end")
        # both name a process that is gone; its number may be somebody else's by now, which fools postgres
        for stale in [self._data / "postmaster.pid", *sockets.iterdir()]:
            stale.unlink(missing_ok=True)
        with Path(self._order.log).open("ab") as log:
            server = subprocess.Popen(
                [self._program("postgres"), *self._options(sockets)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._data,
                env=self._environment(),
                pass_fds=[lock],
                preexec_fn=partial(die_with_parent, os.getpid(), signal.SIGINT),
                **self._as_server(),
            )
        os.close(lock)
        return server

    def _options(self, sockets: Path) -> list[str]:
        """postgres' arguments: a private socket, no TCP."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        chosen = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return ["-D", str(self._data), *chosen, *(() if self._order.durable else HASTY)]

    def _stop(self, server: subprocess.Popen[bytes]) -> None:
        """Fast shutdown; an immediate one when that takes too long."""
        server.send_signal(signal.SIGINT)
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.send_signal(signal.SIGQUIT)
            server.wait()

    def _socket_folder(self) -> Path:
        """The folder of the server's socket: short, because a socket's path has about 100 bytes; the same one after
        a keeper's death, because clients know it."""
        note = self._area / "socket"
        if note.exists() and self._is_private(known := Path(note.read_text("utf-8"))):
            return known
        folder = Path(tempfile.mkdtemp(prefix="xieshou-", dir="/tmp"))
        self._give(folder)
        draft = self._area / "socket.new"
        draft.write_text(str(folder), "utf-8")
        draft.rename(note)
        return folder

    def _is_private(self, folder: Path) -> bool:
        """Whether the folder is the server's alone: anybody may make folders in /tmp."""
        try:
            found = folder.lstat()
        except FileNotFoundError:
            return False
        owner = os.geteuid() if self._order.uid is None else self._order.uid
        return not folder.is_symlink() and found.st_uid == owner and found.st_mode & 0o077 == 0

    def _program(self, name: str) -> str:
        return str(Path(self._order.binaries) / name)

    def _give(self, path: Path) -> None:
        """Make the server's user the owner."""
        if self._order.uid is not None and self._order.gid is not None:
            os.chown(path, self._order.uid, self._order.gid)

    def _as_server(self) -> dict[str, Any]:
        """The options of subprocess that make a program run as the server's user."""
        if self._order.uid is None:
            return {}
        return {"user": self._order.uid, "group": self._order.gid, "extra_groups": []}

    @staticmethod
    def _environment() -> dict[str, str]:
        """No locale of the caller's: it may not be installed, and initdb fails on that. No PG… variable either."""
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}

    @staticmethod
    def _write_private(path: Path, text: str) -> None:
        """A file that only its owner reads, from its first byte on."""
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)


def main() -> None:
    """Become the keeper of the folder, unless it has one; the caller goes on as soon as that is settled."""
    order = Order(**json.loads(sys.argv[1]))
    lock = open_lock(Path(order.area) / "keeper.lock")
    if not try_exclusive(lock):
        return
    if os.fork():
        os._exit(0)
    os.chdir("/")
    os.ftruncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())
    with suppress(KeyboardInterrupt):
        Keeper(order).run(lock)


if __name__ == "__main__":
    main()
