"""Rows of one file that speak of the same thing: repeated ones collapse, contradicting ones are not guessed between."""

from collections import defaultdict
from collections.abc import Sequence

from services.catalog.imports.cleaning.fields import columns
from services.catalog.imports.cleaning.rows import Row
from services.catalog.imports.outcomes import CellProblem, Outcome


def settle_duplicates(rows: Sequence[Row]) -> None:
    """Decide the rows of one kind that share a key.

    Equal ones: the first counts, the others are `REPEATED`. Different ones in our own templates are all refused, so
    that the order of rows never decides; in a mapped source, where one enterprise stands on many rows, the first counts
    and those that differ from it are to be looked at.
    """
    by_key: dict[object, list[Row]] = defaultdict(list)
    for row in rows:
        if row.outcome is None:
            by_key[row.key].append(row)
    for group in by_key.values():
        if len(group) > 1:
            _settle(group)


def _settle(group: list[Row]) -> None:
    first, *others = group
    different = [row for row in others if row.values != first.values]
    for row in others:
        if row.values == first.values:
            row.outcome = Outcome.REPEATED
    if different and not first.mapped:
        for row in (first, *others):
            row.refuse(_contradiction(row, group))
    elif different:
        for row in different:
            row.refuse(_difference(row, first), outcome=Outcome.TO_BE_LOOKED_AT)


def _contradiction(row: Row, group: list[Row]) -> CellProblem:
    where = "、".join(_place(other, row) for other in group if other is not row)
    return CellProblem(
        "contradicting_rows", f"与{where}是同一条记录，内容却不同", "请只保留正确的一行；判断依据是各表的编码列"
    )


def _difference(row: Row, first: Row) -> CellProblem:
    names = [columns(row.kind)[name].heading for name in row.values if row.values[name] != first.values.get(name)]
    return CellProblem(
        "differs_from_earlier",
        f"与{_place(first, row)}是同一条记录，{'、'.join(names)}不同；已按前者导入",
        "请核对哪一行正确，改正后再导入",
    )


def _place(row: Row, seen_from: Row) -> str:
    return f"第 {row.number} 行" if row.sheet == seen_from.sheet else f"“{row.sheet}”第 {row.number} 行"
