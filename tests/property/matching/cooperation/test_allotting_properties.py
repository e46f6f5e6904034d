"""Whatever the purchases are: each 元 counts once, no contract is filled above its amount, and no order matters."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.matching.cooperation.rules import Bought, Contract, allot, falls_within, months

PAIRS = [(UUID(int=1), "a", UUID(int=2)), (UUID(int=1), "b", UUID(int=2))]
PERIODS = ["2025", "2025-12", "2026", "2026Q1", "2026Q3", "2026-01", "2026-07", "2026-12", "2027-01"]

days = st.dates(date(2025, 1, 1), date(2027, 12, 31))


@st.composite
def markets(draw: st.DrawFn) -> tuple[list[Contract], list[Bought]]:
    """Contracts and purchases of two pairs; some purchases take others back."""
    contracts = []
    for number in range(draw(st.integers(1, 4))):
        first, last = sorted((draw(days), draw(days)))
        contracts.append(
            Contract(UUID(int=100 + number), draw(st.sampled_from(PAIRS)), first, last, draw(st.integers(1, 500)))
        )
    amounts = st.decimals(-300, 300, places=2, allow_nan=False, allow_infinity=False)
    purchases = [
        Bought(UUID(int=1000 + number), draw(st.sampled_from(PAIRS)), draw(st.sampled_from(PERIODS)), draw(amounts))
        for number in range(draw(st.integers(0, 12)))
    ]
    return contracts, purchases


@given(markets(), st.randoms(use_true_random=False))
def test_each_yuan_counts_once_within_its_contract(market: tuple[list[Contract], list[Bought]], dice: Random) -> None:
    contracts, purchases = market
    found = allot(contracts, purchases)
    by_id, bought = {row.suggestion_id: row for row in contracts}, {row.purchase_id: row for row in purchases}
    taken: dict[UUID, Decimal] = defaultdict(Decimal)
    for id, shares in found.items():
        assert sum(share.amount for share in shares) <= by_id[id].amount
        for share in shares:
            row = bought[share.purchase_id]
            assert share.amount > 0
            assert row.pair == by_id[id].pair
            assert falls_within(row.period, by_id[id])
            taken[share.purchase_id] += share.amount
    assert all(amount <= bought[id].amount for id, amount in taken.items())
    for pair in PAIRS:
        counted = sum((taken[row.purchase_id] for row in purchases if row.pair == pair), Decimal(0))
        gross = sum((row.amount for row in purchases if row.pair == pair and row.amount > 0), Decimal(0))
        back = sum((row.amount for row in purchases if row.pair == pair and row.amount < 0), Decimal(0))
        assert counted <= max(gross + back, Decimal(0))
    shuffled = list(purchases)
    dice.shuffle(shuffled)
    assert allot(reversed(contracts), shuffled) == found


@given(days, days)
def test_a_contract_touches_as_many_months_as_its_calendar_shows(one: date, other: date) -> None:
    first, last = sorted((one, other))
    seen = {(year, month) for year in range(2025, 2028) for month in range(1, 13)
            if (first.year, first.month) <= (year, month) <= (last.year, last.month)}  # fmt: skip
    assert months(first, last) == len(seen)
