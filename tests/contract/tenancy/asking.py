"""How each route of a document is asked once: with ids of one tenant, its example as body, and a version long past."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI

VERBS = ("get", "post", "put", "patch", "delete")
#: Who may change a row is refused for its version, and so changes nothing.
STALE = '"987654"'

Ids = Callable[[str, str], str]
"""What stands for a parameter of a path: by the path and the parameter's name."""


@dataclass(frozen=True)
class Question:
    """A route, and how it is asked."""

    verb: str
    path: str
    url: str
    sent: Mapping[str, Any]
    reads: bool

    @property
    def key(self) -> tuple[str, str]:
        """What tells it apart in the table."""
        return self.verb.upper(), self.path


def questions(app: FastAPI, ids: Ids, known: Mapping[str, str]) -> Iterator[Question]:
    """Every documented route; in bodies the fields of `known` have these values."""
    document = app.openapi()
    for path, verbs in document["paths"].items():
        for verb in filter(verbs.__contains__, VERBS):
            described = verbs[verb]
            url = path
            for name in re.findall(r"\{(\w+)\}", path):
                url = url.replace(f"{{{name}}}", ids(path, name))
            reads = verb == "get" or bool(described.get("x-reading"))
            yield Question(verb, path, url, _sent(document, described, known), reads)


def outcome(answer: httpx.Response) -> str:
    """What became of a question: done, let in and refused for what it says (or busy), or the refusal's status."""
    if answer.status_code < 400:
        return "done"
    if answer.status_code in (401, 403, 404) or (answer.status_code >= 500 and answer.status_code != 503):
        return str(answer.status_code)
    return "let in"


def _sent(document: dict[str, Any], described: dict[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    sent: dict[str, Any] = {"headers": {"If-Match": STALE}, "params": dict(_asked_for(described))}
    for media, told in described.get("requestBody", {}).get("content", {}).items():
        example = _known(told.get("example", {}), known)
        if media == "application/json":
            sent["json"] = example
        elif media == "multipart/form-data":
            sent["files"] = {"file": ("a.csv", "企业名称\n甲（虚构）\n".encode())}
        elif media.endswith("urlencoded"):
            sent["data"] = {"grant_type": "client_credentials"}
        else:
            line = _of_creation(document, described, known)
            sent["content"], sent["headers"]["Content-Type"] = line, media
    return sent


def _asked_for(described: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The parameters without which nothing is answered."""
    for parameter in described.get("parameters", []):
        if parameter.get("in") == "query" and parameter.get("required"):
            schema = parameter["schema"]
            yield parameter["name"], parameter.get("example", schema.get("example", (schema.get("enum") or ["甲"])[0]))


def _of_creation(document: dict[str, Any], described: dict[str, Any], known: Mapping[str, str]) -> bytes:
    """A line of a bulk route: what its kind is created with, one by one."""
    path = next(path for path, verbs in document["paths"].items() if verbs.get("post") is described)
    single = document["paths"].get(path.removesuffix("/bulk"), {}).get("post", {})
    content = single.get("requestBody", {}).get("content", {}).get("application/json", {})
    return json.dumps(_known(content.get("example", {}), known)).encode()


def _known(value: Any, known: Mapping[str, str]) -> Any:
    """An example with ids that there are."""
    if isinstance(value, dict):
        return {name: known.get(name, _known(each, known)) for name, each in value.items()}
    return [_known(each, known) for each in value] if isinstance(value, list) else value
