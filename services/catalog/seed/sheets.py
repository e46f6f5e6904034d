"""The rows as files: workbooks with the templates' headings; the purchase ledger as the text that an ERP exports."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from services.catalog.imports.templates import TEMPLATES, ImportKind, Template

AS_TEXT = frozenset({ImportKind.PURCHASES})
ENCODING = "gb18030"
#: What no longer fits into a workbook that people open goes into text files of so many rows.
PER_FILE = 50_000
_STAMP = datetime(2026, 11, 1)
_WIDTH = 18


def file_name(kind: ImportKind) -> str:
    """The file of a kind: 企业.xlsx, 采购台账.csv …"""
    return f"{TEMPLATES[kind].title}.{'csv' if kind in AS_TEXT else 'xlsx'}"


def write_file(folder: Path, kind: ImportKind, rows: Iterable[Mapping[str, object]]) -> dict[str, int]:
    """Write the rows of a kind (field → value) under the template's headings; the rows of each file by its name.

    More than PER_FILE rows go into several text files, 采购台账-01.csv, 采购台账-02.csv …
    """
    rows = list(rows)
    template = _spoken_of(TEMPLATES[kind], rows)
    table = [[_cell(row.get(column.field)) for column in template.columns] for row in rows]
    if len(table) > PER_FILE:
        parts = {
            f"{template.title}-{number:02d}.csv": table[start : start + PER_FILE]
            for number, start in enumerate(range(0, len(table), PER_FILE), start=1)
        }
    else:
        parts = {file_name(kind): table}
    for name, part in parts.items():
        write = _write_text if name.endswith(".csv") else _write_workbook
        write(folder / name, template, part)
    return {name: len(part) for name, part in parts.items()}


def _spoken_of(template: Template, rows: Sequence[Mapping[str, object]]) -> Template:
    """The template without the columns that no row has anything to say about."""
    fields = {field for row in rows for field in row}
    return replace(template, columns=tuple(column for column in template.columns if column.field in fields or not rows))


def _write_text(path: Path, template: Template, table: list[list[str | int | float | None]]) -> None:
    with path.open("w", encoding=ENCODING, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(column.heading for column in template.columns)
        writer.writerows(table)


def _write_workbook(path: Path, template: Template, table: list[list[str | int | float | None]]) -> None:
    book = Workbook(write_only=True)
    book.properties.created = book.properties.modified = _STAMP
    sheet = book.create_sheet(template.title)
    sheet.freeze_panes = "A2"
    for position in range(len(template.columns)):
        sheet.column_dimensions[get_column_letter(position + 1)].width = _WIDTH
    headings = [WriteOnlyCell(sheet, column.heading) for column in template.columns]
    for cell in headings:
        cell.font = Font(bold=True)
    sheet.append(headings)
    for row in table:
        sheet.append(row)
    book.save(path)


def _cell(value: object) -> str | int | float | None:
    """Numbers as numbers, nothing as an empty cell, the rest as text."""
    if value is None or value == "":
        return None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value if isinstance(value, int) else str(value)
