"""The books that are kept open: what was read of the mirror and derived from it, as long as nothing has changed.

Each database of a process has one. Triggers count the changes of each mirrored table, and note each statement that
touches suggestions, so that a look at two small tables tells whether what is kept still holds. They note too whose
purchases and which lines' suggestions were touched: only these are read again. What is read and the counters are of
one moment where the caller's transaction has just begun (`read_at_one_moment`).
"""

from collections import OrderedDict
from collections.abc import Callable, Container, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, text
from sqlmodel import Session

from services.matching.rates.book import Book, read_book
from services.matching.rates.bought import Purchases, brought_up_to_date, read_purchases
from services.matching.rates.definition import By, Definition, Exclusion, Period, Stage
from services.matching.rates.facts import Grouping, all_groups
from services.matching.rates.moves import Moves, moves_of, read_placed, replaced
from services.matching.rates.netting import Net, net_by_line
from services.matching.rates.origins import Viewpoint, by_line, origins_of, projected
from services.matching.rates.patching import Origins, patched_net, patched_origins, patched_projection
from services.matching.rates.sharing import Ints
from services.matching.rates.tally import Sheet

T = TypeVar("T")
OF_BOOK = frozenset({"groups", "moves"})
"""What does not depend on purchases."""
PATCHED = frozenset({"purchases", "net", "origins", "needs"})
"""What is brought up to date where purchases change; sheets are put together anew."""
OF_PURCHASES = frozenset({"purchase", "relation"})
"""Kinds that the book itself is not read from; purchases are read by period, and with them who was related."""
MOST_KEPT = 64
"""Things kept of one book, enough for every stage and a few scopes; at 100,000 lines most are of a few megabytes."""
FEN = 100
"""分 in a 元."""
FLAG_OF = {Exclusion.RELATED_PARTY: 1, Exclusion.TOLL_PROCESSING: 2, Exclusion.ENERGY_WATER: 4}

_CHANGES = """
SELECT kind, changes, NULL::int8[] AS marks FROM mirror_change
UNION ALL SELECT 'suggestion', 0, coalesce(array_agg(id), '{}') FROM suggestion_change
"""
_TOUCHED = "SELECT leaders FROM purchase_touched WHERE change > :seen AND change <= :now"
_LINES = "SELECT lines FROM suggestion_change WHERE id = ANY(:marks)"

Marks = frozenset[int]
"""The statements that touched suggestions and are noted still; another set as soon as one more has."""


@dataclass(frozen=True)
class Placings:
    """What plans move, with the marks of the moment when it was read."""

    moves: Moves
    marks: Marks


@dataclass
class OpenBook:
    """A book and what was derived from it, by what it was derived for.

    `_old` is what was derived before the purchases of some leaders changed, with their positions: it is brought up to
    date when it is asked for.
    """

    book: Book
    changes: Mapping[str, int]
    _lock: RLock = field(default_factory=RLock)
    _kept: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)
    _old: dict[Hashable, tuple[Any, frozenset[int]]] = field(default_factory=dict)

    def after(self, changes: Mapping[str, int], leaders: frozenset[int] | None) -> "OpenBook":
        """The same book after changes of the purchases of some leaders, or of who knows whose."""
        with self._lock:
            lasting = OrderedDict((key, value) for key, value in self._kept.items() if key[0] in OF_BOOK)  # type: ignore[index]
            if leaders is None:
                return OpenBook(self.book, changes, _kept=lasting)
            old = {key: (value, touched | leaders) for key, (value, touched) in self._old.items()}
            old |= {key: (value, leaders) for key, value in self._kept.items() if key[0] in PATCHED}  # type: ignore[index]
            return OpenBook(self.book, changes, _kept=lasting, _old=old)

    def groups(self, by: By) -> Grouping:
        """Everybody's lines by a kind of group."""
        return self._once(("groups", by), lambda _: all_groups(self.book, by))

    def purchases(self, session: Session, period: Period) -> Purchases:
        """What was bought in the period."""

        def read(old: tuple[Purchases, frozenset[int]] | None) -> Purchases:
            if old is None:
                return read_purchases(session, self.book, period)
            before, leaders = old
            return brought_up_to_date(before, read_purchases(session, self.book, period, leaders), leaders)

        return self._once(("purchases", period), read)

    def sheet(
        self, session: Session, definition: Definition, viewpoint: Viewpoint, moves: Moves, marks: Marks
    ) -> Sheet:
        """What the definition counts; `moves` and `marks` are those of the same moment."""
        key = ("sheet", definition, viewpoint, marks if moves.by_line else None)
        return self._once(key, lambda _: self._sheet(session, definition, viewpoint, moves))

    def _sheet(self, session: Session, definition: Definition, viewpoint: Viewpoint, moves: Moves) -> Sheet:
        suppliers = self.purchases(session, definition.period).suppliers
        if definition.stage is Stage.ACTUAL:
            found = self._origins(session, definition, viewpoint, whole=False)
            return Sheet(found.amounts, found.kept, found.codes, suppliers, unit=FEN)
        found = self._origins(session, definition, viewpoint, whole=True)
        amounts = self._projection(found.amounts, definition, viewpoint)
        return Sheet(amounts, found.kept, found.codes, suppliers, moved=moves.by_line)

    def moves(self, session: Session, definition: Definition, viewpoint: Viewpoint, marks: Marks) -> Moves:
        """What the definition's stage moves on top of what is local now; `marks` as the book was opened with."""
        key = ("moves", definition.stage, definition.run, definition.period.year, viewpoint)
        with self._lock:
            before: Placings | None = self._kept.get(key)
            if before is None or before.marks != marks:
                found = Placings(self._moves(session, definition, viewpoint, before, marks), marks)
                self._keep(key, found)
                return found.moves
            return before.moves

    def _moves(
        self, session: Session, definition: Definition, viewpoint: Viewpoint, before: Placings | None, marks: Marks
    ) -> Moves:
        lines = None if before is None else _touched_lines(session, before.marks, marks)
        if before is None or lines is None:
            return moves_of(read_placed(session, self.book, definition), self.book, viewpoint)
        again = moves_of(read_placed(session, self.book, definition, lines), self.book, viewpoint)
        position = self.book.lines.position
        return replaced(before.moves, again, {position[key] for key in lines if key in position})

    def _net(self, session: Session, period: Period, mask: int) -> Net:
        bought = self.purchases(session, period)

        def make(old: tuple[Net, frozenset[int]] | None) -> Net:
            if old is None:
                return net_by_line(self.book.lines, bought, mask)
            return patched_net(old[0], self.book, bought, mask, old[1])

        return self._once(("net", period, mask), make)

    def _origins(self, session: Session, definition: Definition, viewpoint: Viewpoint, *, whole: bool) -> Origins:
        net = self._net(session, definition.period, mask_of(definition.exclusions))
        kept = net.whole if whole else net.shared
        bought = self.purchases(session, definition.period)

        def make(old: tuple[Origins, frozenset[int]] | None) -> Origins:
            patched = None if old is None else patched_origins(old[0], self.book, kept, bought, viewpoint, old[1])
            if patched is not None:
                return patched
            codes = origins_of(self.book, kept, bought.places, viewpoint)
            return Origins(kept, codes, by_line(kept, codes, len(self.book.lines)))

        return self._once(("origins", definition.period, definition.exclusions, viewpoint, whole), make)

    def _projection(self, bought: Ints, definition: Definition, viewpoint: Viewpoint) -> Ints:
        def make(old: tuple[Ints, frozenset[int]] | None) -> Ints:
            if old is None:
                return projected(bought, self.book.lines.spend, definition.basis)
            return patched_projection(old[0], self.book, bought, definition.basis, old[1])

        return self._once(("needs", definition.period, definition.exclusions, viewpoint, definition.basis), make)

    def _once(self, key: Hashable, make: Callable[[Any], T]) -> T:
        """What is kept under the key, else made, out of what is old where there is any, and kept. One at a time: making
        is the work.
        """
        with self._lock:
            found: T = self._kept[key] if key in self._kept else make(self._old.pop(key, None))
            self._keep(key, found)
            return found

    def _keep(self, key: Hashable, found: Any) -> None:
        """Keep it as the newest; the oldest goes."""
        self._kept[key] = found
        self._kept.move_to_end(key)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)


def mask_of(exclusions: Iterable[Exclusion]) -> int:
    """The flags of purchases that are left out."""
    return sum(FLAG_OF[each] for each in exclusions)


_OPEN: WeakKeyDictionary[Engine, OpenBook] = WeakKeyDictionary()
_OPENING = RLock()


def read_at_one_moment(session: Session) -> None:
    """Let all that the session reads from now on be of one moment, if its transaction has not begun yet."""
    if not session.in_transaction():
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def open_book(session: Session) -> tuple[OpenBook, Marks]:
    """The book as the mirror is now: the one that is open, or what follows from it where something has changed since.

    And the marks of what has touched suggestions. Books are opened one at a time.
    """
    engine = session.get_bind().engine
    told = {row.kind: row for row in session.execute(text(_CHANGES))}
    marks: Marks = frozenset(told.pop("suggestion").marks)
    changes = {kind: int(row.changes) for kind, row in told.items()}
    with _OPENING:
        found = _OPEN.get(engine)
        if found is None or found.changes != changes:
            found = _OPEN[engine] = _opened(session, found, changes)
        return found, marks


def _opened(session: Session, before: OpenBook | None, changes: Mapping[str, int]) -> OpenBook:
    if before is None or _but(before.changes, OF_PURCHASES) != _but(changes, OF_PURCHASES):
        return OpenBook(read_book(session), changes)
    if _but(before.changes, {"purchase"}) != _but(changes, {"purchase"}):
        return before.after(changes, None)
    return before.after(changes, _touched(session, before, changes["purchase"]))


def _touched(session: Session, before: OpenBook, now: int) -> frozenset[int] | None:
    """The positions of the leaders whose purchases have changed since; None where nobody knows, or it is most."""
    seen = before.changes["purchase"]
    told = list(session.execute(text(_TOUCHED), {"seen": seen, "now": now}).scalars())
    if len(told) != now - seen or None in told:
        return None
    named = {leader for leaders in told for leader in leaders}
    found = frozenset(at for at, leader in enumerate(before.book.leaders) if leader in named)
    return found if len(found) <= max(len(before.book.leaders) // 2, 1) else None


def _touched_lines(session: Session, seen: Marks, now: Marks) -> frozenset[str] | None:
    """The keys of the lines whose suggestions have changed; None where nobody knows: old marks are put away in time."""
    if not seen <= now:
        return None
    told = list(session.execute(text(_LINES), {"marks": sorted(now - seen)}).scalars())
    return None if None in told else frozenset(line for lines in told for line in lines)


def _but(changes: Mapping[str, int], kinds: Container[str]) -> dict[str, int]:
    """The changes of other kinds."""
    return {kind: count for kind, count in changes.items() if kind not in kinds}
