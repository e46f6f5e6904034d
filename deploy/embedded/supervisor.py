"""Keeps the stack's processes running: what dies is started again, with a note."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from deploy.embedded.place import REPOSITORY, ServerTrouble
from deploy.embedded.postgres import EmbeddedServer

TICK = 0.2
PATIENCE = 15.0


@dataclass
class Child:
    """A Python module to keep running, as a process that dies with this one."""

    title: str
    module: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    descriptors: Sequence[int] = ()
    deaths: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    not_before: float = 0.0

    def start(self) -> None:
        """Start it, in a session of its own: a ctrl-C at the terminal is for us to pass on."""
        command = [sys.executable, "-m", "deploy.embedded.child", str(os.getpid()), self.module]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, *self.arguments],
                cwd=REPOSITORY,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=list(self.descriptors),
                start_new_session=True,
            )

    def note_death(self) -> str | None:
        """What to tell when it has just died; it may start again after a pause that grows."""
        if self.process is None or self.process.poll() is None:
            return None
        code, self.process = self.process.returncode, None
        self.deaths += 1
        self.not_before = time.monotonic() + min(0.2 * self.deaths, 5.0)
        reason = signal.Signals(-code).name if code < 0 else f"退出码 {code}"
        return f"说明：{self.title}意外结束（{reason}），正在重新启动；日志：{self.log}"

    def stop(self) -> None:
        """End it: politely, and after a while by force."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Supervisor:
    """Starts the children in a thread of its own, and ends them in it.

    One thread for all of that, because the kernel's "parent died" is sent when the *thread* ends that started a child.
    """

    def __init__(self, children: Sequence[Child], server: EmbeddedServer | None, say: Callable[[str], None]) -> None:
        self.children = list(children)
        self._server = server
        self._server_pid = server.pid if server is not None else None
        self._say = say
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="supervisor")

    def __enter__(self) -> Self:
        """Start everything."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End everything, and wait for it."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(TICK):
            if self._server is not None:
                self._look_after(self._server)
            for child in self.children:
                self._look_after_child(child)
        # the worker first: its long poll would keep the web process from ending
        for child in reversed(self.children):
            child.stop()

    def _look_after_child(self, child: Child) -> None:
        if (note := child.note_death()) is not None:
            self._say(note)
        if child.process is None and time.monotonic() >= child.not_before:
            child.start()

    def _look_after(self, server: EmbeddedServer) -> None:
        """PostgreSQL is restarted by its keeper, the keeper by us."""
        if not server.has_keeper():
            try:
                server.ensure()
            except ServerTrouble as trouble:
                self._say(str(trouble))
        pid = server.pid
        if pid is not None and pid != self._server_pid:
            self._say("说明：PostgreSQL 意外结束，已重新启动。")
            self._server_pid = pid
