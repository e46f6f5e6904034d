"""The import templates as workbooks to download: headings, a row of notes, code columns as text, short lists."""

import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from services.catalog.imports.cleaning.rows import NOTES_MARK
from services.catalog.imports.templates import CODES_SHEET, TEMPLATES, Column, ImportKind, Template
from shared.codes.certificates import all_schemes
from shared.codes.classes import all_classes
from shared.codes.regions import all_regions, full_name
from shared.codes.taxonomy import NodeKind, nodes_of
from shared.codes.titles import all_titles
from shared.codes.units import all_units

LAST_ROW = 10_000
"""Formats and choices reach down to this row of a template."""

CHOICES: Mapping[str, str] = {
    "tier": "世界级,国家级,省级",
    "level": "国家级,省级,市级",
    "stance": "黑名单,优先",
    "trust": "自行申报,已见原件,已核验",
    "sourcing": "自制,外购",
    "related_party": "是,否",
    "toll_processing": "是,否",
    "energy_water": "是,否",
}
"""Fields with a short list of values; other values are refused by the importer, and already by the spreadsheet."""

NUMBERS = frozenset(
    {
        "staff",
        "revenue_wan",
        "annual_volume",
        "quantity",
        "annual_quantity",
        "unit_price",
        "lead_time_days",
        "max_moq",
        "price_ceiling",
        "distance_limit_km",
        "amount",
        "spare_capacity",
        "moq",
    }
)
"""Fields whose columns are left to numbers; all others are text, so that no code loses its digits or leading zeros."""

_HEAD, _NOTE = PatternFill("solid", fgColor="DDE8F5"), PatternFill("solid", fgColor="F6F6F2")


def template_workbook(kind: ImportKind) -> bytes:
    """Return the template of a kind as an .xlsx file."""
    template = TEMPLATES[kind]
    book = Workbook()
    sheet = book.active
    sheet.title = template.title
    _write_heads(sheet, template)
    for number, column in enumerate(template.columns, start=1):
        _format_column(sheet, number, column)
    _add_codes(book, sheet, template)
    sheet.freeze_panes = "A3"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _add_codes(book: Workbook, sheet: Worksheet, template: Template) -> None:
    """Offer the words of the code lists: a sheet of their own holds them, and the columns refer to it.

    Other ways of writing are understood as well, so that nothing is refused here.
    """
    listed = [(number, column) for number, column in enumerate(template.columns, start=1) if column.field in CODES]
    if not listed:
        return
    codes = book.create_sheet(CODES_SHEET)
    for place, (number, column) in enumerate(listed, start=1):
        words = CODES[column.field]()
        for row, word in enumerate((column.heading, *words), start=1):
            codes.cell(row, place, word)
        source, letter = get_column_letter(place), get_column_letter(number)
        choices = DataValidation(type="list", formula1=f"{CODES_SHEET}!${source}$2:${source}${len(words) + 1}")
        choices.showErrorMessage = False
        sheet.add_data_validation(choices)
        choices.add(f"{letter}3:{letter}{LAST_ROW}")
        codes.column_dimensions[source].width = 24


def _names(nodes: Iterable[Any]) -> list[str]:
    return list(dict.fromkeys(str(node.name) for node in nodes))


CODES: Mapping[str, Callable[[], list[str]]] = {
    "unit": lambda: list(all_units()),
    "capacity_unit": lambda: list(all_units()),
    "scheme": lambda: list(all_schemes()),
    "title": lambda: _names(all_titles().values()),
    "class_code": lambda: _names(each for each in all_classes().values() if each.level == "class"),
    "region": lambda: [full_name(code) for code in all_regions()],
    "processes": lambda: list(nodes_of(NodeKind.PROCESS)),
    "materials": lambda: list(nodes_of(NodeKind.MATERIAL)),
}
"""Fields whose values stand in a code list, and the words of it that a template offers."""


def _write_heads(sheet: Worksheet, template: Template) -> None:
    """Write the headings, required ones in bold with a star, and the row of notes below them."""
    for number, column in enumerate(template.columns, start=1):
        head = sheet.cell(1, number, column.heading + ("*" if column.required else ""))
        head.font, head.fill = Font(bold=column.required), _HEAD
        note = sheet.cell(2, number, _note(column, first=number == 1))
        note.font, note.fill = Font(italic=True, color="666666"), _NOTE
        note.alignment = Alignment(wrap_text=True, vertical="top")


def _note(column: Column, *, first: bool) -> str:
    parts = ("必填" if column.required else "选填", column.note)
    text = "；".join(part for part in parts if part)
    return f"{NOTES_MARK}（本行不导入）：{text}" if first else text


def _format_column(sheet: Worksheet, number: int, column: Column) -> None:
    letter = get_column_letter(number)
    sheet.column_dimensions[letter].width = max(14, 2 * len(column.heading) + 4)
    # the column's own format holds for every cell that is still empty
    sheet.column_dimensions[letter].number_format = "General" if column.field in NUMBERS else "@"
    if column.field in CHOICES:
        choices = DataValidation(type="list", formula1=f'"{CHOICES[column.field]}"', allow_blank=True)
        choices.errorTitle, choices.error = "不在可选的值之内", f"请选择：{CHOICES[column.field].replace(',', '、')}"
        sheet.add_data_validation(choices)
        choices.add(f"{letter}3:{letter}{LAST_ROW}")
