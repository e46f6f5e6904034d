"""What may be changed in a what-if. All positions are those of the snapshot that the engine works on; money is 元."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OpenPair:
    """A near miss is cured, or a pair that another change closed is open again."""

    line: int
    capability: int


@dataclass(frozen=True)
class ClosePair:
    """A capability is no longer eligible on a line."""

    line: int
    capability: int


@dataclass(frozen=True)
class SetCapacity:
    """A capability has this much left: `yuan`, or 1/1000 `units`; neither: any amount."""

    capability: int
    yuan: int | None = None
    units: int | None = None


@dataclass(frozen=True)
class RemoveSupplier:
    """Nothing comes from a supplier any more."""

    supplier: int


@dataclass(frozen=True)
class SetMovable:
    """This much of a line may move."""

    line: int
    movable: int


@dataclass(frozen=True)
class AddSupplier:
    """A new supplier with one capability, eligible on `lines` with these scores (0–1000); `yuan` None: any amount."""

    lines: tuple[int, ...]
    scores: tuple[int, ...]
    yuan: int | None = None


Change = OpenPair | ClosePair | SetCapacity | RemoveSupplier | SetMovable | AddSupplier


class UnknownPair(ValueError):
    """A pair that is neither eligible nor a near miss; `position` is that of the change in the list."""

    def __init__(self, position: int) -> None:
        super().__init__(f"change {position} names a pair that is neither eligible nor a near miss")
        self.position = position
