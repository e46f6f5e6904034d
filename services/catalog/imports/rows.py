"""From a sheet's layout to rows of values: each cell cleaned, each problem kept with its place."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from services.catalog.imports.cells import Cell, as_text, is_blank
from services.catalog.imports.code_cells import Noted
from services.catalog.imports.fields import CLEANERS, DEFAULTS, columns
from services.catalog.imports.layout import Binding, Layout, letters
from services.catalog.imports.outcomes import CellProblem, Outcome, Problem
from services.catalog.imports.row_rules import check_row, row_key
from services.catalog.imports.templates import ImportKind
from services.catalog.imports.workbook_files import ERROR

NOTES_MARK = "填写说明"
"""The row under our templates' headings begins with this word; it is not data."""


@dataclass
class Row:
    """A row on its way: as it was sent (`raw`, by heading), as understood (`values`, by field), and what became of it.

    `values` has the fields that the sheet has columns for, and no others: what a file does not speak of stays as it is.
    `number` counts from 1 as the spreadsheet shows it; `outcome` stays None until something decides it.
    """

    kind: ImportKind
    sheet: str
    number: int
    raw: dict[str, str]
    headings: dict[str, str]
    mapped: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    outcome: Outcome | None = None

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
    names = {binding.field: binding.heading for binding in layout.bindings}
    headings = layout.headings
    return [_read(layout, number, cells, names, _raw(headings, cells)) for number, cells in _data(layout)]


def _data(layout: Layout) -> Iterator[tuple[int, list[Cell]]]:
    """Yield the rows under the headings with their numbers, from 0."""
    below = layout.header + 1
    for number, cells in enumerate(layout.sheet.rows[below:], start=below):
        first = next((as_text(cell) for cell in cells if not is_blank(cell)), "")
        troubled = any(place[0] == number for place in layout.sheet.troubles) if not first else False
        is_notes = number == below and first.startswith(NOTES_MARK)
        if (first or troubled) and not is_notes:
            yield number, cells


def _read(layout: Layout, number: int, cells: list[Cell], names: dict[str, str], raw: dict[str, str]) -> Row:
    row = Row(layout.kind, layout.sheet.title, number + 1, raw, names, layout.mapped)
    if layout.refused:
        row.outcome = Outcome.REFUSED
        return row
    for binding in layout.bindings:
        required = columns(layout.kind)[binding.field].required
        _fill(row, binding.field, required, _cell(layout, number, cells, binding))
    if row.outcome is None:
        _check(row)
    return row


def _raw(headings: list[str], cells: list[Cell]) -> dict[str, str]:
    """Return the row as it was sent, by heading; a column without one goes by its letters."""
    return {
        (headings[place] if place < len(headings) and headings[place] else letters(place)): text
        for place, cell in enumerate(cells)
        if (text := as_text(cell))
    }


@dataclass(frozen=True)
class _Trouble:
    """A cell whose value the file does not hold."""

    kind: str


def _cell(layout: Layout, number: int, cells: list[Cell], binding: Binding) -> Cell | _Trouble:
    """Return what fills a field: one cell as it is, or several put together; blank if any of them is."""
    places = [part for part in binding.parts if isinstance(part, int)]
    troubles = (layout.sheet.troubles.get((number, place)) for place in places)
    if trouble := next(filter(None, troubles), None):
        return _Trouble(trouble)
    found = {place: cells[place] if place < len(cells) else None for place in places}
    if len(binding.parts) == 1 and places:
        return found[places[0]]
    if any(map(is_blank, found.values())):
        return None
    return "".join(as_text(found[part]) if isinstance(part, int) else part for part in binding.parts)


def _fill(row: Row, name: str, required: bool, cell: Cell | _Trouble) -> None:
    """Clean one field into the row, or note its problem."""
    try:
        value = _clean(row.kind, name, required, cell)
    except CellProblem as problem:
        row.refuse(problem, name)
        return
    if isinstance(value, Noted):
        row.notes.append(value.note)
        value = value.value
    row.values[name] = value


def _clean(kind: ImportKind, name: str, required: bool, cell: Cell | _Trouble) -> Any:
    if isinstance(cell, _Trouble):
        raise _trouble(cell)
    if is_blank(cell):
        if required:
            raise CellProblem("missing", f"“{columns(kind)[name].heading}”不能为空", "请填写")
        return DEFAULTS.get(kind, {}).get(name)
    return CLEANERS[kind][name](cell)


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
