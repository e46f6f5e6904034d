"""Use case of the search: the rows that the actor may know of and that have all words of the query.

There is no index to keep, on purpose. A word of two characters has no trigram, and an index over the characters or
bigrams of texts costs more per row written than all the rest of writing it; PostgreSQL reads through the names of
50,000 firms in some 15 ms, and through 100,000 descriptions in some 60 to 100 ms (`tests/bench/searching.py`).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlmodel import Session

from services.catalog.enterprises import access
from services.catalog.kinds import KINDS
from services.catalog.search.rules import Query, excerpt, has_case
from services.catalog.search.schemas import Group, Hit
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
_SAME, _BEGINS, _IN_NAME, _INITIALS, _IN_TEXT = range(5)


def search(session: Session, actor: Actor, text: str, kinds: Collection[str], limit: int) -> list[Group]:
    """What has all words of the query, by kind, up to `limit` of each. 422 for a query without a word."""
    query = Query.read(text)
    if not query.words:
        error = FieldError(pointer="/q", detail="请输入要查找的文字。", code="blank", location="query")
        raise Problem(422, "validation", "提交的内容有误", "没有要查找的文字。", [error])
    return [_group(session, actor, query, kind, limit) for kind in SEARCHED if kind in kinds]


def _group(session: Session, actor: Actor, query: Query, name: str, limit: int) -> Group:
    """What is found of one kind."""
    kind, place = KINDS[name], _PLACES[name]
    columns = kind.table.c
    title, text = columns[place.name], columns[place.text] if place.text else literal("")
    rank = _rank(actor, query, name)
    statement = (
        select(columns.id, title.label("name"), text.label("text"), rank.label("rank"))
        .where(_FINDERS.get(name, kind.visible)(actor), _matches(actor, query, name))
        .order_by(rank, func.char_length(title), columns.id)
        .limit(limit + 1)
    )
    rows = session.execute(statement).all()
    hits = [_hit(row, query, kind.segment) for row in rows[:limit]]
    return Group(kind=name, label=kind.label, hits=hits, more=len(rows) > limit)


def _hit(row: Any, query: Query, segment: str) -> Hit:
    found_in = "text" if row.rank == _IN_TEXT else "initials" if row.rank == _INITIALS else "name"
    around = excerpt(row.text, query.words) if found_in == "text" else ""
    href = f"/catalog/v1/{segment}/{row.id}"
    return Hit(id=row.id, name=row.name, found_in=found_in, excerpt=around, href=href)


def _matches(actor: Actor, query: Query, name: str) -> ColumnElement[bool]:
    """All words occur in a row's name, in what else names it, or in its text; or the name has the initials."""
    place, columns = _PLACES[name], KINDS[name].table.c
    searched = [columns[each] for each in (place.name, *place.also, *([place.text] if place.text else []))]
    ways = [and_(*(_anywhere(searched, word) for word in query.words)), *_by_code(actor, query, name)]
    if query.initials:
        ways.append(columns[place.name].regexp_match(pattern(query.initials)))
    return or_(*ways)


def _rank(actor: Actor, query: Query, name: str) -> ColumnElement[int]:
    """Where the words are: the whole name, its beginning, in what names it, its initials, else the text."""
    place, columns = _PLACES[name], KINDS[name].table.c
    title = columns[place.name]
    whole = query.words[0]
    short = [title, *(columns[each] for each in place.also)]
    named = or_(and_(*(_anywhere(short, word) for word in query.words)), *_by_code(actor, query, name))
    steps = [(or_(*(each == whole for each in short)), _SAME), (title.startswith(whole, autoescape=True), _BEGINS)]
    steps.append((named, _IN_NAME))
    if query.initials:
        steps.append((title.regexp_match(pattern(query.initials)), _INITIALS))
    return case(*steps, else_=_IN_TEXT)


def _by_code(actor: Actor, query: Query, name: str) -> list[ColumnElement[bool]]:
    """An enterprise is found by its credit code by who sees everything."""
    if name != "enterprise" or actor.role is not Role.REVIEWER or len(query.words) > 1:
        return []
    return [KINDS[name].table.c.credit_code == query.words[0].upper()]


def _anywhere(columns: Sequence[ColumnElement[Any]], word: str) -> ColumnElement[bool]:
    """The word occurs in one of the columns."""
    if has_case(word):
        return or_(*(column.icontains(word, autoescape=True) for column in columns))
    return or_(*(column.contains(word, autoescape=True) for column in columns))
