"""Examples for the API's description, made of its schemas: typical values by fields' names, else by their types."""

from collections.abc import Mapping
from typing import Any

from shared.http.example_values import BY_NAME

Json = dict[str, Any]

_BY_FORMAT = {
    "uuid": "0193a5c2-6f1e-7c3a-9d52-3b1f2a6c8e01",
    "date": "2026-03-31",
    "date-time": "2026-03-31T02:30:00Z",
    "email": "wang@example.com",
    "binary": "…",
}
_DEEPEST = 6


def example_of(document: Json, schema: Json, name: str = "", depth: int = 0) -> Any:
    """A value that the schema allows: of the field called `name`, if that has a typical one."""
    schema = _resolved(document, schema)
    if "example" in schema:
        return schema["example"]
    if schema.get("examples"):
        return schema["examples"][0]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if name in BY_NAME and _fits(BY_NAME[name], schema):
        return BY_NAME[name]
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return _chosen(document, schema[choice], name, depth)
    return _by_type(document, schema, depth)


def _chosen(document: Json, schemas: list[Json], name: str, depth: int) -> Any:
    """An example of the first alternative that is something."""
    something = [each for each in schemas if each.get("type") != "null"]
    return example_of(document, something[0], name, depth)


def _by_type(document: Json, schema: Json, depth: int) -> Any:
    match schema.get("type"):
        case "object":
            return _object(document, schema, depth)
        case "array":
            if depth > _DEEPEST and not schema.get("minItems"):
                return []
            return [example_of(document, schema.get("items", {}), "", depth + 1)]
        case "integer" | "number":
            return _number(schema)
        case "boolean":
            return schema.get("default", True)
        case "string":
            return _text(schema)
        case _:
            return None


def _object(document: Json, schema: Json, depth: int) -> Json:
    required = set(schema.get("required", ()))
    members: Mapping[str, Json] = schema.get("properties", {})
    return {
        name: example_of(document, each, name, depth + 1)
        for name, each in members.items()
        if depth <= _DEEPEST or name in required
    }


def _number(schema: Json) -> int | float:
    if isinstance(schema.get("default"), int | float):
        return schema["default"]  # type: ignore[no-any-return]
    least: Any = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    most: Any = schema.get("maximum", schema.get("exclusiveMaximum", 100))
    return min(max(1, int(least) + (1 if "exclusiveMinimum" in schema else 0)), int(most))


def _text(schema: Json) -> str:
    if schema.get("format") in _BY_FORMAT:
        return _BY_FORMAT[schema["format"]]
    if isinstance(schema.get("default"), str) and schema["default"]:
        return str(schema["default"])
    text = "示例" * max(1, -(-int(schema.get("minLength", 1)) // 2))
    return text[: schema.get("maxLength", len(text))]


def _fits(value: Any, schema: Json) -> bool:
    """Whether a typical value is of a type that the schema names."""
    kinds = {each.get("type") for each in (schema, *schema.get("anyOf", ()))}
    wanted = {str: {"string"}, bool: {"boolean"}, int: {"integer", "number"}, list: {"array"}}[type(value)]
    return bool(kinds & wanted) and "format" not in schema


def _resolved(document: Json, schema: Json) -> Json:
    while "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema
