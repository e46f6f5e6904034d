"""The province from its spreadsheets to its rates: seed, import over HTTP, feed, run, rate; minutes and memory of each.

The whole stack runs as `make run` runs it, in processes of its own, on a data folder of this bench. What is done is
written down there, file by file, so that an interrupted run goes on where it was (`--fresh` begins anew). Memory is the
peak of the processes of the stack together, without the database's, while the stage lasts. There is no rival: nothing
else does this.
"""

import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.bench.harness import Bench, parser

LARGE = [["--scale", "medium"]]
FOLDER = Path(".xieshou/province")
POLL_SECONDS = 1.0
ASKED = [{"stage": stage, "by": by} for stage in ("actual", "local_now", "suggested") for by in ("cluster", "leader")]


class Journal:
    """What is done, with its figures, in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.done: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8")) if path.exists() else {}

    def once(self, name: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Do something that is not done yet, and write down what it told, with its seconds and its peak of memory."""
        if name not in self.done:
            began = time.perf_counter()
            with watched() as memory:
                told = work()
            self.done[name] = {**told, "seconds": time.perf_counter() - began, "peak_mb": memory[0]}
            self._path.write_text(json.dumps(self.done, ensure_ascii=False, indent=1), "utf-8")
        print(f"  {name}: {_said(self.done[name])}", flush=True)
        return self.done[name]


@contextmanager
def watched() -> Iterator[list[float]]:
    """The most memory that our descendants hold together while the context lasts, in MB, in a list of one."""
    peak, over = [0.0], threading.Event()

    def look() -> None:
        while not over.wait(0.5):
            peak[0] = max(peak[0], held_mb())

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def held_mb() -> float:
    """What the stack's processes hold now (proportional set sizes); the database's are no children of ours."""
    parents = {int(path.name): _parent(path) for path in Path("/proc").glob("[0-9]*")}
    ours = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return sum(_held(pid) for pid in ours - {os.getpid()}) / 1024


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text("utf-8").rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _held(pid: int) -> int:
    """KiB of a process; nothing of one that is gone."""
    try:
        told = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8")
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+)", told, re.MULTILINE)
    return int(found[1]) if found else 0


def seeded(folder: Path, scale: str, seed: int) -> dict[str, Any]:
    """Write the spreadsheets."""
    from services.catalog.seed.province import write_province

    return {"rows": write_province(folder, scale, seed).rows}


def imported(client: Any, path: Path) -> dict[str, Any]:
    """Send one file, and wait until it is written."""
    from deploy.demo.sending import send

    sheets = send(client, path, None, lambda _: None)["sheets"]
    return {name: sum(sheet[name] for sheet in sheets) for name in ("rows", "created", "changed", "refused")}


def mirrored(client: Any) -> dict[str, Any]:
    """Wait until the mirror knows all."""
    before = None
    while True:
        status = client.get("/matching/v1/mirror")
        if before == status["counts"] and not status["rebuilding"] and (status["lag_seconds"] or 99) < 2 * POLL_SECONDS:
            return {"counts": status["counts"], "set_aside": status["set_aside"]}
        before = status["counts"]
        time.sleep(POLL_SECONDS)


def matched(client: Any) -> dict[str, Any]:
    """Ask for a run, and wait for it."""
    run = client.post("/matching/v1/runs", json={"policy": {}})
    while run["status"] not in ("succeeded", "failed"):
        time.sleep(POLL_SECONDS)
        run = client.get(f"/matching/v1/runs/{run['id']}")
    if run["status"] == "failed":
        raise RuntimeError(f"the run failed: {run['progress']}")
    return {"run": run["id"]}


def rated(client: Any) -> dict[str, Any]:
    """Ask for rates, each first and again."""
    first: list[float] = []
    again: list[float] = []
    for question in ASKED:
        for seconds in (first, again):
            began = time.perf_counter()
            client.get("/matching/v1/rates", **question)
            seconds.append(1000 * (time.perf_counter() - began))
    return {"first_ms": max(first), "again_ms": max(again)}


def files(folder: Path) -> list[Path]:
    """The spreadsheets in the order of import."""
    from services.catalog.imports.templates import TEMPLATES

    titles = [template.title for template in TEMPLATES.values()]
    found = [path for path in folder.iterdir() if path.suffix in (".xlsx", ".csv")]
    return sorted(found, key=lambda path: (titles.index(re.sub(r"-\d+$", "", path.stem)), path.name))


def go(place: Path, asked: Any) -> Journal:
    """The whole way; what is done already is passed by."""
    from deploy.embedded.stack import running_stack
    from shared.http.client import ApiClient

    journal = Journal(place / "journal.json")
    folder = asked.folder or place / "input"
    if asked.folder is None:
        journal.once("seed", lambda: seeded(folder, asked.scale, asked.seed))
    with ExitStack() as exits:
        stack = exits.enter_context(running_stack(place / "data"))
        client = exits.enter_context(ApiClient(stack.base_url, stack.reviewer_token()))
        for path in files(folder):
            journal.once(f"import {path.name}", lambda path=path: imported(client, path))  # type: ignore[misc]
        verified = {"all_submitted": True}
        journal.once(
            "verify",
            lambda: {"verified": client.post("/catalog/v1/enterprises/verification", json=verified)["verified"]},
        )
        journal.once("feed", lambda: mirrored(client))
        journal.once("run", lambda: matched(client))
        journal.once("rate", lambda: rated(client))
    return journal


def main() -> None:
    """Go the way, and tell the stages."""
    arguments = parser(__doc__)
    arguments.add_argument("--scale", choices=["small", "medium", "large"], default="medium")
    arguments.add_argument("--folder", type=Path, help="spreadsheets that are there already")
    arguments.add_argument("--place", type=Path, default=FOLDER, help="where the data and the journal are")
    arguments.add_argument("--fresh", action="store_true", help="begin anew")
    asked = arguments.parse_args()
    bench = Bench("province", asked)
    place = asked.place / asked.scale
    if asked.fresh:
        erase(place)
    place.mkdir(parents=True, exist_ok=True)
    done = go(place, asked).done
    for stage in ("seed", "import", "verify", "feed", "run", "rate"):
        steps = [told for name, told in done.items() if name.split()[0] == stage]
        if steps:
            minutes, peak = sum(told["seconds"] for told in steps) / 60, max(told["peak_mb"] for told in steps)
            rows = sum(told["rows"] for told in steps) if stage == "import" else 0
            note = f"{rows:,} rows; {peak:,.0f} MB at most" if rows else f"{peak:,.0f} MB at most"
            bench.figure(f"the {asked.scale} province: {stage}", minutes, "min", note=note)
    bench.figure(f"the {asked.scale} province: a rate", done["rate"]["again_ms"], "ms", most=200)


def erase(place: Path) -> None:
    """Take the data away."""
    import shutil

    from deploy.embedded.postgres import EmbeddedServer

    EmbeddedServer((place / "data" / "postgres").absolute()).erase()
    shutil.rmtree(place, ignore_errors=True)


def _said(told: dict[str, Any]) -> str:
    figures = {name: value for name, value in told.items() if name not in ("seconds", "peak_mb")}
    return f"{told['seconds']:.1f} s, {told['peak_mb']:,.0f} MB  {json.dumps(figures, ensure_ascii=False)}"


if __name__ == "__main__":
    main()
