"""From ids to positions: a request's changes as the engine takes them."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor

from services.matching.engine.judgement.facts import pieces_per_yuan
from services.matching.engine.snapshot import Commitment, Snapshot
from services.matching.engine.what_if.changes import (
    AddSupplier,
    Change,
    ClosePair,
    OpenPair,
    RemoveSupplier,
    SetCapacity,
    SetMovable,
)
from services.matching.what_if.schemas import (
    AddSupplierIn,
    CapacityIn,
    ChangeIn,
    ClosePairIn,
    MovableIn,
    OpenPairIn,
    RemoveSupplierIn,
)


class UnknownId(ValueError):
    """An id that names nothing that the actor sees in the run: the pointer into the request, and what it should be."""

    def __init__(self, pointer: str, what: str) -> None:
        super().__init__(f"{pointer}: no such {what}")
        self.pointer = pointer
        self.what = what


class Book:
    """The positions of ids in a run, of what an actor sees."""

    def __init__(self, snapshot: Snapshot, lines: Sequence[int]) -> None:
        self._snapshot = snapshot
        self._needs = {snapshot.lines[at].id: at for at in lines}
        self._capabilities = {row.id: at for at, row in enumerate(snapshot.capabilities)}
        self._suppliers = {row.id: at for at, row in enumerate(snapshot.suppliers)}

    def read(self, changes: Sequence[ChangeIn]) -> list[Change]:
        """The changes in positions; raises UnknownId."""
        return [self._read(f"/changes/{at}", change) for at, change in enumerate(changes)]

    def _read(self, pointer: str, change: ChangeIn) -> Change:
        match change:
            case OpenPairIn():
                return OpenPair(self._need(pointer, change.need), self._capability(pointer, change.capability))
            case ClosePairIn():
                return ClosePair(self._need(pointer, change.need), self._capability(pointer, change.capability))
            case CapacityIn():
                return self._capacity(pointer, change)
            case RemoveSupplierIn():
                return RemoveSupplier(_found(self._suppliers, change.supplier, f"{pointer}/supplier", "供应商"))
            case MovableIn():
                return SetMovable(self._need(pointer, change.need), change.yuan)
            case AddSupplierIn():
                each = [
                    _found(self._needs, need, f"{pointer}/needs/{at}", "零部件需求")
                    for at, need in enumerate(change.needs)
                ]
                lines = tuple(sorted(set(each)))
                return AddSupplier(lines, (change.score,) * len(lines), change.yuan)

    def _need(self, pointer: str, id_: object) -> int:
        return _found(self._needs, id_, f"{pointer}/need", "零部件需求")

    def _capability(self, pointer: str, id_: object) -> int:
        return _found(self._capabilities, id_, f"{pointer}/capability", "供给能力")

    def _capacity(self, pointer: str, change: CapacityIn) -> SetCapacity:
        """What is left of the new capacity after what approved suggestions of earlier runs take."""
        at = self._capability(pointer, change.capability)
        taken = [done for done in self._snapshot.commitments if done.capability == at]
        if change.units is not None:
            used = sum((self._pieces(done) for done in taken), Fraction(0))
            return SetCapacity(at, units=max(0, floor(Fraction(change.units) * 1000 - used)))
        if change.yuan is not None:
            return SetCapacity(at, yuan=max(0, change.yuan - sum(done.amount for done in taken)))
        return SetCapacity(at)

    def _pieces(self, done: Commitment) -> Fraction:
        """How many 1/1000 units of its capability a commitment takes."""
        line, offered = self._snapshot.lines[done.line], self._snapshot.capabilities[done.capability]
        return done.amount * (pieces_per_yuan(line, offered) or Fraction(0))


def _found(among: dict[str, int], id_: object, pointer: str, what: str) -> int:
    if str(id_) not in among:
        raise UnknownId(pointer, what)
    return among[str(id_)]
