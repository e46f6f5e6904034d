"""A need without an industry class is classified first, by its own words: its block is searched before everything."""

from dataclasses import replace

from services.matching.engine.snapshot import Line, Snapshot
from shared.text.classify import classify

SURE = 0.5
"""The least score at which a proposed class counts; below it a line keeps none, and is searched for everywhere."""


def classified(snapshot: Snapshot) -> tuple[Snapshot, frozenset[int]]:
    """The snapshot with a class for every line whose words tell one, and the lines (positions) where one was read."""
    lacking = [position for position, row in enumerate(snapshot.lines) if not row.class_code]
    if not lacking:
        return snapshot, frozenset()
    proposals = classify([_said(snapshot.lines[position]) for position in lacking], 1)
    told = {at: best[0][0] for at, best in zip(lacking, proposals, strict=True) if best and best[0][1] >= SURE}
    lines = [_with_class(row, told.get(position)) for position, row in enumerate(snapshot.lines)]
    return replace(snapshot, lines=lines), frozenset(told)


def _said(row: Line) -> str:
    return f"{row.part_name} {row.text}".strip()


def _with_class(row: Line, code: str | None) -> Line:
    return row if code is None else replace(row, class_code=code)
