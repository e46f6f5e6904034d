"""Who is related to whom by equity, on a day or in a purchase's period: one rule for the rates and for the runs.

Related to a firm is its group (more than half held, over any number of steps, also by one owner) and who has a link
with that. A link of any share counts, one of unknown share too: the rule keeps a supply plan from feeding a leader's
own family, and a share is easily kept below any limit.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Protocol
from uuid import UUID

from services.matching.rates.definition import days_of

CONTROL = Decimal("0.5")
"""Who holds more than this of a firm controls it."""


class Link(Protocol):
    """An equity link: `share` 0 to 1, None where it is unknown; it holds from day to day, without one for ever."""

    owner_id: UUID
    owned_id: UUID
    share: Decimal | None
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True)
class Equity:
    """The equity links that hold together."""

    group: Mapping[UUID, UUID]
    linked: Mapping[UUID, frozenset[UUID]]
    members: Mapping[UUID, frozenset[UUID]]
    _related: dict[UUID, frozenset[UUID]] = field(default_factory=dict)

    def related(self, firm: UUID) -> frozenset[UUID]:
        """Who is related to the firm, itself left out."""
        if firm not in self._related:
            self._related[firm] = self._found(firm)
        return self._related[firm]

    def _found(self, firm: UUID) -> frozenset[UUID]:
        group = self.members.get(self.group.get(firm, firm), frozenset({firm}))
        near = (self.linked.get(member, frozenset()) for member in group)
        return group.union(*near) - {firm}


class Kinship:
    """The links of all times, asked by days. Links that hold at the same times are put together once."""

    def __init__(self, links: Iterable[Link]) -> None:
        self._links = list(links)
        self._known: dict[tuple[bool, ...], Equity] = {}
        self._during: dict[str, Equity] = {}

    @cached_property
    def _dated(self) -> list[Link]:
        return [row for row in self._links if row.valid_from is not None or row.valid_until is not None]

    def on(self, day: date) -> Equity:
        """The links that hold on a day."""
        return self.between(day, day)

    def during(self, period: str) -> Equity:
        """The links that hold on any day of a purchase's period: nobody has written down on which."""
        if period not in self._during:
            self._during[period] = self.between(*days_of(period))
        return self._during[period]

    def between(self, first: date, last: date) -> Equity:
        """The links that hold on any day from the first to the last."""
        key = tuple(_holds(row, first, last) for row in self._dated)
        if key not in self._known:
            self._known[key] = _equity(row for row in self._links if _holds(row, first, last))
        return self._known[key]


def _holds(row: Link, first: date, last: date) -> bool:
    return (row.valid_from or first) <= last and first <= (row.valid_until or last)


def _equity(rows: Iterable[Link]) -> Equity:
    """Links put together, in one pass over them."""
    head: dict[UUID, UUID] = {}
    linked: dict[UUID, set[UUID]] = defaultdict(set)
    for row in rows:
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


def _head(head: dict[UUID, UUID], firm: UUID) -> UUID:
    """The first of a firm's group."""
    while head.get(firm, firm) != firm:
        firm = head[firm]
    return firm
