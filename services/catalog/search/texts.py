"""The names and texts of a kind's rows, kept in memory by each process: one long text, which is read through at once.

A word of two characters has no trigram, and an index over the characters of texts makes every row dearer to write.
Read through here, 100,000 texts take a few milliseconds. What has changed is read from the history, whose order is the
order of commits, since writers take turns.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any, NamedTuple
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Select, Table, Text, cast, func, literal, select
from sqlmodel import Session

from services.catalog.history.models import HistoryEntry
from services.catalog.kinds import KINDS
from shared.db.upserts import among, sql_table
from shared.text.initials import pattern
from shared.text.through import Through

_HISTORY = sql_table(HistoryEntry)
_APART = "\x1f"
"""Between two columns of a row: no word goes across."""
_FEW = 20_000
"""Changes up to which rows are read one by one."""


@dataclass(frozen=True)
class Place:
    """Where a kind is searched: its name, what else is short and names it, and its text."""

    name: str
    also: tuple[str, ...] = ()
    text: str | None = None

    def columns(self, table: Table) -> Select[Any]:
        """A row's id, name, what else names it, and its text, in the form in which it is searched."""
        named = func.concat_ws(_APART, *(table.c[each] for each in self.also))
        text = table.c[self.text] if self.text else literal("")
        return select(cast(table.c.id, Text), table.c[self.name], named, text)


class Line(NamedTuple):
    """A row as it is searched, in lower case."""

    name: str
    also: str
    text: str


class Lines:
    """The rows of a kind in the order of their ids."""

    def __init__(self, rows: dict[str, Line]) -> None:
        self.ids = sorted(rows)
        self.lines = [rows[id] for id in self.ids]

    @cached_property
    def names(self) -> Through:
        """What names the rows."""
        return Through(_APART.join((line.name, line.also)) for line in self.lines)

    @cached_property
    def texts(self) -> Through:
        """What describes them."""
        return Through(line.text for line in self.lines)

    def named(self, readings: Iterable[Sequence[str]]) -> set[int]:
        """The rows whose names have all words of one of the readings."""
        return set().union(*(set.intersection(*map(self.names.having, words)) for words in readings))

    def described(self, readings: Iterable[Sequence[str]]) -> set[int]:
        """The rows that have all words of one of the readings in names and text together."""
        return set().union(*(set.intersection(*map(self._anywhere, words)) for words in readings))

    def with_initials(self, letters: str) -> set[int]:
        """The rows whose names have characters with these pinyin initials in a row."""
        return self.names.matching(re.compile(pattern(letters)))

    def _anywhere(self, word: str) -> set[int]:
        return self.names.having(word) | self.texts.having(word)


class Texts:
    """The rows of some kinds as of one place in the history."""

    def __init__(self, places: dict[str, Place]) -> None:
        self._places = places
        self._position = -1
        self._lock = Lock()
        self._rows: dict[str, dict[str, Line]] = {}
        self._lines: dict[str, Lines] = {}

    def lines(self, session: Session, kind: str) -> Lines:
        """A kind's rows as they are committed now; the session has written nothing itself."""
        with self._lock:
            self._refresh(session)
            if kind not in self._rows:
                self._rows[kind] = self._read(session, kind, None)
            if kind not in self._lines:
                self._lines[kind] = Lines(self._rows[kind])
            return self._lines[kind]

    def _refresh(self, session: Session) -> None:
        latest: int = session.execute(select(func.coalesce(func.max(_HISTORY.c.id), 0))).scalar_one()
        if latest > self._position and self._rows:
            since = _HISTORY.c.id.between(self._position + 1, latest)
            columns = (_HISTORY.c.kind, _HISTORY.c.entity_id)
            changed = select(*columns).where(since, among(_HISTORY.c.kind, self._rows)).distinct()
            found: dict[str, list[UUID]] = {}
            for kind, id in session.execute(changed):
                found.setdefault(kind, []).append(id)
            for kind, ids in found.items():
                self._take(session, kind, ids)
        self._position = latest

    def _take(self, session: Session, kind: str, ids: list[UUID]) -> None:
        """Read these rows anew; who is not there any more goes."""
        self._lines.pop(kind, None)
        if len(ids) > _FEW:
            del self._rows[kind]
            return
        for id in ids:
            self._rows[kind].pop(str(id), None)
        self._rows[kind] |= self._read(session, kind, ids)

    def _read(self, session: Session, kind: str, ids: Collection[UUID] | None) -> dict[str, Line]:
        table = KINDS[kind].table
        statement = self._places[kind].columns(table)
        if ids is not None:
            statement = statement.where(among(table.c.id, ids))
        return {row[0]: Line(*(_folded(each) for each in row[1:])) for row in session.execute(statement)}


def _folded(text: str) -> str:
    return text.lower().replace("\n", " ")


_KEPT: WeakKeyDictionary[object, Texts] = WeakKeyDictionary()
_KEEPING = Lock()


def texts(session: Session, places: dict[str, Place]) -> Texts:
    """What is kept of the session's database; of each database a process keeps one."""
    with _KEEPING:
        return _KEPT.setdefault(session.get_bind(), Texts(places))
