"""Use case of the search: the rows that the actor may know of and that have all words of the query.

There is no index to keep, on purpose: a word of two characters has no trigram, and an index over the characters or
bigrams of texts makes every row dearer to write. PostgreSQL reads through 50,000 firms' names in some 15 ms; texts
are read only where names do not give enough. `tests/bench/searching.py` has both sides of the bargain.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, false, func, not_, or_, select
from sqlmodel import Session

from services.catalog.enterprises import access
from services.catalog.kinds import KINDS
from services.catalog.search.names import names
from services.catalog.search.rules import Query, excerpt, has_case
from services.catalog.search.schemas import Group, Hit
from shared.db.upserts import among
from shared.http.problems import FieldError, Problem
from shared.security.actor import Actor, Role
from shared.text.initials import pattern


@dataclass(frozen=True)
class _Place:
    """Where a kind is searched: its name, what else is short and names it, and its text."""

    name: str
    also: tuple[str, ...] = ()
    text: str | None = None


_PLACES: Mapping[str, _Place] = {
    "enterprise": _Place("name", ("short_name",)),
    "product": _Place("name", ("code",)),
    "capability": _Place("name", ("code",), "text"),
    "need": _Place("part_name", ("part_code",), "text"),
}
SEARCHED = tuple(_PLACES)

#: An enterprise may be known by its card alone; everything else is found by who sees all of it.
_FINDERS: Mapping[str, Callable[[Actor], ColumnElement[bool]]] = {"enterprise": access.listed}

# where the words are, the best first
_SAME, _BEGINS, _IN_NAME, _INITIALS = range(4)


def search(session: Session, actor: Actor, text: str, kinds: Collection[str], limit: int) -> list[Group]:
    """What has all words of the query, by kind, up to `limit` of each. 422 for a query without a word."""
    query = Query.read(text)
    if not query.words:
        error = FieldError(pointer="/q", detail="请输入要查找的文字。", code="blank", location="query")
        raise Problem(422, "validation", "提交的内容有误", "没有要查找的文字。", [error])
    return [_group(session, actor, query, kind, limit) for kind in SEARCHED if kind in kinds]


def _group(session: Session, actor: Actor, query: Query, name: str, limit: int) -> Group:
    """What is found of one kind: by its names first, and by its texts if these are too few."""
    place, segment = _PLACES[name], KINDS[name].segment
    rows = list(session.execute(_by_names(session, actor, query, name).limit(limit + 1)))
    hits = [_hit(row, "initials" if row.rank == _INITIALS else "name", segment) for row in rows]
    if place.text is not None and len(hits) <= limit:
        known = [hit.id for hit in hits]
        for row in session.execute(_by_texts(actor, query, name, known).limit(limit + 1 - len(hits))):
            hits.append(_hit(row, "text", segment, excerpt(row.text, query.readings)))
    return Group(kind=name, label=KINDS[name].label, hits=hits[:limit], more=len(hits) > limit)


def _hit(row: Any, found_in: Literal["name", "initials", "text"], segment: str, around: str = "") -> Hit:
    href = f"/catalog/v1/{segment}/{row.id}"
    return Hit(id=row.id, name=row.name, found_in=found_in, excerpt=around, href=href)


def _by_names(session: Session, actor: Actor, query: Query, name: str) -> Select[Any]:
    """The rows named by all words or by the initials: the whole name, its beginning, a part of it, its initials."""
    kind, place = KINDS[name], _PLACES[name]
    columns, title, whole = kind.table.c, kind.table.c[place.name], query.words[0]
    short = [title, *(columns[each] for each in place.also)]
    named = or_(_has_all(short, query), *_by_code(actor, query, name))
    initials = _initials(session, query, name)
    steps: list[tuple[ColumnElement[bool], int]] = [
        (or_(*(each == whole for each in short)), _SAME),
        (title.startswith(whole, autoescape=True), _BEGINS),
        (named, _IN_NAME),
    ]
    rank = case(*steps, else_=_INITIALS)
    seen = _FINDERS.get(name, kind.visible)(actor)
    found = select(columns.id, title.label("name"), rank.label("rank")).where(seen, or_(named, initials))
    return found.order_by(rank, func.char_length(title), columns.id)


def _by_texts(actor: Actor, query: Query, name: str, known: Collection[UUID]) -> Select[Any]:
    """Other rows that have all words in their names and texts together, the oldest first."""
    kind, place = KINDS[name], _PLACES[name]
    columns = kind.table.c
    searched = [columns[each] for each in (place.name, *place.also, str(place.text))]
    found = select(columns.id, columns[place.name].label("name"), columns[str(place.text)].label("text"))
    return found.where(kind.visible(actor), _has_all(searched, query), not_(among(columns.id, known))).order_by(
        columns.id
    )


def _initials(session: Session, query: Query, name: str) -> ColumnElement[bool]:
    """The rows whose name has the initials, if the query may be meant so and the kind is searched so."""
    if query.initials is None or name not in ("enterprise", "product"):
        return false()
    if name == "enterprise":
        return among(KINDS[name].table.c.id, names(session).with_initials(query.initials))
    return KINDS[name].table.c[_PLACES[name].name].regexp_match(pattern(query.initials))


def _by_code(actor: Actor, query: Query, name: str) -> list[ColumnElement[bool]]:
    """An enterprise is found by its credit code by who sees everything."""
    if name != "enterprise" or actor.role is not Role.REVIEWER or len(query.words) > 1:
        return []
    return [KINDS[name].table.c.credit_code == query.words[0].upper()]


def _has_all(columns: Sequence[ColumnElement[Any]], query: Query) -> ColumnElement[bool]:
    """All words occur in the columns together, in one of the ways to read the query."""
    return or_(*(and_(*(_anywhere(columns, word) for word in words)) for words in query.readings))


def _anywhere(columns: Sequence[ColumnElement[Any]], word: str) -> ColumnElement[bool]:
    """The word occurs in one of the columns."""
    if has_case(word):
        return or_(*(column.icontains(word, autoescape=True) for column in columns))
    return or_(*(column.contains(word, autoescape=True) for column in columns))
