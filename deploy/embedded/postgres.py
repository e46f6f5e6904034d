"""The embedded PostgreSQL as its clients see it: it is there while somebody needs it.

The first client starts a keeper (keeper.py), which starts the server; further clients share it. A client that dies,
however it dies, is one client less.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psycopg

from deploy.embedded import locks
from deploy.embedded.keeper import Order
from deploy.embedded.place import REPOSITORY, Place, ServerTrouble, choose, somebody_elses

PATIENCE = 90.0


def say_on_stderr(line: str) -> None:
    """Tell the person at the terminal."""
    print(line, file=sys.stderr, flush=True)


class EmbeddedServer:
    """A client of the server whose files are in `folder`; use it as a context manager.

    `durable=False` is for tests: it waits for no disk.
    """

    def __init__(
        self,
        folder: Path,
        *,
        log: Path | None = None,
        durable: bool = True,
        say: Callable[[str], None] = say_on_stderr,
    ) -> None:
        self.place: Place = choose(folder)
        self._log = log or self.place.area / "postgres.log"
        self._durable = durable
        self._client: int | None = None
        if self.place.moved_from is not None:
            private = self.place.area.parent
            say(f"说明：当前以 root 运行，而 nobody 进不了 {folder}，数据库的程序与数据改放在 {private}。")

    def __enter__(self) -> Self:
        """Become a client and wait till the server answers."""
        self._client = self._hold()
        try:
            self.ensure()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Be a client no longer; the keeper stops the server a second after the last one."""
        if self._client is not None:
            os.close(self._client)
            self._client = None

    def _hold(self) -> int:
        try:
            return locks.hold_shared(self.place.area / "clients.lock")
        except PermissionError as error:
            raise somebody_elses(self.place.area) from error

    def url(self, role: str, database: str) -> str:
        """The URL of a database for a role: "catalog_app", "catalog_owner", … or "postgres", the superuser."""
        return f"postgresql://{role}:{self.passwords[role]}@/{database}?host={quote(self.socket_folder, safe='')}"

    @property
    def passwords(self) -> dict[str, str]:
        """The roles' passwords, made together with the cluster."""
        text = (self.place.area / "cluster" / "passwords.json").read_text("utf-8")
        return {str(role): str(password) for role, password in json.loads(text).items()}

    @property
    def socket_folder(self) -> str:
        """The folder of the server's socket."""
        return (self.place.area / "socket").read_text("utf-8")

    @property
    def pid(self) -> int | None:
        """The process id of the running server; another one than before means that it was restarted."""
        try:
            lines = (self.place.data / "postmaster.pid").read_text("utf-8").splitlines()
        except FileNotFoundError:
            return None
        return int(lines[0]) if lines else None

    @property
    def keeper_pid(self) -> int | None:
        """The process id of the last keeper; none while a new one has not written its own down."""
        written = (self.place.area / "keeper.lock").read_text("utf-8")
        return int(written) if written else None

    def has_keeper(self) -> bool:
        """Whether somebody looks after the server."""
        return locks.is_held(self.place.area / "keeper.lock")

    def ensure(self) -> None:
        """Return when the server answers; start a keeper if there is none."""
        deadline, launches = time.monotonic() + PATIENCE, 0
        while not self._answers():
            if not self.has_keeper():
                launches += 1
                self._start_keeper()
            if launches > 3 or time.monotonic() > deadline:
                raise ServerTrouble(f"内嵌数据库无法启动，日志 {self._log} 的末尾是：\n{self._log_tail()}")
            time.sleep(0.05)

    def erase(self) -> None:
        """Wait till the server has stopped, and remove it with its data; every client must have left."""
        lock = locks.open_lock(self.place.area / "server.lock")
        gone = locks.wait_exclusive(lock, PATIENCE)
        os.close(lock)
        if not gone:
            raise ServerTrouble(f"内嵌数据库仍在使用，没有删除 {self.place.area}。")
        while self.has_keeper():
            time.sleep(0.02)
        shutil.rmtree(self.place.area)
        if self.place.moved_from is not None:
            self.place.moved_from.rmdir()

    def _answers(self) -> bool:
        """Whether the superuser can connect."""
        try:
            psycopg.connect(self.url("postgres", "postgres"), connect_timeout=5).close()
        except (FileNotFoundError, psycopg.OperationalError):
            return False
        return True

    def _start_keeper(self) -> None:
        """Start the keeper in a session of its own; returns as soon as it has detached itself."""
        place = self.place
        order = Order(str(place.area), str(place.binaries), str(self._log), place.uid, place.gid, self._durable)
        with self._log.open("ab") as log:
            subprocess.run(
                [sys.executable, "-m", "deploy.embedded.keeper", order.to_json()],
                cwd=REPOSITORY,
                check=True,
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _log_tail(self) -> str:
        lines = self._log.read_text("utf-8", "replace").splitlines() if self._log.exists() else []
        return "\n".join(lines[-12:])
