"""A need without an industry class is classified first, by its own words: its block is searched before everything."""

from dataclasses import replace

from services.matching.engine.snapshot import Line, Snapshot
from shared.text.classify import classify

SURE = 0.5
"""The least score at which a proposed class counts; below it a line keeps none, and is searched for everywhere."""


def classified(snapshot: Snapshot) -> tuple[Snapshot, frozenset[str]]:
    """The snapshot with a class for every line whose words tell one, and the keys of the lines whose class was read."""
    lacking = [row for row in snapshot.lines if not row.class_code]
    if not lacking:
        return snapshot, frozenset()
    proposals = classify([f"{row.part_name} {row.text}".strip() for row in lacking], 1)
    told = {row.id: best[0][0] for row, best in zip(lacking, proposals, strict=True) if best and best[0][1] >= SURE}
    lines = [_with_class(row, told.get(row.id)) for row in snapshot.lines]
    return replace(snapshot, lines=lines), frozenset(row.key for row in lacking if row.id in told)


def _with_class(row: Line, code: str | None) -> Line:
    return row if code is None else replace(row, class_code=code)
