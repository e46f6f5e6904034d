"""What is said between the service and its resident engine: one line of JSON each way, in turns.

`{"verb": "load", "run", "policy", "snapshot", "suggested"}` makes a run ready: policy and snapshot are JSON values, and
suggested rows are [line, supplier, capability, amount]. About a ready one ask

    {"verb": "what_if", "run", "changes", "shifts"}
    {"verb": "cures", "run", "product", "cluster"}             one of both is null
    {"verb": "critical", "run", "stage", "lines", "k"}         lines null: all
    {"verb": "outage", "run", "stage", "lines", "region"}

The answer is `{"ok": …}`, or `{"refused": reason, …}`: see `Refusal`. Positions are those of the stored snapshot.
"""

from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from services.matching.engine.what_if.changes import (
    AddSupplier,
    Change,
    ClosePair,
    OpenPair,
    RemoveSupplier,
    SetCapacity,
    SetMovable,
)

KINDS: dict[str, type[Any]] = {
    "open": OpenPair,
    "close": ClosePair,
    "capacity": SetCapacity,
    "remove_supplier": RemoveSupplier,
    "movable": SetMovable,
    "add_supplier": AddSupplier,
}
"""Changes by how they are called on the wire."""

_NAMES = {kind: name for name, kind in KINDS.items()}


class Refusal(StrEnum):
    """Why the engine does not answer a question."""

    NOT_LOADED = "not_loaded"
    UNKNOWN_PAIR = "unknown_pair"
    MEMORY = "memory"


def change_to_wire(change: Change) -> dict[str, Any]:
    """A change as JSON."""
    return {"kind": _NAMES[type(change)], **vars(change)}


def change_from_wire(row: dict[str, Any]) -> Change:
    """Read what `change_to_wire` wrote."""
    fields = {name: value for name, value in row.items() if name != "kind"}
    found: Change = TypeAdapter(KINDS[row["kind"]]).validate_python(fields)
    return found
