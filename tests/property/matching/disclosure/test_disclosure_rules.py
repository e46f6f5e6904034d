"""Levels tell more and never less the higher they are; demand at large tells of no leader by itself."""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.disclosure.rules import LEAST_LEADERS, Demand, Level, crowds, quarter_of, told, untold
from services.matching.suggestions.bands import spend_band

LEVELS = list(Level)
demands = st.lists(
    st.builds(
        Demand,
        st.sampled_from(["3443", "3391"]),
        st.sampled_from(["370100", "370200"]),
        st.sampled_from(["", "2026Q3"]),
        st.builds(UUID, int=st.integers(1, 6)),
        st.none() | st.decimals(0, 10**7, places=2),
    ),
    max_size=60,
)


@pytest.mark.parametrize(("lower", "higher"), list(pairwise(LEVELS)))
def test_each_level_tells_what_those_before_it_do_and_more(lower: Level, higher: Level) -> None:
    assert told(lower) < told(higher)
    assert told(lower) & untold(lower) == frozenset()
    assert told(lower) | untold(lower) == told(Level.ALL)


def test_what_each_level_tells() -> None:
    assert told(Level.INVISIBLE) == frozenset()
    assert told(Level.BAND) == {"class_code", "quantity_band"}
    assert told(Level.REQUIREMENTS) - told(Level.BAND) == {"part_name", "requirements"}
    assert {"leader_name", "part_code", "placed_amount"} <= untold(Level.REQUIREMENTS)
    assert untold(Level.ALL) == frozenset()


@given(demands)
def test_three_leaders_stand_behind_whatever_is_told(given_demands: list[Demand]) -> None:
    for crowd in crowds(given_demands):
        key = (crowd.class_code, crowd.city, crowd.quarter)
        of_it = [each for each in given_demands if (each.class_code, each.city, each.quarter) == key and each.spend]
        by_leader = {each.leader: Decimal(0) for each in of_it}
        for each in of_it:
            by_leader[each.leader] += each.spend or 0
        assert len(by_leader) == crowd.leaders >= LEAST_LEADERS
        assert sum(by_leader.values()) == crowd.spend
        assert max(by_leader.values()) <= crowd.spend * 9 / 10


@given(demands)
def test_nothing_is_lost_that_may_be_told(given_demands: list[Demand]) -> None:
    """Who is told of, is told with all of the group's demand, whatever the order it comes in."""
    assert crowds(given_demands) == crowds(reversed(given_demands))


def test_two_leaders_are_not_told_of_nor_is_one_with_two_small_ones() -> None:
    def demand(leader: int, spend: int) -> Demand:
        return Demand("3443", "370200", "", UUID(int=leader), Decimal(spend))

    assert crowds([demand(1, 500), demand(2, 500)]) == []
    assert crowds([demand(1, 500), demand(2, 500), demand(3, 0)]) == []
    assert crowds([demand(1, 10_000), demand(2, 1), demand(3, 1)]) == []
    (found,) = crowds([demand(1, 500), demand(2, 500), demand(3, 400)])
    assert (found.leaders, found.spend) == (3, Decimal(1400))


@pytest.mark.parametrize(
    ("amount", "words"),
    [("1300000", "100–200 万元"), ("9999.99", "不足 1 万元"), ("10000", "1–2 万元"), ("74000000", "5,000–10,000 万元")],
)
def test_spend_is_told_in_bands(amount: str, words: str) -> None:
    assert spend_band(Decimal(amount)) == words


def test_quarters() -> None:
    assert [quarter_of(date(2026, month, 1)) for month in (1, 3, 4, 12)] == ["2026Q1", "2026Q1", "2026Q2", "2026Q4"]
    assert quarter_of(None) == ""
