"""Enterprises that two keys name: by its credit code and by its source's key a row must mean one and the same."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import Session

from services.catalog.enterprises import service as enterprises
from services.catalog.imports.cleaning.rows import Row
from services.catalog.imports.outcomes import CellProblem


def refuse_ambiguous_enterprises(session: Session, rows: Sequence[Row]) -> None:
    """Refuse rows of which the two keys name two enterprises, and rows that name one enterprise by different keys."""
    waiting = [row for row in rows if row.outcome is None]
    known = enterprises.by_keys(session, {key for row in waiting for key in _keys(row)})
    named: dict[UUID | str, list[Row]] = defaultdict(list)
    for row in waiting:
        ids = {known[key] for key in _keys(row) if key in known}
        if len(ids) > 1:
            row.refuse(_TWO_ENTERPRISES, "credit_code")
        for identity in _identities(row, known):
            named[identity].append(row)
    for group in named.values():
        _refuse_several(group)


def _refuse_several(group: Sequence[Row]) -> None:
    if len(group) < 2:
        return
    where = "、".join(f"第 {row.number} 行" for row in group)
    for row in group:
        if row.outcome is None:
            message = f"{where}是同一家企业，却有不同的统一社会信用代码或来源编号"
            row.refuse(CellProblem("one_enterprise_twice", message, "请核对代码，只保留一行"), "credit_code")


def _keys(row: Row) -> list[str]:
    return [key for key in (row.values.get("credit_code"), row.values.get("source_key")) if key]


def _identities(row: Row, known: Mapping[str, UUID]) -> set[UUID | str]:
    """Return what tells an enterprise apart: its id where it is stored, else its keys."""
    return {known.get(key, key) for key in _keys(row)}


_TWO_ENTERPRISES = CellProblem(
    "two_enterprises",
    "统一社会信用代码与来源编号分属两家已登记的企业",
    "请核对两个编号；重复登记的企业请联系审核员合并",
)
