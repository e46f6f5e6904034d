"""Children die with their parent, and are started again when they die before it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from deploy.embedded.supervisor import Child, Supervisor
from tests.conftest import REPOSITORY
from tests.support.waiting import running_pid

PARENT = """
import os, subprocess, sys, time
subprocess.Popen([sys.executable, "-m", "deploy.embedded.child", str(os.getpid()), "http.server", "0"])
print("started", flush=True)
time.sleep(600)
"""
SERVER = ["0", "--bind", "127.0.0.1"]


def test_a_child_dies_with_its_killed_parent() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"started\n"
    time.sleep(1)
    parent.kill()
    # the child has our pipe too: its end comes when both are gone
    parent.stdout.read()
    parent.communicate()


def test_a_killed_child_is_started_again_with_a_note(tmp_path: Path) -> None:
    said: list[str] = []
    child = Child("测试进程", "http.server", SERVER, dict(os.environ), tmp_path / "日 志.log")
    with Supervisor([child], None, said.append):
        first = running_pid(child)
        os.kill(first, signal.SIGKILL)
        running_pid(child, other_than=first)
        running = child.process
    assert len(said) == 1
    assert "测试进程意外结束（SIGKILL），正在重新启动" in said[0]
    assert running is not None
    assert running.poll() is not None, "it outlived its supervisor"


def test_a_child_that_never_comes_up_is_not_started_in_a_frenzy(tmp_path: Path) -> None:
    said: list[str] = []
    child = Child("测试进程", "no.such.module", [], dict(os.environ), tmp_path / "log")
    with Supervisor([child], None, said.append):
        time.sleep(3)
    assert 1 <= child.deaths <= 8
    assert "No module named" in (tmp_path / "log").read_text("utf-8")
