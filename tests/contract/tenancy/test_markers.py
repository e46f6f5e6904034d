"""Nothing that tenant A wrote is found in anything that tenant B can get: answers, exports, errors, logs.

Every text of A's has a marker in it, and figures of its own; B asks every route that reads, with A's ids and with
filters and searches for A's words, tries to write over A's keys, and the logs of all this are read, too. A marker that
B itself sent in a request is not looked for in that answer. `public.toml` says what others may know, and why.
"""

import io
import logging
import re
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.tenancy.asking import Question, questions
from tests.contract.tenancy.stand import MARK, Stand

PUBLIC: list[dict[str, str]] = tomllib.loads(Path(__file__).with_name("public.toml").read_text("utf-8"))["allowed"]
TENANT_B = ("other leader", "other supplier", "other organisation", "no tenant")
#: Figures that nothing else in the world has.
FIGURES = {"采购金额": "917253", "需求单价": "7.7717", "能力单价": "7.1313"}

#: Where words are searched for.
SEARCHES = ("search", "needs", "capabilities", "enterprises")


def every_question(stand: Stand) -> Iterator[tuple[str, Question]]:
    """Every route of both services, asked about what is A's; exports in both forms."""
    near = str(stand.desk.world.enterprises["near"])
    for form in ("csv", "xlsx"):

        def named(path: str, name: str, form: str = form) -> str:
            return form if name == "form" else _id(stand, path, name)

        for service, (app, _) in stand.apps.items():
            for question in questions(app, named, {"supplier_id": near}):
                if form == "csv" or "{form}" in question.path:
                    yield service, question


def answers(
    stand: Stand, who: str, verbs: tuple[str, ...] = ("get", "post", "put", "patch")
) -> Iterator[tuple[Question, httpx.Response]]:
    """Every question asked by somebody, as far as it has one of the verbs; by one client of each service."""
    with ExitStack() as stack:
        clients = {name: stack.enter_context(stand.client(name, stand.actors[who])) for name in stand.apps}
        for service, question in every_question(stand):
            if question.verb in verbs:
                yield question, clients[service].request(question.verb, question.url, **question.sent)


def _id(stand: Stand, path: str, name: str) -> str:
    return stand.ids.get(name) or stand.ids.get(path.split("/")[3], "370000")


def said_in(answer: httpx.Response) -> str:
    """All text of an answer: its headers, and its body, unpacked where it is a workbook."""
    headers = "\n".join(answer.headers.values())
    if not answer.content.startswith(b"PK"):
        return headers + answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        return headers + "\n".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))


def leaks(stand: Stand, who: str, where: str, said: str, sent: str = "") -> list[tuple[str, str, str]]:
    """The markers and figures of A's in what was said, as far as they are not public and were not sent."""
    looked_for = stand.markers | FIGURES
    found = [what for what, marker in looked_for.items() if marker in said and marker not in sent]
    return [(who, where, what) for what in found if not _is_public(what, who, where)]


def _is_public(what: str, who: str, where: str) -> bool:
    allowed = (row for row in PUBLIC if row["what"] == what)
    return any(re.fullmatch(row["who"], who) and re.match(row["where"], where) for row in allowed)


@pytest.mark.parametrize("who", TENANT_B)
def test_no_route_tells_tenant_b_of_tenant_a(stand: Stand, who: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for asking in ("httpx", "httpcore"):
        caplog.set_level(logging.WARNING, asking)
    found = []
    for question, answer in answers(stand, who):
        found += leaks(stand, who, question.path, said_in(answer), str(question.sent))
    assert found == []
    assert leaks(stand, who, "logs", caplog.text) == []


def hits(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    """What is found of what all markers begin with, and so each of them contains."""
    told = client.get(f"/catalog/v1/{path}", params={"q": MARK}).json()
    return [hit for group in told for hit in group["hits"]] if path == "search" else list(told["items"])


@pytest.mark.parametrize("who", TENANT_B)
def test_searches_and_filters_find_nothing_of_it(stand: Stand, who: str) -> None:
    public = str(stand.desk.world.enterprises["near"])
    with stand.client("catalog", stand.actors[who]) as client:
        found = [(path, hit) for path in SEARCHES for hit in hits(client, path) if hit["id"] != public]
    assert found == []


def tries_of(stand: Stand) -> Iterator[tuple[str, str, dict[str, Any], int]]:
    """Who writes what over a key of A's, and what it is answered."""
    marked, world = stand.markers, stand.desk.world
    b, far, near = (str(world.enterprises[name]) for name in ("B", "far", "near"))
    theirs, mine = stand.ids["products"], str(world.products["B-1"])
    part = {"part_code": marked["零件号"], "part_name": "x"}
    yield "other leader", "products", {"code": marked["产品编号"], "name": "x", "leader_id": b}, 403
    yield "other leader", "needs", {"product_id": theirs, **part}, 403
    yield "other leader", "bom-lines", {"product_id": theirs, **part}, 403
    yield "other leader", "needs", {"product_id": mine, **part}, 201
    yield "other supplier", "capabilities", {"supplier_id": near, "code": marked["能力编号"], "name": "x"}, 403
    yield "other supplier", "capabilities", {"supplier_id": far, "code": marked["能力编号"], "name": "x"}, 201


def test_keys_of_tenant_a_tell_nothing_of_its_rows(stand: Stand) -> None:
    """Who writes over a key of A's learns at most that it is taken; and the same key is free where it is its own."""
    for who, segment, row, status in tries_of(stand):
        with stand.client("catalog", stand.actors[who]) as client:
            answer = client.post(f"/catalog/v1/{segment}", json=row)
        assert leaks(stand, who, segment, said_in(answer), str(row)) == []
        assert answer.status_code == status, (segment, answer.text)


def test_the_markers_are_there_to_be_found(stand: Stand) -> None:
    """Reviewers find each of them by the same questions: else nothing would be shown by finding none."""
    seen = "".join(said_in(answer) for _, answer in answers(stand, "reviewer", ("get",)))
    missing = [what for what, marker in (stand.markers | FIGURES).items() if marker not in seen]
    assert missing == []
    with stand.client("catalog", stand.actors["reviewer"]) as client:
        assert [path for path in SEARCHES if not hits(client, path)] == []
