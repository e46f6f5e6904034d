"""Which purchases count to which contract."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from services.matching.cooperation.rules import Bought, Contract, Share, allot, by_year, falls_within, months

LEADER, SUPPLIER, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
PAIR = (LEADER, "H-100", SUPPLIER)
FIRST, SECOND = UUID(int=11), UUID(int=12)


def contract(
    id: UUID = FIRST, amount: int = 100, start: date = date(2026, 1, 10), end: date = date(2026, 12, 31)
) -> Contract:
    return Contract(id, PAIR, start, end, amount)


def bought(number: int, amount: str, period: str = "2026-03", supplier: UUID = SUPPLIER) -> Bought:
    return Bought(UUID(int=number), (LEADER, "H-100", supplier), period, Decimal(amount))


def counted(shares: dict[UUID, list[Share]], id: UUID = FIRST) -> list[tuple[int, str]]:
    return [(share.purchase_id.int, str(share.amount)) for share in shares[id]]


PERIODS = [
    ("2026", True), ("2026Q1", True), ("2026-01", True), ("2026-12", True),
    ("2025", False), ("2025-12", False), ("2027Q1", False), ("年度", False), ("2026-13", False),
]  # fmt: skip


@pytest.mark.parametrize(("period", "within"), PERIODS)
def test_a_period_counts_where_the_contract_covers_it(period: str, within: bool) -> None:
    assert falls_within(period, contract()) is within


def test_a_year_s_purchase_does_not_count_to_a_contract_of_half_a_year() -> None:
    half = contract(start=date(2026, 7, 1))
    assert [falls_within(period, half) for period in ("2026", "2026Q2", "2026Q3", "2026-07")] == [
        False,
        False,
        True,
        True,
    ]


def test_a_contract_touches_months() -> None:
    assert months(date(2026, 1, 31), date(2026, 2, 1)) == 2
    assert months(date(2026, 1, 1), date(2028, 12, 31)) == 36


def test_purchases_of_the_pair_count_until_the_contract_is_full() -> None:
    rows = [
        bought(1, "60", "2026-05"),
        bought(2, "30", "2026-02"),
        bought(3, "50", "2026-06"),
        bought(4, "9", supplier=OTHER),
    ]
    assert counted(allot([contract()], rows)) == [(2, "30"), (1, "60"), (3, "10")]


def test_each_yuan_counts_once_and_the_earlier_contract_comes_first() -> None:
    contracts = [contract(SECOND, 100, start=date(2026, 3, 1)), contract(FIRST, 50)]
    found = allot(contracts, [bought(1, "80", "2026-03"), bought(2, "40", "2026-04")])
    assert counted(found) == [(1, "50")]
    assert counted(found, SECOND) == [(1, "30"), (2, "40")]


def test_what_was_taken_back_leaves_the_latest_purchases_before_it() -> None:
    rows = [
        bought(1, "40", "2026-01"),
        bought(2, "40", "2026-02"),
        bought(3, "-50", "2026-02"),
        bought(4, "5", "2026-03"),
    ]
    assert counted(allot([contract()], rows)) == [(1, "30"), (4, "5")]


def test_what_was_taken_back_before_anything_was_bought_is_held_against_what_comes() -> None:
    rows = [bought(1, "-30", "2026-01"), bought(2, "20", "2026-02"), bought(3, "20", "2026-03")]
    assert counted(allot([contract()], rows)) == [(3, "10")]


def test_a_contract_without_purchases_has_none() -> None:
    assert allot([contract()], []) == {FIRST: []}


def test_the_order_in_which_purchases_come_does_not_matter() -> None:
    rows = [bought(number, amount, period) for number, (amount, period) in enumerate(
        [("40", "2026-01"), ("-15", "2026-02"), ("70", "2026Q1"), ("33.33", "2026"), ("-9", "2026-03")]
    )]  # fmt: skip
    assert allot([contract()], rows) == allot([contract()], reversed(rows))


def test_years_are_cut_to_whole_yuan() -> None:
    shares = [
        Share(UUID(int=1), "2026-01", Decimal("1.60")),
        Share(UUID(int=2), "2026Q2", Decimal("1.60")),
        Share(UUID(int=3), "2027", Decimal("0.99")),
    ]
    assert by_year(shares) == {"2026": 3}
