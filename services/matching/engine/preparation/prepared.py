"""A snapshot made ready for a search: in one order, each need with a class where its words tell one, in columns.

Whatever looks at pairs (a run, a rehearsal of changes, the view of alternatives) begins here, so that all see the same.
"""

from dataclasses import dataclass

from services.matching.engine.columns import Columns
from services.matching.engine.policy import Policy
from services.matching.engine.preparation.canonical import Orders, canonical
from services.matching.engine.preparation.classing import classified
from services.matching.engine.preparation.encoding import columns_of
from services.matching.engine.snapshot import Snapshot


@dataclass(frozen=True)
class Prepared:
    """`snapshot` and `columns` in canonical order, and the `orders` that lead back from it."""

    snapshot: Snapshot
    orders: Orders
    columns: Columns


def prepare(snapshot: Snapshot, policy: Policy) -> Prepared:
    """Bring a snapshot into canonical order, classify what has no class, and encode it.

    Raises OverflowError for an amount beyond 64 bits.
    """
    ordered, orders = canonical(snapshot)
    told, guessed = classified(ordered)
    return Prepared(told, orders, columns_of(told, policy, guessed))
