"""From a file to its rows: which sheets are read as what, and each row cleaned. Pure: nothing is looked up."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import PurePath

from services.catalog.imports.cleaning.cells import as_text, is_blank
from services.catalog.imports.cleaning.duplicates import settle_duplicates
from services.catalog.imports.cleaning.rows import Row, read_rows
from services.catalog.imports.files.reading import RawSheet
from services.catalog.imports.headings.layout import (
    Layout,
    all_headings,
    find_header,
    fold,
    kind_of_headings,
    kind_of_title,
    own_layout,
    sheet_problem,
)
from services.catalog.imports.headings.mapping import Mapping, mapped_layouts
from services.catalog.imports.outcomes import FileProblem, Outcome, Problem
from services.catalog.imports.templates import CODES_SHEET, TEMPLATES, ImportKind


@dataclass
class Plan:
    """What a file holds: its rows by kind in the order of import, the sheets' own problems, and notes."""

    rows: dict[ImportKind, list[Row]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unread: bool = False

    @property
    def all_rows(self) -> list[Row]:
        """All rows, in the order of import."""
        return [row for rows in self.rows.values() for row in rows]


def plan_import(
    filename: str, sheets: list[RawSheet], kind: ImportKind | None = None, mapping: Mapping | None = None
) -> Plan:
    """Read the sheets of a file. Raises FileProblem when none of them can be read as anything."""
    plan, layouts = Plan(), []
    filled = with_data(sheets)
    for sheet in filled:
        found = layouts_of(filename, sheet, kind if len(filled) == 1 else None, mapping)
        layouts += found or _unread(plan, sheet)
    if not layouts:
        raise _nothing_to_read(plan)
    _collect(plan, layouts)
    return plan


def with_data(sheets: Sequence[RawSheet]) -> list[RawSheet]:
    """Return the sheets that are not empty and not the code lists of our own templates."""
    own = [sheet for sheet in sheets if sheet.title != CODES_SHEET]
    return [sheet for sheet in own if sheet.troubles or not all(map(is_blank, chain.from_iterable(sheet.rows)))]


def layouts_of(filename: str, sheet: RawSheet, kind: ImportKind | None, mapping: Mapping | None) -> list[Layout]:
    """Return how a sheet is read: by the mapping, else as the kind asked for, or that its name or headings tell."""
    mapped = mapped_layouts(mapping, filename, sheet) if mapping else []
    if mapped:
        return mapped
    stem = PurePath(filename.replace("\\", "/")).stem
    found = kind or kind_of_title(sheet.title) or kind_of_headings(sheet) or kind_of_title(stem)
    return [own_layout(sheet, found)] if found else []


def _collect(plan: Plan, layouts: list[Layout]) -> None:
    """Read the layouts' rows in the order of import, whatever the order of the sheets."""
    for kind in ImportKind:
        of_kind = [layout for layout in layouts if layout.kind is kind]
        if of_kind:
            plan.rows[kind] = [row for layout in of_kind for row in read_rows(layout)]
            settle_duplicates(plan.rows[kind])
            plan.notes += _notes(kind, plan.rows[kind])
    # a mapping may read one sheet in several ways, and find the same fault in each
    plan.problems += dict.fromkeys(problem for layout in layouts for problem in layout.problems)


def _notes(kind: ImportKind, rows: list[Row]) -> list[str]:
    """Say what was understood in another way than it was written, and how many rows repeat earlier ones."""
    title = TEMPLATES[kind].title
    repeated = sum(row.outcome is Outcome.REPEATED for row in rows)
    counted = Counter(note for row in rows for note in row.notes if row.outcome is not Outcome.REPEATED)
    notes = [f"“{title}”：{note}（{count} 行）" for note, count in counted.items()]
    if not rows:
        notes.append(f"“{title}”：只有表头，没有数据行")
    return [*notes, *([f"“{title}”：{repeated} 行与前面的行相同，已合并"] if repeated else [])]


def _unread(plan: Plan, sheet: RawSheet) -> list[Layout]:
    """Say that a sheet was not read; if it has headings of ours, that is a problem and not just a remark."""
    header = find_header(sheet, all_headings())
    known = sum(fold(as_text(cell)) in all_headings() for cell in sheet.rows[header])
    titles = "、".join(template.title for template in TEMPLATES.values())
    if known >= 2:
        plan.unread = True
        message, remedy = f"看不出工作表“{sheet.title}”是哪一种数据", f"请把工作表改名为其中之一：{titles}"
        plan.problems.append(sheet_problem(sheet, header, "unknown_sheet", message, remedy))
    else:
        plan.notes.append(f"工作表“{sheet.title}”不是导入模板，没有导入")
    return []


def _nothing_to_read(plan: Plan) -> FileProblem:
    titles = "、".join(template.title for template in TEMPLATES.values())
    if not plan.problems and not plan.notes:
        return FileProblem("no_data", "文件里没有数据", "请确认数据已保存在文件中，再重新上传")
    return FileProblem(
        "unknown_kind",
        "看不出文件里是哪一种数据",
        f"请用导入模板，或把工作表（CSV 为文件名）改为其中之一：{titles}；外来表头请同时提交映射文件",
    )
