"""Which columns of a sheet fill which fields: by the headings of our own templates.

A `Layout` is the bridge from a sheet to rows of one kind; a mapping makes the same thing from foreign headings.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from rapidfuzz import fuzz, process

from services.catalog.imports.cleaning.cells import Cell, as_text, is_blank
from services.catalog.imports.cleaning.fields import columns
from services.catalog.imports.files.reading import RawSheet
from services.catalog.imports.outcomes import Problem
from services.catalog.imports.templates import TEMPLATES, ImportKind

HEADER_WITHIN = 10
"""A heading row may have a title and remarks above it; it is looked for among this many rows."""


@dataclass(frozen=True)
class Binding:
    """What fills a field: cells (by their column, from 0) and fixed texts, joined; `heading` is what people see."""

    field: str
    heading: str
    parts: tuple[int | str, ...]


@dataclass(frozen=True)
class Layout:
    """How a sheet is read as rows of one kind. `refused`: the sheet's own problems leave no row usable."""

    kind: ImportKind
    sheet: RawSheet
    header: int
    bindings: tuple[Binding, ...] = ()
    problems: list[Problem] = field(default_factory=list)
    refused: bool = False
    mapped: bool = False

    @property
    def headings(self) -> list[str]:
        """The sheet's own headings, column by column."""
        return [as_text(cell) for cell in self.sheet.rows[self.header]] if self.sheet.rows else []


def fold(text: str) -> str:
    """Return a heading or title as it is compared: half width, without spaces, stars and 必填, in lower case."""
    return re.sub(r"\s|[*:]|\(?必填\)?", "", unicodedata.normalize("NFKC", text)).lower()


def kind_of_title(title: str) -> ImportKind | None:
    """Return the kind that a sheet's or a file's name tells: a template's title, with numbers around it or not."""
    bare = re.sub(r"^[\d\W_]+|[\d\W_]+$|(导入)?(模板|表)[\d\W_]*$", "", fold(title))
    names = {fold(template.title): kind for kind, template in TEMPLATES.items()} | {k.value: k for k in ImportKind}
    return names.get(fold(title)) or names.get(bare)


def kind_of_headings(sheet: RawSheet) -> ImportKind | None:
    """Return the one kind of which the sheet has every required heading and no foreign one, if there is one."""
    present = {fold(as_text(cell)) for cell in _row(sheet, find_header(sheet, all_headings())) if not is_blank(cell)}
    fitting = [kind for kind in ImportKind if _required(kind) <= present <= set(known_headings(kind))]
    return fitting[0] if len(fitting) == 1 else None


def find_header(sheet: RawSheet, known: Iterable[str]) -> int:
    """Return the row of the headings: the one among the first that knows most of them, else the first with text."""
    wanted = set(known)
    counts = [
        (sum(fold(as_text(cell)) in wanted for cell in row), -number)
        for number, row in enumerate(sheet.rows[:HEADER_WITHIN])
    ]
    best, at = max(counts, default=(0, 0))
    if best:
        return -at
    filled = (number for number, row in enumerate(sheet.rows) if not all(map(is_blank, row)))
    return next(filled, 0)


def own_layout(sheet: RawSheet, kind: ImportKind) -> Layout:
    """Read a sheet by the headings of our own template, and say what is wrong with them."""
    known = known_headings(kind)
    header = find_header(sheet, known)
    written = [as_text(cell) for cell in _row(sheet, header)]
    bindings = tuple(
        Binding(known[fold(heading)], heading, (number,))
        for number, heading in enumerate(written)
        if fold(heading) in known
    )
    fatal = [
        *merged_headings(sheet, header),
        *repeated_headings(sheet, header, written, known),
        *_missing(sheet, kind, header, written),
    ]
    problems = [*fatal, *_unknown(sheet, kind, header, written)]
    return Layout(kind, sheet, header, bindings, problems, refused=bool(fatal))


@cache
def known_headings(kind: ImportKind) -> dict[str, str]:
    """Return the folded headings of a kind's template with their fields; a field's own name is understood too."""
    of_template = {fold(column.heading): column.field for column in TEMPLATES[kind].columns}
    return {column.field: column.field for column in TEMPLATES[kind].columns} | of_template


@cache
def all_headings() -> frozenset[str]:
    """Return the folded headings of all templates."""
    return frozenset(heading for kind in ImportKind for heading in known_headings(kind))


def sheet_problem(sheet: RawSheet, header: int, code: str, message: str, remedy: str, column: str = "") -> Problem:
    """Build a problem of the heading row."""
    return Problem(
        sheet=sheet.title,
        row=header + 1,
        column=column or None,
        value=column or None,
        code=code,
        message=message,
        remedy=remedy,
    )


def nearest(heading: str, candidates: Sequence[str]) -> str | None:
    """Return the heading that a misspelt one probably means."""
    found = process.extractOne(heading, candidates, scorer=fuzz.ratio, processor=fold, score_cutoff=50)
    return found[0] if found else None


def letters(column: int) -> str:
    """Return the letters of a column, as spreadsheets show them; columns count from 0."""
    prefix = letters(column // 26 - 1) if column >= 26 else ""
    return prefix + chr(65 + column % 26)


def _row(sheet: RawSheet, number: int) -> list[Cell]:
    return sheet.rows[number] if number < len(sheet.rows) else []


def _required(kind: ImportKind) -> set[str]:
    return {fold(column.heading) for column in TEMPLATES[kind].columns if column.required}


def merged_headings(sheet: RawSheet, header: int) -> list[Problem]:
    """Refuse headings over merged cells: only the first of the columns would have a heading."""
    areas = [area for area in sheet.merged if area[0][0] <= header <= area[1][0] and area[0] != area[1]]
    return [
        sheet_problem(
            sheet,
            header,
            "merged_header",
            f"表头有合并单元格 {letters(left)}{top + 1}:{letters(right)}{bottom + 1}，分不清各列是什么",
            "请取消合并，让每一列在同一行各有一个表头",
            as_text(_row(sheet, top)[left]) if left < len(_row(sheet, top)) else "",
        )
        for (top, left), (bottom, right) in areas
    ]


def repeated_headings(sheet: RawSheet, header: int, written: list[str], known: Mapping[str, str]) -> list[Problem]:
    """Refuse two columns for one field (`known`: folded heading → field): nobody knows which one counts."""
    fields = [known.get(fold(heading)) for heading in written]
    counts = Counter(name for name in fields if name)
    return [
        sheet_problem(
            sheet,
            header,
            "repeated_heading",
            f"有 {counts[name]} 列的表头都是“{heading}”（{_places(fields, name)} 列）",
            "请只保留一列，或改正写错的表头",
            heading,
        )
        for number, (name, heading) in enumerate(zip(fields, written, strict=True))
        if name and counts[name] > 1 and fields.index(name) == number
    ]


def _places(fields: list[str | None], name: str) -> str:
    return "、".join(letters(number) for number, other in enumerate(fields) if other == name)


def _missing(sheet: RawSheet, kind: ImportKind, header: int, written: list[str]) -> list[Problem]:
    present = {known_headings(kind).get(fold(heading)) for heading in written}
    return [
        sheet_problem(
            sheet,
            header,
            "missing_column",
            f"缺少必需的列“{column.heading}”",
            _where(column.heading, kind, written),
            column.heading,
        )
        for column in TEMPLATES[kind].columns
        if column.required and column.field not in present
    ]


def _where(heading: str, kind: ImportKind, written: list[str]) -> str:
    """Propose the unknown heading that is nearest to a missing one."""
    strange = [other for other in written if other and fold(other) not in known_headings(kind)]
    near = nearest(heading, strange)
    template = TEMPLATES[kind].title
    return (
        f"是否写成了“{near}”？请改为“{heading}”" if near else f"请补上这一列；模板“{template}”可从 templates 接口下载"
    )


def _unknown(sheet: RawSheet, kind: ImportKind, header: int, written: list[str]) -> list[Problem]:
    """Name the columns that nothing reads; the rows are imported without them."""
    present = {known_headings(kind).get(fold(heading)) for heading in written}
    free = [column.heading for column in TEMPLATES[kind].columns if column.field not in present]
    strange = [heading for heading in written if heading and fold(heading) not in known_headings(kind)]
    return [
        sheet_problem(
            sheet,
            header,
            "unknown_column",
            f"不认识的列“{heading}”，未导入",
            f"是否为“{near}”？" if (near := nearest(heading, free)) else "如不需要可以不管；外来表头请用映射文件",
            heading,
        )
        for heading in strange
    ]


def required_fields(kind: ImportKind) -> list[str]:
    """Return the fields that every row of a kind must have."""
    return [name for name, column in columns(kind).items() if column.required]
