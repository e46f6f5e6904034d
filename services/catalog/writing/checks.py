"""Whether a row may be written: its fields, what it refers to, and whether an earlier row says the same thing.

The use cases of the features check again what concerns them; this is what can be told row by row, before anything is
written, with the field to point at.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import new_class
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError
from sqlalchemy import Column, Table, select
from sqlmodel import Session

from services.catalog.kinds import KINDS, EntityKind
from shared.db.upserts import among
from shared.http.problems import FieldError, Problem, conflict, validation_problem


@cache
def strict(model: type[BaseModel]) -> type[BaseModel]:
    """A write model that refuses fields that it does not know: a misspelt one must not be passed over in silence."""
    own = {"__module__": __name__, "__doc__": model.__doc__}
    found: type[BaseModel] = new_class(model.__name__, (model,), {"extra": "forbid"}, lambda body: body.update(own))
    return found


def read(kind: EntityKind, fields: Mapping[str, Any]) -> BaseModel:
    """The row that fields describe; a Problem (422) with a pointer for each field that is wrong."""
    try:
        return strict(kind.write).model_validate(fields)
    except ValidationError as error:
        raise validation_problem([{**each, "loc": ("body", *each["loc"])} for each in error.errors()]) from error


def identities(kind: EntityKind, row: BaseModel) -> Iterator[tuple[Any, ...]]:
    """What a row is known by: its key, or for enterprises each of their keys that is given."""
    if not kind.by_any_key:
        yield tuple(getattr(row, name) for name in kind.key)
        return
    for name in kind.key:
        if value := getattr(row, name):
            yield (name, value)


def repeated(kind: EntityKind, row: BaseModel, seen: dict[tuple[Any, ...], int], number: int) -> Problem | None:
    """The problem of a row that an earlier one of the same request means too; else notes it in `seen`."""
    keys = list(identities(kind, row))
    for key in keys:
        if key in seen:
            return conflict(f"同一{kind.label}重复出现", f"第 {seen[key]} 行已经写了它；请只保留一行。", "repeated")
    seen.update(dict.fromkeys(keys, number))
    return None


def dangling(session: Session, kind: EntityKind, rows: Sequence[BaseModel]) -> list[Problem | None]:
    """For each row the problem (422) of a reference to something that is not there; one query per reference."""
    found: list[Problem | None] = [None] * len(rows)
    for column, referred in _references(kind):
        named: list[UUID | None] = [getattr(row, column.name) for row in rows]
        wanted = {each for each in named if each is not None}
        there = set(session.execute(select(referred.c.id).where(among(referred.c.id, wanted))).scalars())
        for position, each in enumerate(named):
            if each is not None and each not in there and found[position] is None:
                found[position] = _no_such(column.name, referred, each)
    return found


def _references(kind: EntityKind) -> Iterator[tuple[Column[Any], Table]]:
    for column in kind.table.columns:
        if column.name in kind.write.model_fields:
            for key in column.foreign_keys:
                yield column, key.column.table


def _no_such(field: str, referred: Table, id: UUID) -> Problem:
    labels = {each.table.name: each.label for each in KINDS.values()}
    detail = f"没有编号为 {id} 的{labels[referred.name]}。"
    return Problem(
        422, "validation", "提交的内容有误", detail, [FieldError(pointer=f"/{field}", detail=detail, code="unknown")]
    )
