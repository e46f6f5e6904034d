"""From a sheet's layout to rows of values: each cell cleaned, each problem kept with its place.

The work goes column by column, and what a column says twice is read once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.catalog.imports.cleaning.cells import Cell, as_text, is_blank, unquoted
from services.catalog.imports.cleaning.code_cells import Noted
from services.catalog.imports.cleaning.fields import CLEANERS, DEFAULTS, columns
from services.catalog.imports.cleaning.row_rules import check_row, row_key
from services.catalog.imports.cleaning.sent import Sent
from services.catalog.imports.files.workbook_files import ERROR
from services.catalog.imports.headings.layout import Binding, Layout, letters
from services.catalog.imports.outcomes import CellProblem, Outcome, Problem
from services.catalog.imports.templates import ImportKind

NOTES_MARK = "填写说明"
"""The row under our templates' headings begins with this word; it is not data."""


@dataclass(slots=True)
class Row:
    """A row on its way: as it was sent (`raw`, by heading), as understood (`values`, by field), and what became of it.

    As it was sent it stands in the columns of its sheet, at its `place` of `sent`; there it is hardly ever looked at.

    `values` has the fields that the sheet has columns for, and no others: what a file does not speak of stays as it is.
    `number` counts from 1 as the spreadsheet shows it; `outcome` stays None until something decides it. `changes` are
    the fields of a changed row, each with what it was and what it is to be.
    """

    kind: ImportKind
    sheet: str
    number: int
    sent: Sent
    place: int
    headings: dict[str, str]
    mapped: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    outcome: Outcome | None = None
    changes: dict[str, Any] | None = None

    @property
    def raw(self) -> dict[str, str]:
        """The row's cells by heading."""
        return self.sent.row(self.place)

    @property
    def key(self) -> tuple[Any, ...]:
        """What identifies the row's entity among those of its kind."""
        return row_key(self.kind, self.values)

    def refuse(self, problem: CellProblem, name: str | None = None, outcome: Outcome = Outcome.REFUSED) -> None:
        """Decide against the row (or set it aside), because of a field or of the row as a whole."""
        heading = self.headings.get(name) or columns(self.kind)[name].heading if name else None
        self.problems.append(
            Problem(
                sheet=self.sheet,
                row=self.number,
                column=heading,
                value=self.raw.get(heading) if heading else None,
                code=problem.code,
                message=problem.message,
                remedy=problem.remedy,
            )
        )
        self.outcome = outcome


def read_rows(layout: Layout) -> list[Row]:
    """Return the rows of a layout, cleaned; blank rows and the row of notes are left out.

    When the layout itself is unusable its rows come back refused, without a problem each: the sheet's own say why.
    """
    numbers, cells = _data(layout)
    names = {binding.field: binding.heading for binding in layout.bindings}
    title, kind, mapped = layout.sheet.title, layout.kind, layout.mapped
    sent = _sent(layout.headings, cells)
    rows = [Row(kind, title, number + 1, sent, place, names, mapped) for place, number in enumerate(numbers)]
    if layout.refused:
        for row in rows:
            row.outcome = Outcome.REFUSED
        return rows
    _fill(layout, rows, [_cleaned(layout, binding, numbers, cells) for binding in layout.bindings])
    for row in rows:
        if row.outcome is None:
            _check(row)
    return rows


def _data(layout: Layout) -> tuple[list[int], list[list[Cell]]]:
    """Return the rows under the headings, all of one length, with their numbers from 0."""
    below = layout.header + 1
    troubled = {row for row, _ in layout.sheet.troubles}
    found = [
        (number, cells)
        for number, cells in enumerate(layout.sheet.rows[below:], start=below)
        if (number in troubled or not all(map(is_blank, cells))) and not (number == below and _is_notes(cells))
    ]
    width = max((len(cells) for _, cells in found), default=0)
    padded = [cells if len(cells) == width else [*cells, *[None] * (width - len(cells))] for _, cells in found]
    return [number for number, _ in found], padded


def _is_notes(cells: Sequence[Cell]) -> bool:
    return next((as_text(cell) for cell in cells if not is_blank(cell)), "").startswith(NOTES_MARK)


def _sent(headings: list[str], cells: Sequence[Sequence[Cell]]) -> Sent:
    """Return the rows as they were sent, by heading; a column without a heading goes by its letters."""
    width = len(cells[0]) if cells else 0
    names = [headings[place] if place < len(headings) and headings[place] else letters(place) for place in range(width)]
    return Sent.of(names, [_each_once(column, as_text) for column in zip(*cells, strict=True)])


def _each_once(column: Sequence[Any], read: Callable[[Any], Any]) -> list[Any]:
    """Return what the cells of a column come to, each read once by type and value (1, 1.0 and True are three)."""
    if len(set(map(type, column))) == 1:
        found = {cell: read(cell) for cell in set(column)}
        return list(map(found.__getitem__, column))
    keys = [(type(cell), cell) for cell in column]
    by_type = {key: read(key[1]) for key in set(keys)}
    return list(map(by_type.__getitem__, keys))


@dataclass(frozen=True)
class _Trouble:
    """A cell whose value the file does not hold."""

    kind: str


def _cleaned(layout: Layout, binding: Binding, numbers: list[int], cells: list[list[Cell]]) -> list[Any]:
    """Return what one field's cells come to, row by row; what could not be taken is a CellProblem among them."""
    column, clean = columns(layout.kind)[binding.field], CLEANERS[layout.kind][binding.field]
    blank = DEFAULTS.get(layout.kind, {}).get(binding.field)

    def read(cell: Cell | _Trouble) -> Any:
        try:
            if isinstance(cell, _Trouble):
                raise _trouble(cell)
            if not is_blank(cell):
                return clean(unquoted(cell))
            if column.required:
                raise CellProblem("missing", f"“{column.heading}”不能为空", "请填写")
        except CellProblem as problem:
            return problem
        return blank

    return _each_once(_column(layout, binding, numbers, cells), read)


def _column(layout: Layout, binding: Binding, numbers: list[int], cells: list[list[Cell]]) -> list[Cell | _Trouble]:
    """Return what fills a field, row by row: one cell as it is, or several put together; blank if any of them is."""
    places = [part for part in binding.parts if isinstance(part, int)]
    column: list[Cell | _Trouble]
    if len(binding.parts) == 1 and places:
        at = places[0]
        column = [row[at] for row in cells] if cells and at < len(cells[0]) else [None] * len(cells)
    else:
        column = [_joined(binding, row, places) for row in cells]
    if layout.sheet.troubles:
        for at, number in enumerate(numbers):
            kinds = (layout.sheet.troubles.get((number, place)) for place in places)
            if kind := next(filter(None, kinds), None):
                column[at] = _Trouble(kind)
    return column


def _joined(binding: Binding, row: list[Cell], places: list[int]) -> Cell:
    found = {place: row[place] if place < len(row) else None for place in places}
    if any(map(is_blank, found.values())):
        return None
    return "".join(as_text(found[part]) if isinstance(part, int) else part for part in binding.parts)


def _fill(layout: Layout, rows: list[Row], values: list[list[Any]]) -> None:
    """Put the columns' values into the rows, problems and notes where they belong."""
    names = [binding.field for binding in layout.bindings]
    for row, found in zip(rows, zip(*values, strict=True), strict=False):
        row.values = dict(zip(names, found, strict=True))
    for name, column in zip(names, values, strict=True):
        if not any(issubclass(each, (CellProblem, Noted)) for each in set(map(type, column))):
            continue
        for row, value in zip(rows, column, strict=True):
            if isinstance(value, CellProblem):
                del row.values[name]
                row.refuse(value, name)
            elif isinstance(value, Noted):
                row.notes.append(value.note)
                row.values[name] = value.value


def _trouble(cell: _Trouble) -> CellProblem:
    if cell.kind == ERROR:
        return CellProblem("error_value", "单元格是公式的错误值（如 #N/A、#REF!）", "请改正公式，或换成数值后再导入")
    return CellProblem(
        "formula_without_value", "单元格是公式，文件里没有它的结果", "请在 Excel 中打开、重新计算并保存，或换成数值"
    )


def _check(row: Row) -> None:
    """Apply the rules that look at several fields of a row, and put its values into their final form."""
    for name, problem, outcome in check_row(row.kind, row.values):
        row.refuse(problem, name, outcome)
