"""Rows as JSON objects, put together column by column: what a column says twice is put into words once."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from shared.db.copy import json_text

_PART = "\0"
_PART_IN_JSON = "\\u0000"


def objects(members: Sequence[Sequence[str]], count: int) -> Iterator[str]:
    """Yield `count` objects out of the columns of their members."""
    if not members:
        return iter(["{}"] * count)
    return (f"{{{''.join(row)[:-1]}}}" for row in zip(*members, strict=True))


def members(name: str, texts: Sequence[str]) -> list[str]:
    """Return a column of texts as members of objects, with the comma behind them; nothing for an empty text."""
    distinct = list(set(texts))
    named = orjson.dumps(name).decode()
    told = {text: f"{named}:{word}," if text else "" for text, word in zip(distinct, _quoted(distinct), strict=True)}
    return list(map(told.__getitem__, texts))


def json_rows(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return rows of values as JSON objects, decimals as texts; rows of the same fields are written together."""
    by_fields: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        by_fields[tuple(row)].append(at)
    found = [""] * len(rows)
    for names, places in by_fields.items():
        columns = [_members_of_values(name, [rows[at][name] for at in places]) for name in names]
        for at, told in zip(places, objects(columns, len(places)), strict=True):
            found[at] = told
    return found


def _members_of_values(name: str, values: Sequence[Any]) -> list[str]:
    """Return a column of values as members; one that was read from a cell stands in every row that had that cell."""
    keys = list(map(id, values))
    distinct = dict(zip(keys, values, strict=True))
    texts = {key: value for key, value in distinct.items() if type(value) is str}
    words = dict(zip(texts, _quoted(list(texts.values())), strict=True))
    named = orjson.dumps(name).decode()
    told = {key: f"{named}:{words[key] if key in words else json_text(value)}," for key, value in distinct.items()}
    return list(map(told.__getitem__, keys))


def _quoted(texts: Sequence[str]) -> list[str]:
    """Return texts as JSON has them, all written at once; a backslash could be taken for the sign that parts them."""
    whole = _PART.join(texts)
    if "\\" in whole or whole.count(_PART) != len(texts) - 1:
        return [orjson.dumps(text).decode() for text in texts]
    return [f'"{word}"' for word in orjson.dumps(whole).decode()[1:-1].split(_PART_IN_JSON)]
