"""Every list as a spreadsheet: beside each route that answers one, `….xlsx` and `….csv` with the same filters.

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
from functools import partial
from itertools import chain
from types import UnionType
from typing import IO, Annotated, Any, Literal, Union, get_args, get_origin
from urllib.parse import quote
from uuid import UUID

import orjson
from annotated_types import Le
from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel

from shared.audit import acting
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


@dataclass(frozen=True)
class Listing:
    """A route that answers a list of `item`, under the field `field` of its answer ("": the answer is the list)."""

    route: APIRoute
    item: type[BaseModel] | UnionType
    field: str

    @property
    def is_paged(self) -> bool:
        """Whether it answers page after page."""
        return {"after", "limit"} <= inspect.signature(self.route.endpoint).parameters.keys()


AsOf = Callable[[Request], str]
"""Says as of when the data is that a service tells, where it follows another one."""


def exports(routers: Sequence[APIRouter], vocabulary: Vocabulary, as_of: AsOf | None = None) -> APIRouter:
    """The exports of every list of these routers, to be included before them; a field without heading is told by name.

    Before them, because /clusters/tiers.csv would else be taken for the cluster of that id.
    """
    router = APIRouter()
    for listing in listings(routers):
        route = listing.route
        router.add_api_route(
            f"{route.path}.{{form}}",
            _endpoint(listing, columns(listing.item, vocabulary), vocabulary, as_of),
            summary=f"{route.summary}：导出为 xlsx 或 csv",
            name=f"export_{route.name}",
            tags=route.tags,
            dependencies=route.dependencies,
            response_class=StreamingResponse,
            responses={200: {"content": {media: {} for _, media in _WRITERS.values()}, "description": "文件"}},
        )
    return router


def listings(routers: Sequence[APIRouter]) -> Iterator[Listing]:
    """The lists: routes that answer wire models by themselves, or under `items` or `rows` of another model."""
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute) and route.methods == {"GET"}:
                for name, annotation in _lists_in(route.response_model):
                    if _models(annotation):
                        yield Listing(route, get_args(annotation)[0], name)


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
        return _record(value, vocabulary)
    if name in vocabulary.words:
        return vocabulary.words[name].get(str(value), str(value))
    return _plain(value, column.kind)


def _record(values: Mapping[str, Any], vocabulary: Vocabulary) -> Cell:
    """A record within a cell: heading and value of each field."""
    told = (
        f"{vocabulary.headings.get(name, name)}：{cell(value, Column((name,), '', str), vocabulary)}"
        for name, value in values.items()
        if value is not None and name not in vocabulary.dropped and not _is_id(name)
    )
    return "，".join(told) or None


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


def _endpoint(
    listing: Listing, shown: list[Column], vocabulary: Vocabulary, as_of: AsOf | None
) -> Callable[..., Response]:
    """The export of one list: its endpoint's own parameters, but for those that turn pages."""
    route = listing.route
    asked = inspect.signature(route.endpoint).parameters
    kept = [parameter for name, parameter in asked.items() if not (listing.is_paged and name in ("after", "limit"))]

    def export(_request: Request, form: Form, **given: Any) -> Response:
        title, now = route.summary or route.name, datetime.now(UTC) + CHINA
        filters = "；".join(f"{key}={value}" for key, value in _request.query_params.items()) or "无"
        answers = _answers(listing, given)
        first = next(answers)
        notes = [
            ("内容", title),
            ("导出时间", now.strftime("%Y-%m-%d %H:%M:%S")),
            ("筛选条件", filters),
            *([("数据时间", as_of(_request))] if as_of else []),
            *_said_with(first),
        ]
        written = Written()
        rows = (
            [cell(_value(item, column.path), column, vocabulary) for column in shown]
            for answer in chain([first], answers)
            for item in written.counted(answer[listing.field] if listing.field else answer)
        )
        table = Table(title, [column.heading for column in shown], rows, notes)
        file = _file(table, form, f"{title}-{now:%Y-%m-%d}.{form}")
        _note(_request, form, written.rows)
        return file

    export.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter("_request", inspect.Parameter.KEYWORD_ONLY, annotation=Request),
            inspect.Parameter(
                "form", inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[Form, Path(description="xlsx 或 csv")]
            ),
            *(_widest(parameter).replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in kept),
        ]
    )
    export.__doc__ = f"{route.summary}：当前筛选条件下的全部行。"
    return export


@dataclass
class Written:
    """How many rows an export has so far."""

    rows: int = 0

    def counted(self, items: Sequence[Any]) -> Sequence[Any]:
        """The items of one more page."""
        self.rows += len(items)
        return items


def _note(request: Request, form: Form, rows: int) -> None:
    """Tell the audit who takes what away, under which filters."""
    with request.app.state.database.session() as session:
        acting.follow(session, partial(acting.act_of, request))
        told = {"form": form.value, "rows": rows, "filters": dict(request.query_params)}
        acting.note(session, "export", "list", request.url.path.rpartition(".")[0], told)
        session.commit()


def _widest(parameter: inspect.Parameter) -> inspect.Parameter:
    """A list that turns no pages is exported as far as it goes, unless fewer rows are asked for."""
    told = getattr(parameter.annotation, "__metadata__", ())
    bounds = [each.le for query in told for each in getattr(query, "metadata", ()) if isinstance(each, Le)]
    return parameter.replace(default=bounds[0]) if parameter.name == "limit" and bounds else parameter


def _answers(listing: Listing, given: Mapping[str, Any]) -> Iterator[Any]:
    """What the list's endpoint answers, page after page where it has pages."""
    turning: dict[str, Any] = {"after": None, "limit": _PAGE} if listing.is_paged else {}
    while True:
        answer = orjson.loads(listing.route.endpoint(**given, **turning).body)
        yield answer
        if not turning or answer["next"] is None:
            return
        turning["after"] = answer["next"]


def _said_with(answer: Any) -> list[tuple[str, str]]:
    """A rate never leaves without its definition."""
    definition = answer.get("definition") if isinstance(answer, dict) else None
    return [("口径", definition["sentence"])] if definition else []


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


def _lists_in(model: Any) -> Iterator[tuple[str, Any]]:
    """The annotations of the lists that an answer holds, with their fields."""
    if _is_list(model):
        yield "", model
    elif isinstance(model, type) and issubclass(model, BaseModel):
        for name in ("items", "rows"):
            if name in model.model_fields and _is_list(model.model_fields[name].annotation):
                yield name, model.model_fields[name].annotation


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
