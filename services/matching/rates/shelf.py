"""The books that are kept open: what was read of the mirror and derived from it, as long as nothing has changed.

Each database of a process has one. Triggers count the changes of each mirrored table, and note each statement that
touches suggestions, so that a look at two small tables tells whether what is kept still holds. What is read and the
counters are of one moment where the caller's transaction has just begun (`read_at_one_moment`).
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, text
from sqlmodel import Session

from services.matching.rates.book import Book, Purchases, read_book, read_purchases
from services.matching.rates.definition import By, Definition, Exclusion, Period, Stage
from services.matching.rates.facts import Grouping, all_groups
from services.matching.rates.moves import Moves, moves_of, read_placed
from services.matching.rates.netting import Kept, Net, net_by_line
from services.matching.rates.origins import Codes, Viewpoint, by_line, origins_of, projected
from services.matching.rates.sharing import Ints
from services.matching.rates.tally import Sheet

T = TypeVar("T")
MOST_KEPT = 24
"""Things kept of one book; at 100,000 lines each is of a few megabytes."""
FEN = 100
"""分 in a 元."""
FLAG_OF = {Exclusion.RELATED_PARTY: 1, Exclusion.TOLL_PROCESSING: 2, Exclusion.ENERGY_WATER: 4}

_CHANGES = """
SELECT kind, changes FROM mirror_change
UNION ALL SELECT 'suggestion', coalesce(sum(hashint8extended(id, 0)), 0) FROM suggestion_change
"""
"""Old marks go while new ones come: the sum of their hashes tells which are there, that of their ids does not."""


@dataclass(frozen=True)
class Origins:
    """Net purchases of a period with their origins in one scope, row by row and by line in 分."""

    kept: Kept
    codes: Codes
    amounts: Ints


@dataclass
class OpenBook:
    """A book and what was derived from it, by what it was derived for."""

    book: Book
    changes: Mapping[str, int]
    _lock: RLock = field(default_factory=RLock)
    _kept: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)

    def groups(self, by: By) -> Grouping:
        """Everybody's lines by a kind of group."""
        return self._once(("groups", by), lambda: all_groups(self.book, by))

    def purchases(self, session: Session, period: Period) -> Purchases:
        """What was bought in the period."""
        return self._once(("purchases", period), lambda: read_purchases(session, self.book, period))

    def sheet(self, session: Session, definition: Definition, viewpoint: Viewpoint, moves: Moves, mark: int) -> Sheet:
        """What the definition counts; `moves` and `mark` are those of the same moment."""
        key = ("sheet", definition, viewpoint, mark if moves.by_line else None)
        return self._once(key, lambda: self._sheet(session, definition, viewpoint, moves))

    def _sheet(self, session: Session, definition: Definition, viewpoint: Viewpoint, moves: Moves) -> Sheet:
        suppliers = self.purchases(session, definition.period).suppliers
        if definition.stage is Stage.ACTUAL:
            found = self._origins(session, definition, viewpoint, whole=False)
            return Sheet(found.amounts, found.kept, found.codes, suppliers, unit=FEN)
        found = self._origins(session, definition, viewpoint, whole=True)
        key = ("needs", definition.period, definition.exclusions, viewpoint, definition.basis)
        amounts = self._once(key, lambda: projected(found.amounts, self.book.lines.spend, definition.basis))
        return Sheet(amounts, found.kept, found.codes, suppliers, moved=moves.by_line)

    def moves(self, session: Session, definition: Definition, viewpoint: Viewpoint, mark: int) -> Moves:
        """What the definition's stage moves on top of what is local now; `mark` as the book was opened with."""
        key = ("moves", definition.stage, definition.run, definition.period.year, viewpoint, mark)
        return self._once(key, lambda: moves_of(read_placed(session, self.book, definition), self.book, viewpoint))

    def _net(self, session: Session, period: Period, mask: int) -> Net:
        bought = self.purchases(session, period)
        return self._once(("net", period, mask), lambda: net_by_line(self.book.lines, bought, mask))

    def _origins(self, session: Session, definition: Definition, viewpoint: Viewpoint, *, whole: bool) -> Origins:
        key = ("origins", definition.period, definition.exclusions, viewpoint, whole)
        return self._once(key, lambda: self._judged(session, definition, viewpoint, whole))

    def _judged(self, session: Session, definition: Definition, viewpoint: Viewpoint, whole: bool) -> Origins:
        net = self._net(session, definition.period, mask_of(definition.exclusions))
        kept = net.whole if whole else net.shared
        places = self.purchases(session, definition.period).places
        codes = origins_of(self.book, kept, places, viewpoint)
        return Origins(kept, codes, by_line(kept, codes, len(self.book.lines)))

    def _once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is kept under the key, else made and kept; the oldest goes. One at a time: making is the work."""
        with self._lock:
            found: T = self._kept[key] if key in self._kept else make()
            self._kept[key] = found
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return found


def mask_of(exclusions: Iterable[Exclusion]) -> int:
    """The flags of purchases that are left out."""
    return sum(FLAG_OF[each] for each in exclusions)


_OPEN: WeakKeyDictionary[Engine, OpenBook] = WeakKeyDictionary()
_OPENING = RLock()


def read_at_one_moment(session: Session) -> None:
    """Let all that the session reads from now on be of one moment, if its transaction has not begun yet."""
    if not session.in_transaction():
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def open_book(session: Session) -> tuple[OpenBook, int]:
    """The book as the mirror is now: the one that is open, or a new one where something has changed since.

    And a mark that is another one as soon as a suggestion has changed. Books are opened one at a time.
    """
    engine = session.get_bind().engine
    changes = {row.kind: int(row.changes) for row in session.execute(text(_CHANGES))}
    mark = changes.pop("suggestion")
    with _OPENING:
        found = _OPEN.get(engine)
        if found is None or found.changes != changes:
            kept = found is not None and _but_purchases(found.changes) == _but_purchases(changes)
            found = _OPEN[engine] = OpenBook(found.book if found and kept else read_book(session), changes)
        return found, mark


def _but_purchases(changes: Mapping[str, int]) -> dict[str, int]:
    """What the book itself was read from; purchases are read by period, and with them who was related."""
    return {kind: count for kind, count in changes.items() if kind not in ("purchase", "relation")}
