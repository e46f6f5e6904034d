"""The API's description: what FastAPI writes, and what every operation of a service has in common.

FastAPI knows routes and models. The layers around them, answers that any route may give, bounds that hold for every
value, and examples are added here, so that the document says what is done.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from shared.http.auth import read_actor
from shared.http.examples import example_of
from shared.http.problems import MEDIA_TYPE, TITLES

Json = dict[str, Any]

_LARGEST_TEXT = 4 * 2**20
_LARGEST_LIST = 1_000_000
_LARGEST_NUMBER = 2**53 - 1
_METHODS = ("get", "post", "put", "patch", "delete")
_ANYWHERE = (400, 422, 429, 500, 503)

_HEADERS: Mapping[str, tuple[str, Json]] = {
    "X-Request-Id": ("请求的编号，日志中也有；可由调用方在同名请求头中给出", {"type": "string", "maxLength": 64}),
    "RateLimit-Limit": ("一次最多多少个请求", {"type": "integer", "minimum": 1, "maximum": 1_000_000}),
    "RateLimit-Remaining": ("还剩多少个请求", {"type": "integer", "minimum": 0, "maximum": 1_000_000}),
    "RateLimit-Reset": ("多少秒后恢复到最多", {"type": "integer", "minimum": 0, "maximum": 1_000_000}),
}
_RETRY_AFTER: Json = {
    "description": "多少秒后再试",
    "schema": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 86_400},
}
_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "同一个键、同样的内容只执行一次，24 小时内重复提交得到同样的回答；内容不同答 422，正在处理答 409",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[\\x21-\\x7e]+$"},
    "example": "0193a5c2-6f1e-7c3a-9d52-3b1f2a6c8e01",
}


def operation_id(route: APIRoute) -> str:
    """The id of a route's operation: its function's name, a verb and a thing."""
    return route.name


def described(document: Json, routes: Iterable[APIRoute]) -> Json:
    """FastAPI's document, completed in place."""
    by_id = {operation_id(route): route for route in routes}
    _add_components(document)
    document["info"]["contact"] = {"name": "平台运营方"}
    document["tags"] = [
        {"name": name} for name in sorted({tag for _, each in operations(document) for tag in each["tags"]})
    ]
    for path, operation in operations(document):
        _complete(path, operation, by_id.get(operation["operationId"]))
    _bound(document["paths"])
    _bound(document["components"])
    for _, operation in operations(document):
        _exemplify(document, operation)
    return document


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    """Every operation with its path."""
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, item[method]


def keeps_answers(route: APIRoute) -> bool:
    """Whether a POST to the route is carried out once under its key: an actor is known, and something is done."""
    if "POST" not in (route.methods or ()) or (route.openapi_extra or {}).get("x-reading"):
        return False
    return any(each.call is read_actor for each in _dependencies(route.dependant))


def _dependencies(dependant: Dependant) -> Iterator[Dependant]:
    for each in dependant.dependencies:
        yield each
        yield from _dependencies(each)


def _add_components(document: Json) -> None:
    components = document["components"]
    components["headers"] = {
        name: {"description": about, "schema": schema} for name, (about, schema) in _HEADERS.items()
    }
    components["parameters"] = {"IdempotencyKey": _KEY}
    components["responses"] = {f"Problem{status}": _problem(status) for status in TITLES}


def _problem(status: int) -> Json:
    example = {"type": "/problems/validation", "title": TITLES[status], "status": status}
    content = {"schema": {"$ref": "#/components/schemas/ProblemDetails"}, "example": example}
    headers = _carried() | ({"Retry-After": _RETRY_AFTER} if status in (409, 429, 503) else {})
    return {"description": TITLES[status], "headers": headers, "content": {MEDIA_TYPE: content}}


def _carried() -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS}


def _complete(path: str, operation: Json, route: APIRoute | None) -> None:
    operation.setdefault("description", operation["summary"])
    keeps = route is not None and keeps_answers(route)
    if keeps:
        operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IdempotencyKey"})
    responses = operation["responses"]
    for status, response in list(responses.items()):
        if status.isdigit() and int(status) < 400:
            response.setdefault("headers", {}).update(_carried())
    for status in _statuses(path, operation, keeps):
        told = responses.get(str(status), {}).get("content", {})
        if set(told) <= {MEDIA_TYPE, "application/json"} and not _is_own(told):
            responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
        else:
            responses[str(status)].setdefault("headers", {}).update(_carried())


def _is_own(content: Json) -> bool:
    """Whether an error is no problem detail (OAuth has a form of its own)."""
    return bool(content) and MEDIA_TYPE not in content


def _statuses(path: str, operation: Json, keeps: bool) -> set[int]:
    """The errors that may be answered, beyond those that the route names itself."""
    named = {int(status) for status in operation["responses"] if status.isdigit() and int(status) in TITLES}
    found = named | set(_ANYWHERE)
    if operation.get("security"):
        found |= {401, 403}
    if "{" in path:
        found.add(404)
    if "requestBody" in operation:
        found |= {408, 413, 415}
    if keeps:
        found |= {409}
    if any(each.get("name", "").lower() == "if-match" for each in operation.get("parameters", ())):
        found |= {409, 412, 428}
    return found


def _bound(node: Any, inside: str = "") -> None:
    """Write down the bounds that hold for every value that has none of its own."""
    if isinstance(node, list):
        for each in node:
            _bound(each)
    elif isinstance(node, dict):
        if inside not in ("example", "examples", "default", "properties"):
            _bound_schema(node)
        for name, each in node.items():
            if name not in ("example", "examples", "default", "enum", "const"):
                _bound(each, name if inside != "properties" else "")


def _bound_schema(schema: Json) -> None:
    kind = schema.get("type")
    if kind == "string" and not {"enum", "const", "maxLength"} & schema.keys():
        schema["maxLength"] = 64 if "format" in schema and schema["format"] != "binary" else _LARGEST_TEXT
    elif kind == "array":
        schema.setdefault("maxItems", _LARGEST_LIST)
        schema.setdefault("items", {})
    elif kind == "integer" and not {"enum", "const"} & schema.keys():
        if "exclusiveMinimum" not in schema:
            schema.setdefault("minimum", -_LARGEST_NUMBER)
        if "exclusiveMaximum" not in schema:
            schema.setdefault("maximum", _LARGEST_NUMBER)
        schema.setdefault("format", "int64")


def _exemplify(document: Json, operation: Json) -> None:
    """An example for each JSON body, in and out."""
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    for body in bodies:
        content = body.get("content", {}).get("application/json")
        if content and "schema" in content and not {"example", "examples"} & content.keys():
            content["example"] = example_of(document, content["schema"])
