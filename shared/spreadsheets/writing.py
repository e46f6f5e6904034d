"""A table as a file: a workbook with a sheet of notes, or text that Excel opens.

Text that a spreadsheet program would take for a formula gets an apostrophe in front, in both forms, since a workbook
is soon saved as text again (OWASP, CSV injection). Control characters, which no workbook can hold, are left out.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

Cell = str | int | Decimal | date | None

#: Rows that one sheet of a workbook holds, its heading among them (ECMA-376).
MAX_ROWS = 1_048_576
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_WIDTHS = (10, 40)
_NOTES = "说明"


class TooManyRows(ValueError):
    """More rows than a sheet holds; text has no such limit."""


@dataclass(frozen=True)
class Table:
    """A table with its title, its headings, its rows as they come, and what has to be said with it (name, text)."""

    title: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    notes: Sequence[tuple[str, str]] = ()


def escaped(text: str) -> str:
    """Text that no spreadsheet program calculates or refuses: an apostrophe before what begins like a formula.

    So it has one more where it begins with one already: `unescaped` takes away exactly what was put in front.
    """
    text = ILLEGAL_CHARACTERS_RE.sub("", text)
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA) else text


def unescaped(text: str) -> str:
    """Text as it was before it was `escaped`; the same where it was not."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_FORMULA) else text


def write_workbook(file: IO[bytes], table: Table) -> None:
    """Write the table as .xlsx, row by row; raises TooManyRows."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_title(table.title))
    sheet.freeze_panes = "A2"
    for position, heading in enumerate(table.headings, start=1):
        width = min(max(2 * len(heading) + 4, _WIDTHS[0]), _WIDTHS[1])
        sheet.column_dimensions[get_column_letter(position)].width = width
    try:
        _fill(sheet, table)
    except BaseException:
        # the sheet's own temporary file is closed with it
        sheet.close()
        raise
    notes = book.create_sheet(_NOTES)
    notes.column_dimensions["A"].width, notes.column_dimensions["B"].width = 16, 100
    for name, text in table.notes:
        notes.append([name, escaped(text)])
    book.save(file)


def write_text(file: IO[bytes], table: Table) -> None:
    """Write the table as .csv: UTF-8 with a byte order mark, without which Excel reads Chinese as noise."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(table.headings)
    writer.writerows([_said(cell) for cell in row] for row in table.rows)
    text.flush()
    # the caller's file stays open
    text.detach()


def _fill(sheet: Any, table: Table) -> None:
    sheet.append([_bold(sheet, heading) for heading in table.headings])
    for number, row in enumerate(table.rows, start=2):
        if number > MAX_ROWS:
            raise TooManyRows(table.title)
        sheet.append([escaped(cell) if isinstance(cell, str) else cell for cell in row])


def _said(cell: Cell) -> str | int | None:
    match cell:
        case str():
            return escaped(cell)
        case Decimal():
            return format(cell, "f")
        case date():
            return cell.isoformat()
        case _:
            return cell


def _bold(sheet: Any, heading: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, heading)
    cell.font = Font(bold=True)
    return cell


def _sheet_title(title: str) -> str:
    """A title as Excel allows it: 31 characters, without []:*?/\\."""
    return title.translate({ord(character): " " for character in "[]:*?/\\"})[:31]
