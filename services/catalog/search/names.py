"""The names of all enterprises, kept in memory by each process: what an index of the database cannot answer.

PostgreSQL cannot compare 50,000 names with one another by likeness in less than some tenths of a second. Kept here it
takes milliseconds; what has changed since is read from the history, whose order is the order of commits, since writers
take turns.
"""

from collections import defaultdict
from threading import Lock
from typing import NamedTuple
from uuid import UUID
from weakref import WeakKeyDictionary

from rapidfuzz import fuzz, process
from sqlalchemy import func, select
from sqlmodel import Session

from services.catalog.enterprises.models import Enterprise
from services.catalog.history.models import HistoryEntry
from shared.db.acting import beyond
from shared.db.upserts import among, sql_table
from shared.text.normalise import company_core

_FIRMS, _HISTORY = sql_table(Enterprise), sql_table(HistoryEntry)

#: From here on two names are alike: of eight characters one differs.
ALIKE = 86
#: Two neighbouring characters that more names share than this tell nothing (机械, 科技); the rarer ones of a name do.
_COMMON = 300


class Firm(NamedTuple):
    """An enterprise by its names, and what is left of its name without legal form and leading places."""

    id: UUID
    name: str
    short_name: str | None
    credit_code: str | None
    core: str


class Names:
    """All names as of one place in the history."""

    def __init__(self) -> None:
        self._position = -1
        self._lock = Lock()
        self._firms: dict[UUID, Firm] = {}
        self._by_core: dict[str, set[UUID]] = defaultdict(set)
        self._by_pair: dict[str, set[UUID]] = defaultdict(set)

    def refresh(self, session: Session) -> None:
        """Take in what was committed since; the session has written nothing itself."""
        with self._lock, beyond(session):
            latest = session.execute(select(func.coalesce(func.max(_HISTORY.c.id), 0))).scalar_one()
            if latest > self._position:
                changed = None if self._position < 0 else self._changed(session, latest)
                if changed is None or changed:
                    self._take(session, changed)
                self._position = latest

    def firm(self, id: UUID) -> Firm | None:
        """An enterprise; None for one that is not there."""
        with self._lock:
            return self._firms.get(id)

    def all(self) -> list[Firm]:
        """Every enterprise, the oldest first."""
        with self._lock:
            return sorted(self._firms.values())

    def alike(self, firm: Firm, cutoff: int) -> list[tuple[Firm, int]]:
        """The other enterprises whose cores are like a firm's, with the likeness from `cutoff` to 100, in no order.

        Likeness is 100 less the characters to be inserted and deleted to make one core of the other, in percent of
        both. Only those are compared that share two neighbouring characters which are not common, or the whole core.
        """
        with self._lock:
            near = [self._firms[id] for id in self._near(firm.core) if id != firm.id]
        found = process.extract(
            firm.core, [each.core for each in near], scorer=fuzz.ratio, score_cutoff=cutoff, limit=None
        )
        return [(near[at], round(score)) for _, score, at in found]

    def _near(self, core: str) -> set[UUID]:
        """The enterprises that are worth comparing with a core."""
        telling = (self._by_pair[pair] for pair in _pairs(core) if pair in self._by_pair)
        return self._by_core.get(core, set()).union(*(ids for ids in telling if len(ids) <= _COMMON))

    def _changed(self, session: Session, latest: int) -> list[UUID]:
        since = _HISTORY.c.id.between(self._position + 1, latest)
        ids = select(_HISTORY.c.entity_id).where(since, _HISTORY.c.kind == "enterprise").distinct()
        return list(session.execute(ids).scalars())

    def _take(self, session: Session, ids: list[UUID] | None) -> None:
        """Read these enterprises anew, or all; who is not there any more goes."""
        columns = (_FIRMS.c.id, _FIRMS.c.name, _FIRMS.c.short_name, _FIRMS.c.credit_code)
        statement = select(*columns) if ids is None else select(*columns).where(among(_FIRMS.c.id, ids))
        for id in ids or ():
            self._drop(id)
        for row in session.execute(statement):
            self._add(Firm(row.id, row.name, row.short_name, row.credit_code, company_core(row.name)))

    def _add(self, firm: Firm) -> None:
        self._firms[firm.id] = firm
        self._by_core[firm.core].add(firm.id)
        for pair in _pairs(firm.core):
            self._by_pair[pair].add(firm.id)

    def _drop(self, id: UUID) -> None:
        if firm := self._firms.pop(id, None):
            self._by_core[firm.core].discard(id)
            for pair in _pairs(firm.core):
                self._by_pair[pair].discard(id)


def _pairs(text: str) -> set[str]:
    """Every two neighbouring characters of a name; of a name of one character, that one."""
    return {text[start : start + 2] for start in range(max(len(text) - 1, 1))}


_KEPT: WeakKeyDictionary[object, Names] = WeakKeyDictionary()
_KEEPING = Lock()


def names(session: Session) -> Names:
    """The names of the session's database as they are now; of each database a process keeps one."""
    with _KEEPING:
        kept = _KEPT.setdefault(session.get_bind(), Names())
    kept.refresh(session)
    return kept
