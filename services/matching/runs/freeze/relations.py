"""Who is related to whom by equity, and what leaders say of suppliers: pairs out of the mirror's rows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.matching.engine.snapshot import Line, Preference, Product
from services.matching.mirror.service import MirrorPreference, MirrorRelation

CONTROL = Decimal("0.5")
"""Who holds more than this of a firm controls it."""


@dataclass(frozen=True)
class Equity:
    """The equity links that hold at a day."""

    group: Mapping[UUID, UUID]
    linked: Mapping[UUID, frozenset[UUID]]
    members: Mapping[UUID, frozenset[UUID]]

    def related(self, firm: UUID) -> frozenset[UUID]:
        """Its group (more than half held, over any number of steps, also by one owner) and who has a link with that.

        A link of any share counts, one of unknown share too: the rule keeps a supply plan from feeding the leader's
        own family, and a share is easily kept below any limit.
        """
        group = self.members.get(self.group.get(firm, firm), frozenset({firm}))
        near = (self.linked.get(member, frozenset()) for member in group)
        return group.union(*near) - {firm}


def equity(rows: Iterable[MirrorRelation], as_of: date) -> Equity:
    """The links of a day, in one pass over them."""
    head: dict[UUID, UUID] = {}
    linked: dict[UUID, set[UUID]] = defaultdict(set)
    for row in rows:
        if (row.valid_from or as_of) <= as_of <= (row.valid_until or as_of):
            linked[row.owner_id].add(row.owned_id)
            linked[row.owned_id].add(row.owner_id)
            if row.share is not None and row.share > CONTROL:
                head[_head(head, row.owned_id)] = _head(head, row.owner_id)
    group = {firm: _head(head, firm) for firm in linked}
    members: dict[UUID, set[UUID]] = defaultdict(set)
    for firm, first in group.items():
        members[first].add(firm)
    return Equity(
        group,
        {firm: frozenset(near) for firm, near in linked.items()},
        {first: frozenset(firms) for first, firms in members.items()},
    )


def preferences(
    rows: Iterable[MirrorPreference],
    lines: list[Line],
    products: list[Product],
    position: Mapping[UUID, int],
    as_of: date,
) -> list[Preference]:
    """What leaders say of suppliers, line by line; what they say of one part goes before what they say of all."""
    standing = [row for row in rows if (row.valid_until or as_of) >= as_of and row.supplier_id in position]
    by_leader: dict[str, list[MirrorPreference]] = defaultdict(list)
    for row in sorted(standing, key=lambda row: row.part_code is not None):
        by_leader[str(row.leader_id)].append(row)
    found: list[Preference] = []
    for at, line in enumerate(lines):
        said = {
            position[row.supplier_id]: row
            for row in by_leader.get(products[line.product].leader_id or "", ())
            if row.part_code in (None, line.part_code)
        }
        found += [Preference(at, who, said[who].stance == "blacklisted", said[who].reason) for who in sorted(said)]
    return found


def _head(head: dict[UUID, UUID], firm: UUID) -> UUID:
    """The first of a firm's group."""
    while head.get(firm, firm) != firm:
        firm = head[firm]
    return firm
