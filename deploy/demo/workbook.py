"""suggestions.xlsx: the report's tables as live formulas over the lines and suggestions that they come from."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from deploy.demo.figures import TEN_THOUSAND, RateRow, Report

RATE_HEADINGS = ("名称", "采购额", "现在", "现率", "+建议", "建议后", "建议后率", "可达到", "可达到率", "目标", "结论")
SUGGESTION_FIELDS = {
    "集群": "cluster_name",
    "链主": "leader_name",
    "主导产品": "product_name",
    "零部件编码": "part_code",
    "零部件": "part_name",
    "供应商": "supplier_name",
    "供应商信用代码": "supplier_key",
    "能力": "capability_name",
    "状态": "state_label",
    "数量": "quantity",
    "单位": "unit",
    "单价": "unit_price",
    "金额": "amount",
    "得分": "score",
}


def write_workbook(report: Report, path: Path) -> None:
    """Write the workbook: 汇总 (formulas), 需求 (one line each, classes adding up), 建议, 诊断, 口径."""
    book = Workbook()
    book.remove(book.active)
    summary = book.create_sheet("汇总")
    line_columns = _write_lines(book.create_sheet("需求"), report)
    _write_suggestions(book.create_sheet("建议"), report)
    _write_summary(summary, report, line_columns)
    _write_diagnosis(book.create_sheet("诊断"), report, line_columns)
    _write_definition(book.create_sheet("口径"), report)
    book.save(path)


def _put(sheet: Worksheet, row: int, column: int, value: Any) -> Cell:
    """A cell with a value. Text stays text: a name that begins with = + - @ must never become a formula."""
    cell: Cell = sheet.cell(row, column)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in tuple("=+-@")
    return cell


def _formula(sheet: Worksheet, row: int, column: int, formula: str, number_format: str) -> None:
    cell = sheet.cell(row, column, formula)
    cell.number_format = number_format


def _head(sheet: Worksheet, headings: Iterable[str], row: int = 1) -> None:
    for column, heading in enumerate(headings, 1):
        _put(sheet, row, column, heading).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = max(12, 2.2 * len(heading))
    sheet.freeze_panes = sheet.cell(row + 1, 1)


def _write_lines(sheet: Worksheet, report: Report) -> dict[str, str]:
    """One row per line of the plan; answers the column letters by name and by spend class."""
    classes = {part["class"]: part["label"] for part in report.diagnosis}
    fixed = ("集群", "链主", "主导产品", "零部件编码", "零部件", "采购额")
    _head(sheet, (*fixed, *classes.values(), "核对"))
    names = ("cluster", "leader", "product", "code", "part", "spend", *classes)
    letters = {name: get_column_letter(column) for column, name in enumerate(names, 1)}
    first, last = get_column_letter(len(fixed) + 1), get_column_letter(len(names))
    for row, line in enumerate(report.lines, 2):
        texts = (line["cluster_name"], line["leader_name"], line["product_name"], line["part_code"], line["name"])
        values = (*texts, line["spend"], *(line["classes"].get(name, 0) for name in classes))
        for column, value in enumerate(values, 1):
            _put(sheet, row, column, value)
        _formula(sheet, row, len(values) + 1, f"=F{row}-SUM({first}{row}:{last}{row})", "0")
    return letters


def _write_suggestions(sheet: Worksheet, report: Report) -> None:
    _head(sheet, (*SUGGESTION_FIELDS, "依据"))
    for row, item in enumerate(report.suggestions, 2):
        values: Sequence[Any] = [item.get(field) for field in SUGGESTION_FIELDS.values()]
        evidence = "\n".join(piece["sentence"] for piece in item["evidence"] if piece["verdict"] != "not_asked")
        for column, value in enumerate((*values, evidence), 1):
            _put(sheet, row, column, value)


def _write_summary(sheet: Worksheet, report: Report, letters: dict[str, str]) -> None:
    _put(sheet, 1, 1, report.headline())
    row = 3
    for title, rows, by in (("集群", report.clusters, "cluster"), ("主导产品", report.products, "product")):
        _head(sheet, (title, *RATE_HEADINGS[1:]), row)
        for rate_row in rows:
            row += 1
            _write_rate(sheet, row, rate_row, letters, by)
        row += 2
    sheet.freeze_panes = None


def _write_rate(sheet: Worksheet, row: int, rate_row: RateRow, letters: dict[str, str], by: str) -> None:
    def total(name: str) -> str:
        column = letters[name]
        condition = f"需求!{letters[by]}:{letters[by]},$A{row}"
        if by == "product":
            condition += f",需求!{letters['leader']}:{letters['leader']},$L{row}"
        return f"SUMIFS(需求!{column}:{column},{condition})"

    _put(sheet, row, 1, rate_row.name)
    _put(sheet, row, 12, rate_row.owner)
    formulas = {
        2: f"={total('spend')}-{total('excluded')}",
        3: f"={total('local_now')}",
        5: f"={total('approved')}+{total('suggested')}",
        6: f"=C{row}+E{row}",
    }
    for column, formula in formulas.items():
        _formula(sheet, row, column, formula, "#,##0")
    _put(sheet, row, 8, rate_row.attainable).number_format = "#,##0"
    _put(sheet, row, 10, rate_row.target / TEN_THOUSAND).number_format = "0%"
    for column, amount in ((4, "C"), (7, "F"), (9, "H")):
        _formula(sheet, row, column, f"=IF(B{row}=0,0,ROUNDDOWN({amount}{row}/B{row},4))", "0.00%")
    _formula(sheet, row, 11, f'=IF(F{row}>=J{row}*B{row},"达到","未达到")', "@")


def _write_diagnosis(sheet: Worksheet, report: Report, letters: dict[str, str]) -> None:
    _head(sheet, ("类别", "数额"))
    for row, part in enumerate(report.diagnosis, 2):
        column = letters[part["class"]]
        _put(sheet, row, 1, part["label"])
        _formula(sheet, row, 2, f"=SUM(需求!{column}2:{column}{len(report.lines) + 1})", "#,##0")
    end = len(report.diagnosis) + 2
    _put(sheet, end, 1, "合计")
    _formula(sheet, end, 2, f"=SUM(B2:B{end - 1})", "#,##0")


def _write_definition(sheet: Worksheet, report: Report) -> None:
    for row, text in enumerate((report.definition, *report.premises, report.optimum()), 1):
        _put(sheet, row, 1, text)
    sheet.column_dimensions["A"].width = 100
