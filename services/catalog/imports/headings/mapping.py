"""Mapping files: which foreign headings fill which fields, so that a source is imported as it is (TOML).

One sheet may feed several kinds; a value may be put together from several columns ("{产品}/{零部件}"); constants stand
for what the source does not say. Keys of the source (`source_key`, `supplier_source_key` …) get its label in front.
"""

import re
import tomllib
from fnmatch import fnmatchcase
from functools import partial
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.catalog.imports.cleaning.cells import as_text
from services.catalog.imports.cleaning.fields import REFERENCES, columns
from services.catalog.imports.files.reading import RawSheet
from services.catalog.imports.headings.layout import (
    Binding,
    Layout,
    find_header,
    fold,
    merged_headings,
    nearest,
    repeated_headings,
    required_fields,
    sheet_problem,
)
from services.catalog.imports.outcomes import FileProblem, Problem
from services.catalog.imports.templates import ImportKind

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_KEY = "_source_key"


class Target(BaseModel):
    """Rows of one kind made from a sheet: `columns` name headings (or put some together), `constants` are texts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: ImportKind
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}


class MappedSheet(BaseModel):
    """What to do with the sheets of the files that `file` (a pattern such as 供应商*.csv) and `sheet` name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str = "*"
    sheet: str | None = None
    targets: Annotated[tuple[Target, ...], Field(alias="target", min_length=1)]


class Mapping(BaseModel):
    """A mapping file; `source` is the label of the source's own keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = ""
    sheets: Annotated[tuple[MappedSheet, ...], Field(alias="sheet", min_length=1)]


def parse_mapping(content: bytes) -> Mapping:
    """Read a mapping file. Raises FileProblem for what is no TOML, no mapping, or names unknown kinds and fields."""
    try:
        mapping = Mapping.model_validate(tomllib.loads(content.decode("utf-8-sig")))
    except ValidationError as error:
        raise _invalid(error) from error
    # tomllib raises bare ValueErrors for numbers that Python does not read, and recurses into nested lists
    except (ValueError, RecursionError) as error:
        raise FileProblem("mapping_syntax", f"映射文件不是 UTF-8 的 TOML：{error}", "请按说明核对映射文件") from error
    check_mapping(mapping)
    return mapping


def check_mapping(mapping: Mapping) -> None:
    """Raise FileProblem where a mapping names fields that their kind does not have, or leaves out required ones."""
    for target in (target for sheet in mapping.sheets for target in sheet.targets):
        _check_fields(target)


def mapped_layouts(mapping: Mapping, filename: str, sheet: RawSheet) -> list[Layout]:
    """Return the layouts that a mapping has for a sheet of a file; none if it does not speak of it."""
    fitting = [item for item in mapping.sheets if _speaks_of(item, filename, sheet.title)]
    return [_layout(mapping.source, target, sheet) for item in fitting for target in item.targets]


def _speaks_of(item: MappedSheet, filename: str, title: str) -> bool:
    return fnmatchcase(filename, item.file) and (item.sheet is None or fold(item.sheet) == fold(title))


def _layout(source: str, target: Target, sheet: RawSheet) -> Layout:
    """Bind the target's fields to the sheet's columns; a heading that the sheet does not have leaves no row usable."""
    wanted = [name for form in target.columns.values() for name in _headings(form)]
    header = find_header(sheet, map(fold, wanted))
    written = [as_text(cell) for cell in sheet.rows[header]] if sheet.rows else []
    places = {fold(heading): number for number, heading in enumerate(written)}
    absent = [heading for heading in dict.fromkeys(wanted) if fold(heading) not in places]
    problems = [
        *merged_headings(sheet, header),
        *repeated_headings(sheet, header, written, {fold(heading): heading for heading in wanted}),
        *(_absent(sheet, header, heading) for heading in absent),
    ]
    bound = () if absent else tuple(_bind(source, field, form, places) for field, form in target.columns.items())
    fixed = tuple(
        Binding(field, columns(target.kind)[field].heading, (text,)) for field, text in target.constants.items()
    )
    return Layout(target.kind, sheet, header, bound + fixed, problems, refused=bool(problems), mapped=True)


def _bind(source: str, field: str, form: str, places: dict[str, int]) -> Binding:
    """Bind one field; keys of the source get its label in front, references through such a key say "key:"."""
    label = f"{source}:" if source else ""
    parts = _parts(form, places)
    if field == "source_key":
        parts = (label, *parts)
    elif field.endswith(_KEY):
        field, parts = field.removesuffix(_KEY), ("key:" + label, *parts)
    return Binding(field, " + ".join(_headings(form)), tuple(part for part in parts if part != ""))


def _headings(form: str) -> list[str]:
    """Return the headings that a column's form names: those in braces, or the whole."""
    return _PLACEHOLDER.findall(form) or [form]


def _parts(form: str, places: dict[str, int]) -> tuple[int | str, ...]:
    """Split a form into fixed texts and the columns that its headings have in the sheet."""
    if not _PLACEHOLDER.search(form):
        return (places[fold(form)],)
    pieces = _PLACEHOLDER.split(form)
    return tuple(places[fold(piece)] if number % 2 else piece for number, piece in enumerate(pieces))


def _absent(sheet: RawSheet, header: int, heading: str) -> Problem:
    written = [as_text(cell) for cell in sheet.rows[header]] if sheet.rows else []
    near = nearest(heading, [other for other in written if other])
    remedy = f"是否为“{near}”？请改正映射文件或表头" if near else "请核对映射文件与这张表是否对应"
    message = f"映射文件所用的列“{heading}”不在表中"
    return sheet_problem(sheet, header, "missing_column", message, remedy, heading)


def _check_fields(target: Target) -> None:
    """Refuse fields that the kind does not have, and name the nearest one."""
    known = list(columns(target.kind))
    keys = [name + _KEY for name in known if name in REFERENCES]
    _check_names(target, target.columns, [*known, *keys])
    _check_names(target, target.constants, known)
    given = {name.removesuffix(_KEY) if name in keys else name for name in (*target.columns, *target.constants)}
    if absent := [name for name in required_fields(target.kind) if name not in given]:
        raise FileProblem(
            "mapping_field",
            f"映射文件：{target.kind.value} 缺少必需的字段 {'、'.join(absent)}",
            "请在 columns 中写明来源的列，或在 constants 中给出固定的值",
        )


def _check_names(target: Target, given: dict[str, str], allowed: list[str]) -> None:
    for field in given:
        if field not in allowed:
            near = nearest(field, allowed)
            raise FileProblem(
                "mapping_field",
                f"映射文件：{target.kind.value} 没有字段“{field}”",
                f"是否为“{near}”？" if near else f"可用的字段：{'、'.join(allowed)}",
            )


def _invalid(error: ValidationError) -> FileProblem:
    """Say the first thing that is wrong with a mapping: where it stands and what may stand there."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    kinds = "、".join(kind.value for kind in ImportKind)
    explain = partial(FileProblem, "mapping_content")
    match first["type"]:
        case "enum":
            return explain(f"映射文件：{place} 的值“{first['input']}”不是数据种类", f"可用的种类：{kinds}")
        case "missing" | "too_short":
            return explain(f"映射文件缺少 {place}", "至少要有一个 [[sheet]]，其中至少一个 [[sheet.target]] 写明 kind")
        case "extra_forbidden":
            return explain(f"映射文件：不认识的项 {place}", "请删去，或核对拼写")
        case _:
            return explain(f"映射文件：{place} 应为文字", "请用引号写成文字")
