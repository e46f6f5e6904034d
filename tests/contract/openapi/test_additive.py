"""Both APIs still serve whoever uses them today: each committed description against the one of this code.

After a change that was meant, run this file with `XIESHOU_WRITE_SNAPSHOTS=1` in the environment: it writes them anew.
Additive changes need no new snapshot, but the next release should have one.
"""

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from tests.contract.openapi.changes import taken_away

FOLDER = Path(__file__).parent


def snapshot(app: FastAPI) -> Path:
    """The file of a service's committed description."""
    return FOLDER / f"{app.openapi_url.strip('/').partition('/')[0]}.json"  # type: ignore[union-attr]


def test_nothing_that_was_described_is_taken_away(described: FastAPI) -> None:
    file, now = snapshot(described), described.openapi()
    if os.environ.get("XIESHOU_WRITE_SNAPSHOTS"):
        file.write_text(json.dumps(now, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    assert taken_away(json.loads(file.read_text("utf-8")), json.loads(json.dumps(now))) == []


OLD: dict[str, Any] = {
    "paths": {
        "/notes": {
            "get": {
                "operationId": "list_notes",
                "parameters": [{"in": "query", "name": "limit", "schema": {"type": "integer"}}],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Out"}}}}
                },
            },
            "post": {
                "operationId": "create_note",
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/In"}}}},
                "responses": {"201": {}},
            },
        }
    },
    "components": {
        "schemas": {
            "In": {
                "type": "object",
                "required": ["text"],
                "properties": {"text": {"type": "string"}, "kind": {"enum": ["a", "b"]}},
            },
            "Out": {
                "type": "object",
                "properties": {"id": {"type": "string"}, "inner": {"$ref": "#/components/schemas/Out"}},
            },
        }
    },
}
GET, POST = ("paths", "/notes", "get"), ("paths", "/notes", "post")
IN, OUT = ("components", "schemas", "In"), ("components", "schemas", "Out")
NULLABLE = {"anyOf": [{"type": "string"}, {"type": "null"}]}

CHANGES: list[tuple[tuple[str, ...], Any, list[str]]] = [
    (("paths", "/more"), {}, []),
    ((*OUT, "properties", "more"), {"type": "string"}, []),
    ((*IN, "properties", "more"), {"type": "string"}, []),
    ((*IN, "properties", "text"), NULLABLE, []),
    (
        (*GET, "parameters"),
        [*OLD["paths"]["/notes"]["get"]["parameters"], {"in": "query", "name": "q", "schema": {}}],
        [],
    ),
    (("paths",), {}, ["/notes: removed"]),
    (("paths", "/notes"), {"get": OLD["paths"]["/notes"]["get"]}, ["POST /notes: removed"]),
    ((*GET, "operationId"), "get_notes", ["GET /notes: operation id was list_notes"]),
    ((*GET, "parameters"), [], ["GET /notes: parameter limit removed"]),
    ((*GET, "parameters", 0, "required"), True, ["GET /notes: parameter limit is now required"]),  # type: ignore[list-item]
    ((*GET, "parameters", 0, "schema", "type"), "string", ["GET /notes ?limit: type changed (integer)"]),  # type: ignore[list-item]
    ((*POST, "requestBody", "required"), True, ["POST /notes: the body is now required"]),
    ((*IN, "required"), ["text", "kind"], ["POST /notes body.kind: is now required"]),
    ((*IN, "properties", "text", "type"), "integer", ["POST /notes body.text: type changed (string)"]),
    ((*IN, "properties", "kind", "enum"), ["a"], ["POST /notes body.kind: no longer takes b"]),
    ((*OUT, "properties"), {"inner": {"$ref": "#/components/schemas/Out"}}, ["GET /notes → 200.id: removed"]),
    ((*OUT, "properties", "id"), NULLABLE, ["GET /notes → 200.id: type changed (null)"]),
    ((*POST, "responses"), {}, ["POST /notes: answer 201 removed"]),
]


@pytest.mark.parametrize(("place", "value", "said"), CHANGES)
def test_the_comparison_itself(place: tuple[Any, ...], value: Any, said: list[str]) -> None:
    new = copy.deepcopy(OLD)
    node: Any = new
    for part in place[:-1]:
        node = node[part]
    node[place[-1]] = value
    assert taken_away(OLD, new) == said
