"""The demo's way through the system, as a user of the HTTP API would go it: import, verify, match, approve."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid4

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from deploy.demo.figures import Step
from deploy.demo.inputs import Inputs
from deploy.demo.sending import patiently, send
from shared.http.client import ApiClient

BEST = 10
POLL_SECONDS = 0.2
LINES_MODE = {
    "basis": "lines",
    "scope": "province",
    "supplier_cap": 1,
    "minimum_share": 0,
    "require_verified": False,
    "limit_capacity": False,
}


class DemoFailed(Exception):
    """The demo cannot go on; the message says why in Chinese."""


@dataclass
class Journey:
    """What was done so far: the imports' reports, the run, and the seconds of each step."""

    client: ApiClient
    console: Console
    imports: list[dict[str, Any]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    run: dict[str, Any] = field(default_factory=dict)
    in_lines: bool = False
    name: str = field(default_factory=lambda: f"demo-{uuid4()}")

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time one step of the way."""
        start = time.monotonic()
        yield
        self.steps.append(Step(name, time.monotonic() - start))

    def go(self, inputs: Inputs) -> None:
        """The whole way. Raises DemoFailed where the input carries nothing, NotImported, ApiProblem and
        transport errors where a service refuses, cannot, or does not answer.
        """
        with self.step("导入"):
            self._import(inputs)
        self.in_lines = not self._has_spend()
        if not self.in_lines:
            with self.step("核验"):
                self._verify()
        with self.step("匹配"):
            self._match()
        with self.step("批准"):
            self._approve()

    def _import(self, inputs: Inputs) -> None:
        titles = [item["title"] for item in self.client.get("/catalog/v1/templates")]
        files = sorted(inputs.files, key=lambda path: (_rank(path.stem, titles), path.name))
        mapping = inputs.mapping.read_bytes() if inputs.mapping else None
        with _bars(self.console) as bars:
            task = bars.add_task("导入", total=len(files))
            for path in files:
                described = partial(_describe, bars, task, path.name)
                described("")
                self.imports.append(send(self.client, path, mapping, described))
                bars.advance(task)
            bars.update(task, description="导入")

    def _has_spend(self) -> bool:
        needs = list(self.client.pages("/catalog/v1/needs", limit=500))
        if not needs:
            raise DemoFailed("没有读入任何配套需求，无法匹配。请查看上面列出的问题。")
        return any(need["annual_quantity"] and need["unit_price"] for need in needs)

    @patiently
    def _verify(self) -> None:
        answer = self.client.post("/catalog/v1/enterprises/verification", json={"all_submitted": True})
        self.console.print(f"核验通过 {answer['verified']} 家企业，未通过 {len(answer['refused'])} 家。")

    def _match(self) -> None:
        policy = LINES_MODE if self.in_lines else {}
        run = self._start_run(policy)
        with self.console.status("匹配") as status:
            while run["status"] not in ("succeeded", "failed"):
                time.sleep(POLL_SECONDS)
                run = self._read(f"/matching/v1/runs/{run['id']}")
                status.update(f"匹配：{run.get('progress') or '排队'}")
        if run["status"] == "failed":
            raise DemoFailed(f"匹配任务失败：{run['progress']}")
        self.run = run

    @patiently
    def _start_run(self, policy: dict[str, Any]) -> dict[str, Any]:
        run: dict[str, Any] = self.client.post(
            "/matching/v1/runs", json={"policy": policy}, headers={"Idempotency-Key": self.name}
        )
        return run

    @patiently
    def _read(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(path)
        return found

    def _approve(self) -> None:
        page = self.client.get("/matching/v1/suggestions", run=self.run["id"], order="best", limit=BEST)
        for item in page["items"]:
            self._approve_one(f"/matching/v1/suggestions/{item['id']}")

    @patiently
    def _approve_one(self, path: str) -> None:
        """Approve a suggestion unless an answer that was lost on the way has done so already."""
        item = self.client.get(path)
        if item["state"] == "proposed":
            headers = {"If-Match": f'"{item["version"]}"'}
            self.client.post(f"{path}/approval", json={"reason": "演示：得分与金额居前"}, headers=headers)


def _rank(stem: str, titles: list[str]) -> int:
    """Where a file stands in the order of import: by its template; a file of another name comes first.

    采购台账-02 is the second part of a long ledger.
    """
    title = re.sub(r"-\d+$", "", stem)
    return titles.index(title) if title in titles else -1


def _describe(bars: Progress, task: TaskID, file: str, said: str) -> None:
    bars.update(task, description=f"导入 {file}：{said}" if said else f"导入 {file}")


def _bars(console: Console) -> Progress:
    columns: tuple[Any, ...] = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=console)
