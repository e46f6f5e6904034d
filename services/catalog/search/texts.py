"""The names and texts of a kind's rows, kept in memory by each process: one long text, which is read through at once.

A word of two characters has no trigram, and an index over the characters of texts makes every row dearer to write.
Read through here, 100,000 texts take a few milliseconds. What has changed is read from the history, whose order is the
order of commits, since writers take turns.
"""

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
from shared.db.acting import beyond
from shared.db.upserts import among, sql_table
from shared.text.through import Rows, Through, both, either, positions, without

_HISTORY = sql_table(HistoryEntry)
_APART = "\x1f"
"""Between two columns of a row: no word goes across."""
_FEW = 2_000
"""Changes that are searched beside the rest; where there are more, all is read anew."""


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
    """Rows of a kind in the order of their ids; those at the positions `gone` are told no more."""

    def __init__(self, rows: dict[str, Line]) -> None:
        self.ids = sorted(rows)
        self.lines = [rows[id] for id in self.ids]
        self.gone = positions(())

    @cached_property
    def names(self) -> Through:
        """The rows' names."""
        return Through(line.name for line in self.lines)

    @cached_property
    def others(self) -> Through:
        """What else names the rows."""
        return Through(line.also for line in self.lines)

    @cached_property
    def texts(self) -> Through:
        """What describes them."""
        return Through(line.text for line in self.lines)

    def named(self, readings: Iterable[Sequence[str]]) -> Rows:
        """The rows whose names have all words of one of the readings."""
        return without(either(both(map(self._in_names, words)) for words in readings), self.gone)

    def described(self, readings: Iterable[Sequence[str]]) -> Rows:
        """The rows that have all words of one of the readings in names and text together."""
        return without(either(both(map(self._anywhere, words)) for words in readings), self.gone)

    def with_initials(self, letters: str) -> Rows:
        """The rows whose names have characters with these pinyin initials in a row."""
        found = either((self.names.with_initials(letters), self.others.with_initials(letters)))
        return without(found, self.gone)

    def called(self, word: str) -> list[int]:
        """The rows that have another name that is this word, and nothing more."""
        return [row for row in self.others.having(word).tolist() if self.lines[row].also == word]

    @cached_property
    def position(self) -> dict[str, int]:
        """Where each row stands."""
        return {id: row for row, id in enumerate(self.ids)}

    def hide(self, rows: Iterable[int]) -> None:
        """Tell these rows no more."""
        self.gone = either((self.gone, positions(rows)))

    def _in_names(self, word: str) -> Rows:
        return either((self.names.having(word), self.others.having(word)))

    def _anywhere(self, word: str) -> Rows:
        return either((self._in_names(word), self.texts.having(word)))


class Texts:
    """The rows of some kinds as of one place in the history: most as they were read first, and what changed since."""

    def __init__(self, places: dict[str, Place]) -> None:
        self._places = places
        self._position = -1
        self._lock = Lock()
        self._base: dict[str, Lines] = {}
        self._fresh: dict[str, dict[str, Line]] = {}

    def lines(self, session: Session, kind: str) -> tuple[Lines, ...]:
        """A kind's rows as they are committed now, in parts; the session has written nothing itself."""
        with self._lock, beyond(session):
            self._refresh(session)
            if kind not in self._base:
                self._base[kind], self._fresh[kind] = Lines(self._read(session, kind, None)), {}
            fresh = self._fresh[kind]
            return (self._base[kind], Lines(fresh)) if fresh else (self._base[kind],)

    def _refresh(self, session: Session) -> None:
        latest: int = session.execute(select(func.coalesce(func.max(_HISTORY.c.id), 0))).scalar_one()
        if latest > self._position and self._base:
            since = _HISTORY.c.id.between(self._position + 1, latest)
            columns = (_HISTORY.c.kind, _HISTORY.c.entity_id)
            changed = select(*columns).where(since, among(_HISTORY.c.kind, self._base)).distinct()
            found: dict[str, list[UUID]] = {}
            for kind, id in session.execute(changed):
                found.setdefault(kind, []).append(id)
            for kind, ids in found.items():
                self._take(session, kind, ids)
        self._position = latest

    def _take(self, session: Session, kind: str, ids: list[UUID]) -> None:
        """Read these rows anew; who is not there any more goes. Where many have changed, all are read."""
        base, fresh = self._base[kind], self._fresh[kind]
        if len(fresh) + len(ids) > _FEW:
            del self._base[kind], self._fresh[kind]
            return
        there = {str(id) for id in ids}
        gone = {base.position[id] for id in there if id in base.position}
        self._fresh[kind] = {id: line for id, line in fresh.items() if id not in there} | self._read(session, kind, ids)
        base.hide(gone)

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
