"""What a leader is told of the capability that is suggested to it, and how much of it others use. Pure.

A supplier says of each capability how much leaders are told (`disclosure`, in the catalog). Once both have accepted a
suggestion, its leader is told everything.
"""

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction
from typing import Any

from services.matching.engine.plan import Rule
from services.matching.suggestions.rules import PARTNER_STAGES, State

UNTOLD = "（未公开）"
"""What stands for what a supplier keeps back."""


class Disclosure(StrEnum):
    """How much of a capability leaders are told; see the catalog's capabilities."""

    PUBLIC = "public"
    SUGGESTED = "suggested"
    PARTNERS = "partners"


DISCLOSURE_ZH = {
    Disclosure.PUBLIC: "向所有链主公开",
    Disclosure.SUGGESTED: "随配套建议公开",
    Disclosure.PARTNERS: "双方接受后公开",
}
OF_OFFERS = frozenset({Rule.PARAMETER, Rule.UNIT, Rule.MOQ, Rule.LEAD_TIME, Rule.PRICE})
"""Requirements whose evidence says what a capability offers; the others say what anybody may know of the supplier."""
SCORES_OF_OFFERS = frozenset({"parameter_margin", "capacity_headroom", "price", "lead_time"})


def kept_back(disclosure: str, stage: str) -> bool:
    """Whether the leader of a suggestion is told no more than what the capability is called."""
    return disclosure == Disclosure.PARTNERS and not told_in_full(stage)


def told_in_full(stage: str) -> bool:
    """Whether both have accepted, however it ended."""
    return State(stage) in PARTNER_STAGES


def without_offers(evidence: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The evidence of a suggestion with the verdicts alone of what the capability offers."""
    blank = {"offered": UNTOLD, "sentence": "供应商未公开，双方接受后可见。"}
    return [{**each, **blank} if each["rule"] in OF_OFFERS else each for each in evidence]


def scores_without_offers(parts: dict[str, int]) -> dict[str, int]:
    """The parts of a score but for those from which an offer could be worked out."""
    return {name: score for name, score in parts.items() if name not in SCORES_OF_OFFERS}


class Use(StrEnum):
    """How much of a capability's year other leaders have accepted, in quarters: never by whom, nor how much exactly."""

    NONE = "none"
    UNDER_QUARTER = "under_quarter"
    UNDER_HALF = "under_half"
    UNDER_THREE_QUARTERS = "under_three_quarters"
    MOST = "most"


USE_ZH = {
    Use.NONE: "未被其他链主占用",
    Use.UNDER_QUARTER: "不足四分之一",
    Use.UNDER_HALF: "四分之一至一半",
    Use.UNDER_THREE_QUARTERS: "一半至四分之三",
    Use.MOST: "四分之三以上",
}


def use_of(taken: Fraction, spare: Fraction | None) -> Use | None:
    """The quarter that `taken` of a year's capacity lies in; None where the supplier states no limit."""
    if spare is None:
        return None
    if taken <= 0:
        return Use.NONE
    quarters = (Use.UNDER_QUARTER, Use.UNDER_HALF, Use.UNDER_THREE_QUARTERS)
    return next((use for at, use in enumerate(quarters, 1) if taken * 4 < spare * at), Use.MOST)
