"""A spreadsheet on its way into the catalog: a small one in one call, a large one step by step, as jobs of a worker.

Nothing here waits for an answer longer than the client does: a step of a large file is asked for, then followed.
"""

import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import stamina

from shared.http.client import ApiClient, ApiProblem

#: Bytes from which on a file goes step by step: the catalog gives these to a worker.
LARGE = 2**20
POLL_SECONDS = 0.5
_IMPORTS = "/catalog/v1/imports"
_BY_A_WORKER = {"Prefer": "respond-async"}

Report = dict[str, Any]
Tell = Callable[[str], None]


class NotImported(Exception):
    """A step of an import came to nothing; the message says why in Chinese."""


def _passing(error: Exception) -> bool:
    """Whether a failure passes by itself: a process was killed and is being started again."""
    return isinstance(error, httpx.TransportError) or (isinstance(error, ApiProblem) and error.status == 503)


patiently = stamina.retry(on=_passing, attempts=None, timeout=60, wait_max=1.0)
"""For calls that may be repeated."""


def send(client: ApiClient, path: Path, mapping: bytes | None, tell: Tell) -> Report:
    """Import the rows of a file that nothing speaks against; the report. `mapping` is a mapping file (TOML).

    Raises NotImported for a mapping that is none and where a worker could not take a step, ApiProblem where the
    catalog refuses.
    """
    content = path.read_bytes()
    if len(content) < LARGE:
        return _at_once(client, path.name, content, mapping)
    told = _read(mapping) if mapping is not None else None
    id = _uploaded(client, path.name, content)["id"]
    if told is not None:
        _mapped(client, id, told)
    _follow(client, id, "preview", "previewed", None, tell)
    return _follow(client, id, "apply", "applied", {"mode": "valid_rows"}, tell)


@patiently
def _at_once(client: ApiClient, name: str, content: bytes, mapping: bytes | None) -> Report:
    """May be repeated: the same file twice changes nothing."""
    parts = {"file": (name, content)}
    if mapping is not None:
        parts["mapping"] = ("mapping.toml", mapping)
    report: Report = client.post(_IMPORTS, files=parts, data={"mode": "valid_rows"})
    return report


@patiently
def _uploaded(client: ApiClient, name: str, content: bytes) -> Report:
    """May be repeated: what nobody previews is not imported."""
    draft: Report = client.post(f"{_IMPORTS}/uploads", files={"file": (name, content)})
    return draft


@patiently
def _mapped(client: ApiClient, id: str, mapping: dict[str, Any]) -> None:
    client.put(f"{_IMPORTS}/{id}/mapping", json=mapping)


def _read(mapping: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(mapping.decode("utf-8-sig"))
    except ValueError as error:
        raise NotImported(f"映射文件不是 UTF-8 的 TOML：{error}") from error


def _follow(client: ApiClient, id: str, step: str, wanted: str, asked: Any, tell: Tell) -> Report:
    """Ask for a step until it is taken or cannot be, and tell how far it is."""
    report = _now(client, id)
    while report["state"] != wanted:
        job = report["job"]
        if job is None:
            report = _ask(client, id, step, asked)
        elif job["state"] == "failed":
            raise NotImported(f"{report['filename']}：{job['problem']['title']}。{job['problem']['detail']}")
        else:
            tell(_said(report["progress"]))
            time.sleep(POLL_SECONDS)
            report = _now(client, id)
    return report


@patiently
def _ask(client: ApiClient, id: str, step: str, asked: Any) -> Report:
    """May be repeated: where the answer was lost the step goes on, and the record tells of it."""
    try:
        report: Report = client.post(f"{_IMPORTS}/{id}/{step}", json=asked, headers=_BY_A_WORKER)
    except ApiProblem as problem:
        if problem.type != "/problems/import-running":
            raise
        time.sleep(POLL_SECONDS)
        return _now(client, id)
    return report


@patiently
def _now(client: ApiClient, id: str) -> Report:
    report: Report = client.get(f"{_IMPORTS}/{id}")
    return report


def _said(progress: dict[str, Any] | None) -> str:
    if progress is None:
        return "排队"
    return f"{progress['doing']} {progress['done']:,}/{progress['of']:,} 行" if progress["of"] else progress["doing"]
