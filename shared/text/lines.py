"""Texts as lines of JSON: read with the place of every error, answered line by line."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, BinaryIO

import orjson

from shared.text.classify import Proposal, classify
from shared.text.retrieval import Corpus, Entry, Found

_BATCH = 2000


class BadLine(ValueError):
    """A line that cannot be read; the message names file and line, in Chinese."""


def rank_lines(corpus_name: str, corpus: BinaryIO, query_name: str, queries: BinaryIO, k: int) -> Iterator[bytes]:
    """One line `{"query", "ids", "scores"}` for each query, in the order of the queries.

    Lines of the corpus are `{"id", "text" | "texts", "class"?}`, queries `{"id", "text", "class"?}`. Raises BadLine.
    """
    ids: list[str | int] = []
    indexed = Corpus(entry for entry in _entries(corpus_name, corpus, ids))
    asked: list[str | int] = []
    entries = _entries(query_name, queries, asked)
    while batch := list(islice(entries, _BATCH)):
        for query, found in zip(asked[-len(batch) :], indexed.top(batch, k), strict=True):
            yield _line({"query": query, "ids": [ids[place] for place, _ in found], "scores": _scores(found)})


def classify_lines(name: str, lines: BinaryIO, k: int) -> Iterator[bytes]:
    """One line `{"id", "codes", "scores"}` for each line `{"id", "text"}`, in their order. Raises BadLine."""
    ids: list[str | int] = []
    entries = _entries(name, lines, ids)
    while batch := list(islice(entries, _BATCH)):
        proposals = classify([" ".join(entry.texts) for entry in batch], k)
        for number, proposed in zip(ids[-len(batch) :], proposals, strict=True):
            yield _line({"id": number, "codes": [code for code, _ in proposed], "scores": _scores(proposed)})


def _entries(name: str, lines: Iterable[bytes], ids: list[str | int]) -> Iterator[Entry]:
    """The texts of the lines; their ids are appended to `ids`. Empty lines are passed over."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise BadLine(f"{name} 第 {number} 行不是有效的 JSON：{error}") from error
        problem = _problem(row)
        if problem:
            raise BadLine(f"{name} 第 {number} 行：{problem}")
        ids.append(row["id"])
        yield Entry(tuple(row["texts"] if "texts" in row else [row["text"]]), _class_code(row.get("class")))


def _problem(row: Any) -> str | None:
    """What is wrong with a line, in Chinese."""
    if not isinstance(row, dict):
        return "应是一个 JSON 对象"
    if not isinstance(row.get("id"), str | int) or isinstance(row["id"], bool):
        return "缺少 id（文字或整数）"
    if "texts" in row:
        texts = row["texts"]
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            return "texts 应是一列文字"
    elif not isinstance(row.get("text"), str):
        return "缺少 text（文字）"
    if not isinstance(row.get("class"), str | None):
        return "class 应是文字"
    return None


def _class_code(text: str | None) -> str | None:
    """A class without the letter of its section: C3670 is 3670."""
    digits = (text or "").strip().lstrip("ABCDEFGHIJKLMNOPQRST")
    return digits or None


def _line(row: dict[str, object]) -> bytes:
    return orjson.dumps(row) + b"\n"


def _scores(found: Found | Proposal) -> list[float]:
    return [round(score, 4) for _, score in found]
