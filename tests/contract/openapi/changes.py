"""What a new description of an API takes away from an old one: whoever uses the API today must still be served."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
_METHODS = ("get", "post", "put", "patch", "delete")


def taken_away(old: Json, new: Json) -> list[str]:
    """Each path, operation, parameter, field or type that is no longer what it was; empty when all is additive."""
    return list(_paths(old, new))


def _paths(old: Json, new: Json) -> Iterator[str]:
    for path, item in old["paths"].items():
        if path not in new["paths"]:
            yield f"{path}: removed"
            continue
        for method in _METHODS:
            if method in item and method not in new["paths"][path]:
                yield f"{method.upper()} {path}: removed"
            elif method in item:
                place = f"{method.upper()} {path}"
                yield from _operation(place, item[method], new["paths"][path][method], (old, new))


def _operation(place: str, old: Json, new: Json, documents: tuple[Json, Json]) -> Iterator[str]:
    if old["operationId"] != new["operationId"]:
        yield f"{place}: operation id was {old['operationId']}"
    yield from _parameters(place, old, new, documents)
    yield from _requests(place, old.get("requestBody"), new.get("requestBody"), documents)
    for status, response in old["responses"].items():
        if status not in new["responses"]:
            yield f"{place}: answer {status} removed"
        else:
            was, now = _resolved(response, documents[0]), _resolved(new["responses"][status], documents[1])
            yield from _contents(f"{place} → {status}", was, now, documents, incoming=False)


def _parameters(place: str, old: Json, new: Json, documents: tuple[Json, Json]) -> Iterator[str]:
    was = {(each["in"], each["name"]): each for each in _all(old.get("parameters", ()), documents[0])}
    now = {(each["in"], each["name"]): each for each in _all(new.get("parameters", ()), documents[1])}
    for key in was.keys() - now.keys():
        yield f"{place}: parameter {key[1]} removed"
    for key, parameter in now.items():
        if parameter.get("required") and not was.get(key, {}).get("required"):
            yield f"{place}: parameter {key[1]} is now required"
        if key in was:
            schemas = was[key]["schema"], parameter["schema"]
            yield from _schema(f"{place} ?{key[1]}", *schemas, documents, incoming=True, seen=set())


def _requests(place: str, old: Json | None, new: Json | None, documents: tuple[Json, Json]) -> Iterator[str]:
    if old is None:
        if new is not None and new.get("required"):
            yield f"{place}: a body is now required"
        return
    if new is None:
        yield f"{place}: body removed"
        return
    if new.get("required") and not old.get("required"):
        yield f"{place}: the body is now required"
    yield from _contents(f"{place} body", old, new, documents, incoming=True)


def _contents(place: str, old: Json, new: Json, documents: tuple[Json, Json], *, incoming: bool) -> Iterator[str]:
    for media, content in old.get("content", {}).items():
        if media not in new.get("content", {}):
            yield f"{place}: {media} removed"
        else:
            schemas = content.get("schema", {}), new["content"][media].get("schema", {})
            yield from _schema(place, *schemas, documents, incoming=incoming, seen=set())


def _schema(
    place: str, old: Json, new: Json, documents: tuple[Json, Json], *, incoming: bool, seen: set[tuple[str, str]]
) -> Iterator[str]:
    pair = (old.get("$ref", ""), new.get("$ref", ""))
    if pair != ("", "") and pair in seen:
        return
    seen = seen | {pair}
    old, new = _resolved(old, documents[0]), _resolved(new, documents[1])
    lost = _types(old, documents[0]) - _types(new, documents[1]) if incoming else set()
    lost |= set() if incoming else _types(new, documents[1]) - _types(old, documents[0])
    if lost:
        yield f"{place}: type changed ({', '.join(sorted(lost))})"
    if "enum" in old and "enum" in new and incoming and (gone := {*map(str, old["enum"])} - {*map(str, new["enum"])}):
        yield f"{place}: no longer takes {', '.join(sorted(gone))}"
    yield from _members(place, old, new, documents, incoming=incoming, seen=seen)
    if "items" in old and "items" in new:
        yield from _schema(f"{place}[]", old["items"], new["items"], documents, incoming=incoming, seen=seen)


def _members(
    place: str, old: Json, new: Json, documents: tuple[Json, Json], *, incoming: bool, seen: set[tuple[str, str]]
) -> Iterator[str]:
    was, now = old.get("properties", {}), new.get("properties", {})
    for name in was.keys() - now.keys():
        yield f"{place}.{name}: removed"
    newly = set(new.get("required", ())) - set(old.get("required", ()))
    for name in sorted(newly) if incoming else ():
        yield f"{place}.{name}: is now required"
    for name in was.keys() & now.keys():
        yield from _schema(f"{place}.{name}", was[name], now[name], documents, incoming=incoming, seen=seen)
    for one, other in zip(_choices(old), _choices(new), strict=False):
        yield from _schema(place, one, other, documents, incoming=incoming, seen=seen)


def _choices(schema: Json) -> list[Json]:
    return [each for name in ("anyOf", "oneOf", "allOf") for each in schema.get(name, ())]


def _types(schema: Json, document: Json) -> set[str]:
    """The JSON types that a schema allows; none where it says nothing of them."""
    choices = _choices(schema)
    if choices:
        return {kind for each in choices for kind in _types(_resolved(each, document), document)}
    kind = schema.get("type")
    return set() if kind is None else {kind} if isinstance(kind, str) else set(kind)


def _all(parameters: Any, document: Json) -> list[Json]:
    return [_resolved(each, document) for each in parameters]


def _resolved(node: Json, document: Json) -> Json:
    while "$ref" in node:
        found: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node
