"""Every list as a spreadsheet: beside each route that answers pages, `….xlsx` and `….csv` with the same filters.

The export asks the list's own endpoint, page after page. So it shows what the list shows: the same rows for the same
actor under the same filters, and a new list or filter is in it without a word more. The columns are those of the
list's wire model; a service's `Vocabulary` says their Chinese headings, and a test fails where one is missing.
"""

import inspect
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import UnionType
from typing import IO, Annotated, Any, Literal, Union, get_args, get_origin
from urllib.parse import quote
from uuid import UUID

import orjson
from fastapi import APIRouter, FastAPI, Path, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel

from shared.http.paging import PageOf
from shared.http.problems import Problem
from shared.spreadsheets.writing import Cell, Table, TooManyRows, write_text, write_workbook

CHINA = timedelta(hours=8)
_PAGE = 1000
_IN_MEMORY = 4 * 2**20


class Form(StrEnum):
    """The forms of an export."""

    XLSX = "xlsx"
    CSV = "csv"


_WRITERS: Mapping[Form, tuple[Callable[[IO[bytes], Table], None], str]] = {
    Form.XLSX: (write_workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    Form.CSV: (write_text, "text/csv; charset=utf-8"),
}


@dataclass(frozen=True)
class Vocabulary:
    """How a service's lists are told to people.

    `headings`: field → Chinese; `words`: field → value → Chinese; `formats`: field → what to make of its value, where
    that is more than a number or a text; `dropped`: fields that only programs read. Ids are always dropped.
    """

    headings: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    formats: Mapping[str, Callable[[Any], Cell]] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Column:
    """A column: the way to its value through nested fields, its heading, and the kind of its values."""

    path: tuple[str, ...]
    heading: str
    kind: type


def export_lists(app: FastAPI, routers: Sequence[APIRouter], vocabulary: Vocabulary) -> None:
    """Add the exports of every list of these routers; a field without heading is told by its name."""
    for route in lists(routers):
        app.add_api_route(
            f"{route.path}.{{form}}",
            _endpoint(route, columns(_item(route), vocabulary), vocabulary),
            summary=f"{route.summary}：导出为 xlsx 或 csv",
            name=f"export_{route.name}",
            tags=route.tags,
            dependencies=route.dependencies,
            response_class=StreamingResponse,
            responses={200: {"content": {media: {} for _, media in _WRITERS.values()}, "description": "文件"}},
        )


def lists(routers: Sequence[APIRouter]) -> Iterator[APIRoute]:
    """The routes that answer pages of a wire model."""
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute) and _pages(route):
                yield route


def columns(item: Any, vocabulary: Vocabulary, above: tuple[str, ...] = ()) -> list[Column]:
    """The columns of a wire model: its fields, those of nested models after the name of the field that holds them."""
    found: dict[tuple[str, ...], Column] = {}
    for model in _models(item):
        for name, info in model.model_fields.items():
            if name in vocabulary.dropped or _is_id(name):
                continue
            path = (*above, name)
            if (
                name not in vocabulary.formats
                and (nested := _models(info.annotation))
                and not _is_list(info.annotation)
            ):
                found |= {column.path: column for each in nested for column in columns(each, vocabulary, path)}
            else:
                heading = "·".join(vocabulary.headings.get(part, part) for part in path)
                found.setdefault(path, Column(path, heading, _kind(info.annotation)))
    return list(found.values())


def cell(value: Any, column: Column, vocabulary: Vocabulary) -> Cell:
    """A value of the API's JSON as a cell: words for codes, numbers as numbers, dates as dates, lists joined."""
    name = column.path[-1]
    if value is None or value == "":
        return None
    if name in vocabulary.formats:
        return vocabulary.formats[name](value)
    if isinstance(value, list):
        return "；".join(str(cell(each, column, vocabulary)) for each in value) or None
    if isinstance(value, dict):
        return orjson.dumps(value).decode()
    if name in vocabulary.words:
        return vocabulary.words[name].get(str(value), str(value))
    return _plain(value, column.kind)


def _plain(value: Any, kind: type) -> Cell:
    if isinstance(value, bool):
        return "是" if value else "否"
    if kind is Decimal:
        return Decimal(str(value))
    if kind is datetime:
        return (datetime.fromisoformat(value) + CHINA).strftime("%Y-%m-%d %H:%M:%S")
    if kind is date:
        return date.fromisoformat(value)
    return value if isinstance(value, (int, str)) else str(value)


def _endpoint(route: APIRoute, shown: list[Column], vocabulary: Vocabulary) -> Callable[..., Response]:
    """The export of one list: its endpoint's own parameters, but for those that turn pages."""
    asked = inspect.signature(route.endpoint).parameters
    kept = [parameter for name, parameter in asked.items() if name not in ("after", "limit")]

    def export(_request: Request, form: Form, **given: Any) -> Response:
        rows = _rows(route.endpoint, given, shown, vocabulary)
        title = route.summary or route.name
        now = datetime.now(UTC) + CHINA
        notes = [
            ("内容", title),
            ("导出时间", now.strftime("%Y-%m-%d %H:%M:%S")),
            ("筛选条件", "；".join(f"{key}={value}" for key, value in _request.query_params.items()) or "无"),
        ]
        table = Table(title, [column.heading for column in shown], rows, notes)
        return _file(table, form, f"{title}-{now:%Y-%m-%d}.{form}")

    export.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter("_request", inspect.Parameter.KEYWORD_ONLY, annotation=Request),
            inspect.Parameter(
                "form", inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[Form, Path(description="xlsx 或 csv")]
            ),
            *(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in kept),
        ]
    )
    export.__doc__ = f"{route.summary}：当前筛选条件下的全部行。"
    return export


def _rows(
    ask: Callable[..., Response], given: Mapping[str, Any], shown: Sequence[Column], vocabulary: Vocabulary
) -> Iterator[list[Cell]]:
    after: str | None = None
    while True:
        page = orjson.loads(ask(**given, after=after, limit=_PAGE).body)
        for item in page["items"]:
            yield [cell(_value(item, column.path), column, vocabulary) for column in shown]
        after = page["next"]
        if after is None:
            return


def _file(table: Table, form: Form, name: str) -> Response:
    """The table as a download; written to a temporary file first, so that a fault still is an answer of its own."""
    write, media = _WRITERS[form]
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed when it has been sent
    try:
        write(file, table)
    except TooManyRows as error:
        file.close()
        raise Problem(422, "too-many-rows", "行数超过一个工作表的上限", "请加筛选条件，或导出为 csv。") from error
    except BaseException:
        file.close()
        raise
    file.seek(0)
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return StreamingResponse(_sent(file), media_type=media, headers={"Content-Disposition": disposition})


def _sent(file: "tempfile.SpooledTemporaryFile[bytes]") -> Iterator[bytes]:
    with file:
        while chunk := file.read(2**16):
            yield chunk


def _value(item: Mapping[str, Any] | None, path: Sequence[str]) -> Any:
    found: Any = item
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _pages(route: APIRoute) -> bool:
    model = route.response_model
    return isinstance(model, type) and issubclass(model, BaseModel) and _page_item(model) is not None


def _item(route: APIRoute) -> Any:
    return _page_item(route.response_model)


def _page_item(model: Any) -> Any:
    """What PageOf[…] is a page of; None for other models."""
    told = model.__pydantic_generic_metadata__
    return told["args"][0] if told["origin"] is PageOf else None


def _models(annotation: Any) -> list[type[BaseModel]]:
    """The wire models in an annotation, through unions and lists."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for each in get_args(annotation) for model in _models(each)]


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) in (list, tuple) or any(_is_list(each) for each in get_args(annotation))


def _is_id(name: str) -> bool:
    return name in ("id", "version") or name.endswith(("_id", "_ids"))


def _kind(annotation: Any) -> type:
    """The type that a field's values have, past None and Annotated; text for what is none of the others."""
    origin = get_origin(annotation)
    if origin in (Union, UnionType, Annotated):
        kinds = [_kind(each) for each in get_args(annotation) if each is not type(None)]
        return next((kind for kind in kinds if kind is not str), str)
    if origin is Literal or not isinstance(annotation, type):
        return str
    return next((kind for kind in (Decimal, datetime, date, bool, int, UUID) if issubclass(annotation, kind)), str)
