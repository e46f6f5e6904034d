"""What others use of a capacity, in quarters; what is kept back of an offer."""

from fractions import Fraction

import pytest

from services.matching.suggestions.offers import USE_ZH, Use, kept_back, use_of
from services.matching.suggestions.rules import PARTNER_STAGES, State


@pytest.mark.parametrize(
    ("taken", "use"),
    [
        (0, Use.NONE),
        (1, Use.UNDER_QUARTER),
        (24, Use.UNDER_QUARTER),
        (25, Use.UNDER_HALF),
        (50, Use.UNDER_THREE_QUARTERS),
        (75, Use.MOST),
        (100, Use.MOST),
        (130, Use.MOST),
    ],
)
def test_use_is_told_in_quarters(taken: int, use: Use) -> None:
    assert use_of(Fraction(taken), Fraction(100)) is use


def test_where_no_limit_is_stated_there_is_no_share() -> None:
    assert use_of(Fraction(5), None) is None


def test_of_nothing_to_spare_all_is_used() -> None:
    assert use_of(Fraction(5), Fraction(0)) is Use.MOST


def test_every_use_has_its_word() -> None:
    assert set(USE_ZH) == set(Use)


@pytest.mark.parametrize("stage", State)
def test_only_partners_levels_keep_back_and_only_before_both_accepted(stage: State) -> None:
    assert kept_back("partners", stage) is (stage not in PARTNER_STAGES)
    assert not kept_back("suggested", stage)
    assert not kept_back("public", stage)
