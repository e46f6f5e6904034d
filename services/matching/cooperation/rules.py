"""What a cooperation is made of, and which purchases count to which contract. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from services.matching.rates.definition import InvalidPeriod, Period


class Mode(StrEnum):
    """The five ways of 携手行动 in which a large firm helps a small one."""

    TARGETED_SUPPORT = "targeted_support"
    INCUBATION = "incubation"
    TECHNOLOGY_SHARING = "technology_sharing"
    DATA_CONNECTION = "data_connection"
    ORDER_GUARANTEE = "order_guarantee"


MODE_ZH: dict[Mode, str] = {
    Mode.TARGETED_SUPPORT: "定向扶持",
    Mode.INCUBATION: "内部孵化",
    Mode.TECHNOLOGY_SHARING: "技术分享",
    Mode.DATA_CONNECTION: "数据联通",
    Mode.ORDER_GUARANTEE: "订单保障",
}

Pair = tuple[UUID, str, UUID]
"""A leader, one of its parts (code), and a supplier: what a purchase tells of."""


@dataclass(frozen=True)
class Contract:
    """A contract as its purchases see it: `amount` is the most that counts, in 元, over the whole period."""

    suggestion_id: UUID
    pair: Pair
    first_day: date
    last_day: date
    amount: int


@dataclass(frozen=True)
class Bought:
    """A purchase of a pair; `amount` in 元, negative where it takes another one back."""

    purchase_id: UUID
    pair: Pair
    period: str
    amount: Decimal


@dataclass(frozen=True)
class Share:
    """What of a purchase counts to a contract."""

    purchase_id: UUID
    period: str
    amount: Decimal


def months(first_day: date, last_day: date) -> int:
    """How many months a period touches: 2026-01-15 to 2026-12-31 are twelve."""
    return (last_day.year - first_day.year) * 12 + last_day.month - first_day.month + 1


def months_of(period: str) -> tuple[int, int]:
    """The first and the last month of a purchase's period (2025, 2025Q3, 2025-07), counted from year 0."""
    if len(period) == len("2025-07") and period[4] == "-":
        month = int(period[:4]) * 12 + int(period[5:]) - 1
        return month, month
    parsed = Period.parse(period)
    start = parsed.year * 12 + (0 if parsed.quarter is None else 3 * (parsed.quarter - 1))
    return start, start + (11 if parsed.quarter is None else 2)


def falls_within(period: str, contract: Contract) -> bool:
    """Whether a purchase of `period` lies wholly in the months that the contract touches.

    A purchase booked for a whole year counts only where the contract covers that year: nobody can say how much of it
    came after the signature.
    """
    try:
        first, last = months_of(period)
    except (InvalidPeriod, ValueError):
        return False
    start = contract.first_day.year * 12 + contract.first_day.month - 1
    return start <= first and last < start + months(contract.first_day, contract.last_day)


def allot(contracts: Iterable[Contract], purchases: Iterable[Bought]) -> dict[UUID, list[Share]]:
    """What of each purchase counts to which contract, by suggestion; each 元 once, no contract above its amount.

    The contract that began first is filled first, with the earliest purchases. What a supplier had taken back leaves
    the latest purchases before it first.
    """
    left = {pair: _net(rows) for pair, rows in _by_pair(purchases).items()}
    found: dict[UUID, list[Share]] = {}
    for contract in sorted(contracts, key=lambda row: (row.first_day, row.suggestion_id)):
        rows = left.get(contract.pair, [])
        shares, left[contract.pair] = _fill(contract, rows)
        found[contract.suggestion_id] = shares
    return found


def _by_pair(purchases: Iterable[Bought]) -> dict[Pair, list[Bought]]:
    pairs: dict[Pair, list[Bought]] = defaultdict(list)
    for row in purchases:
        pairs[row.pair].append(row)
    return pairs


def _net(rows: Sequence[Bought]) -> list[Bought]:
    """The purchases in the order of their periods, without what was taken back; those without period come first."""
    kept: list[Bought] = []
    owed = Decimal(0)
    for row in sorted(rows, key=_order):
        owed += max(-row.amount, Decimal(0))
        if row.amount > 0:
            kept.append(row)
        while owed > 0 and kept:
            taken = min(owed, kept[-1].amount)
            owed -= taken
            last = kept.pop()
            if last.amount > taken:
                kept.append(replace(last, amount=last.amount - taken))
    return kept


def _order(row: Bought) -> tuple[int, int, bool, UUID]:
    """By period; within one, what is taken back comes after what was bought."""
    try:
        first, last = months_of(row.period)
    except (InvalidPeriod, ValueError):
        first, last = 0, 0
    return first, last, row.amount < 0, row.purchase_id


def _fill(contract: Contract, rows: Sequence[Bought]) -> tuple[list[Share], list[Bought]]:
    """What counts to the contract, and what is left of the purchases for others."""
    room, shares, rest = Decimal(contract.amount), list[Share](), list[Bought]()
    for row in rows:
        taken = min(room, row.amount) if falls_within(row.period, contract) else Decimal(0)
        room -= taken
        if taken:
            shares.append(Share(row.purchase_id, row.period, taken))
        if row.amount > taken:
            rest.append(replace(row, amount=row.amount - taken))
    return shares, rest


def by_year(shares: Iterable[Share]) -> dict[str, int]:
    """Whole 元 by year; each year's sum is cut, so that what is told is never more than what was bought."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for share in shares:
        sums[share.period[:4]] += share.amount
    return {year: int(amount) for year, amount in sorted(sums.items()) if amount >= 1}
