"""Use case of the search: the rows that the actor may know of and that have all words of the query.

Names and texts are read through in memory (`texts`), best first; whether the actor may see what was found the database
says, some rows at a time, until there are enough.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from heapq import merge
from typing import Any, Literal

from sqlalchemy import ColumnElement, Text, cast, select
from sqlmodel import Session

from services.catalog.capabilities import service as capabilities
from services.catalog.enterprises import access
from services.catalog.kinds import KINDS
from services.catalog.search.rules import Query, excerpt
from services.catalog.search.schemas import Group, Hit
from services.catalog.search.texts import Lines, Place, texts
from shared.db.upserts import among
from shared.http.problems import FieldError, Problem
from shared.security.actor import Actor, Role
from shared.text.through import are_among, ranked, shorter_first, without

_PLACES: dict[str, Place] = {
    "enterprise": Place("name", ("short_name",)),
    "product": Place("name", ("code",)),
    "capability": Place("name", ("code",), "text"),
    "need": Place("part_name", ("part_code",), "text"),
}
SEARCHED = tuple(_PLACES)
_BY_INITIALS = frozenset({"enterprise", "product"})

#: An enterprise may be known by its card alone, a capability be public; the rest is found by who sees all of it.
_FINDERS: Mapping[str, Callable[[Actor], ColumnElement[bool]]] = {
    "enterprise": access.listed,
    "capability": capabilities.listed,
}

# where the words are, the best first
_SAME, _BEGINS, _IN_NAME, _INITIALS, _IN_TEXT = range(5)
_FOUND_IN: Mapping[int, Literal["name", "initials", "text"]] = {_INITIALS: "initials", _IN_TEXT: "text"}
_AT_FIRST = 50
"""Rows of which it is asked first whether they may be seen; then eight times as many, and so on."""

Found = tuple[str, int]
"""A row's id, and where the words are."""


def search(session: Session, actor: Actor, text: str, kinds: Collection[str], limit: int) -> list[Group]:
    """What has all words of the query, by kind, up to `limit` of each. 422 for a query without a word."""
    query = Query.read(text)
    if not query.words:
        error = FieldError(pointer="/q", detail="请输入要查找的文字。", code="blank", location="query")
        raise Problem(422, "validation", "提交的内容有误", "没有要查找的文字。", [error])
    return [_group(session, actor, query, kind, limit) for kind in SEARCHED if kind in kinds]


def _group(session: Session, actor: Actor, query: Query, kind: str, limit: int) -> Group:
    """What is found of one kind: by its names first, and by its texts if these are too few."""
    parts = texts(session, _PLACES).lines(session, kind)
    told: list[Hit] = []
    for some in _found(session, actor, parts, query, kind):
        told += _seen(session, actor, query, kind, some, limit + 1 - len(told))
        if len(told) > limit:
            break
    return Group(kind=kind, label=KINDS[kind].label, hits=told[:limit], more=len(told) > limit)


def _found(session: Session, actor: Actor, parts: Sequence[Lines], query: Query, kind: str) -> Iterator[list[Found]]:
    """The rows of a kind that have the words, the best first, in pieces; texts are read where names are too few."""
    by_code = [(id, _IN_NAME) for id in _by_code(session, actor, query, kind)]
    named = (_named(lines, query, kind) for lines in parts)
    yield from _pieces([*by_code, *((id, rank) for rank, _, id in merge(*named))])
    if _PLACES[kind].text is not None:
        yield from _pieces([(id, _IN_TEXT) for id in merge(*(_described(lines, query) for lines in parts))])


def _named(lines: Lines, query: Query, kind: str) -> list[tuple[int, int, str]]:
    """Rank, length of the name and id of those named by the words: the whole name, its beginning, a part of it; then
    of those with the initials. Of the same rank the shorter name comes first.
    """
    named, whole = lines.named(query.readings), query.words[0].lower()
    begins = lines.names.beginning(whole, named)
    same = begins & (lines.names.lengths[named] == len(whole)) | are_among(named, lines.called(whole))
    found = shorter_first(named, ranked(named, _IN_NAME, ((begins, _BEGINS), (same, _SAME))), lines.names.lengths)
    if query.initials and kind in _BY_INITIALS:
        initials = without(lines.with_initials(query.initials), named)
        found += shorter_first(initials, ranked(initials, _INITIALS, ()), lines.names.lengths)
    return [(rank, length, lines.ids[row]) for rank, length, row in found]


def _described(lines: Lines, query: Query) -> list[str]:
    """The ids of those that have the words, not all in their names, the oldest first."""
    return [lines.ids[row] for row in without(lines.described(query.readings), lines.named(query.readings)).tolist()]


def _by_code(session: Session, actor: Actor, query: Query, kind: str) -> list[str]:
    """An enterprise is found by its credit code by who sees everything."""
    if kind != "enterprise" or actor.role is not Role.REVIEWER or len(query.words) > 1:
        return []
    table = KINDS[kind].table
    wanted = select(cast(table.c.id, Text)).where(table.c.credit_code == query.words[0].upper())
    return list(session.execute(wanted).scalars())


def _pieces(found: Sequence[Found]) -> Iterator[list[Found]]:
    """What was found, in pieces that grow."""
    start, size = 0, _AT_FIRST
    while start < len(found):
        yield list(found[start : start + size])
        start, size = start + size, size * 8


def _seen(session: Session, actor: Actor, query: Query, kind: str, found: Sequence[Found], most: int) -> list[Hit]:
    """Those of what was found that the actor may know of, up to so many, in their order."""
    table, place = KINDS[kind].table, _PLACES[kind]
    text = table.c[place.text] if place.text else table.c[place.name]
    visible = _FINDERS.get(kind, KINDS[kind].visible)(actor)
    columns = (cast(table.c.id, Text).label("key"), table.c.id, table.c[place.name].label("name"), text.label("text"))
    wanted = select(*columns).where(among(table.c.id, [id for id, _ in found]), visible)
    rows = {row.key: row for row in session.execute(wanted)}
    return [_hit(rows[id], rank, query, kind) for id, rank in found if id in rows][:most]


def _hit(row: Any, rank: int, query: Query, kind: str) -> Hit:
    href = f"/catalog/v1/{KINDS[kind].segment}/{row.id}"
    around = excerpt(row.text, query.readings) if rank == _IN_TEXT else ""
    return Hit(id=row.id, name=row.name, found_in=_FOUND_IN.get(rank, "name"), excerpt=around, href=href)
