"""The score of many pairs at once: the measures of `scores`, compiled, in the same order of operations.

Equal to the sum of `score_parts` to the point. The one place where the two compute differently is the margin of a
parameter (there decimals, here floats in whole steps of the last decimal): they differ by rounding at 1e-16, which the
1e-9 that both add before rounding down leaves without effect.
"""

from typing import Any

import numpy as np

from services.matching.engine.candidates.docket import Desk, Records
from services.matching.engine.candidates.judging import contained
from services.matching.engine.candidates.verdicts import OTHER_DIMENSION, SAME_UNIT
from services.matching.engine.columns import Bools, Floats, Ints
from services.matching.engine.judgement.facts import FULL_SCORE
from services.matching.engine.judgement.scores import (
    EPSILON,
    FAR_KM,
    LONG_DAYS,
    MANY_CERTIFICATES,
    PRICE_BAND,
)
from services.matching.engine.snapshot import PIECES_PER_YUAN
from shared.compiled import compiled


@compiled
def score(desk: Desk, lines: Ints, rows: Ints, texts: Floats, scores: Ints) -> None:
    """Score pairs of a line and an offered row, given their text measures: `scores` gets 0–1000 each."""
    asked_lines, offered_rows, points, near, nearness = desk.asked, desk.offered, desk.points, desk.near, desk.nearness
    asked_parameter, offered_parameter = desk.asked_parameter, desk.offered_parameter
    asked_value, asked_value_rank = desk.asked_value, desk.asked_value_rank
    offered_value, within = desk.offered_value, desk.within
    asked_scheme, proves, held_scheme = desk.asked_scheme, desk.proves, desk.held_scheme
    held_from, held_until, as_of = desk.held_from, desk.held_until, desk.as_of
    conversion, factor, kilometres = desk.conversion, desk.factor, desk.kilometres
    told_price_number, limit_capacity = desk.told_price_number, desk.limit_capacity
    holder, preferred, bonus = desk.holder, desk.preferred, desk.bonus
    for place in range(len(rows)):
        row = rows[place]
        asked, offered = asked_lines[lines[place]], offered_rows[row]
        total = int(points[0] * texts[place] + EPSILON)
        total += int(points[1] * nearness[near[asked.class_code, offered.class_code]] + EPSILON)
        margins = 0.0
        for number in range(asked.parameter_start, asked.parameter_end):
            wanted = asked_parameter[number]
            last = _last_named(wanted.name, offered, offered_parameter)
            if last >= 0:
                offer = offered_parameter[last]
                if contained(wanted, offer, asked_value, asked_value_rank, offered_value, within):
                    margins += _margin(wanted, offer)
        asked_for = asked.parameter_end - asked.parameter_start
        total += int(points[2] * (margins / asked_for if asked_for else 1.0) + EPSILON)
        beyond = 0
        for held in range(offered.scheme_start, offered.scheme_end):
            if held_from[held] <= as_of <= held_until[held] and _is_more(
                held, asked, offered, held_scheme, held_from, held_until, as_of, asked_scheme, proves
            ):
                beyond += 1
        total += int(points[3] * min(1.0, beyond / MANY_CERTIFICATES) + EPSILON)
        total += int(points[4] * (_headroom(asked, offered, factor) if limit_capacity else 1.0) + EPSILON)
        total += int(points[5] * _price(asked, offered, row, conversion, told_price_number) + EPSILON)
        distance = kilometres[asked.leader_region, offered.region]
        total += int(points[6] * (0.0 if distance < 0 else max(0.0, 1 - distance / FAR_KM)) + EPSILON)
        total += int(points[7] * _lead_time(asked, offered) + EPSILON)
        total += int(points[8] * (0.0 if offered.known else 1.0) + EPSILON)
        if asked.history_start < asked.history_end and _is_preferred(asked, offered.supplier, holder, preferred):
            total += min(bonus, FULL_SCORE - total)
        scores[place] = total


@compiled
def _is_preferred(asked: Any, supplier: int, holder: Ints, preferred: Bools) -> bool:
    """Whether the line's leader prefers the supplier."""
    for place in range(asked.history_start, asked.history_end):
        if holder[place] == supplier and preferred[place]:
            return True
    return False


@compiled
def _last_named(name: int, offered: Any, offered_parameter: Records) -> int:
    """The last parameter of this name that the capability states; -1: none."""
    for place in range(offered.parameter_end - 1, offered.parameter_start - 1, -1):
        if offered_parameter[place].name == name:
            return int(place)
    return -1


@compiled
def _margin(wanted: Any, offer: Any) -> float:
    """How far inside an asked interval lies that is contained; sets have no edge."""
    if wanted.value_start < wanted.value_end or offer.value_start < offer.value_end:
        return 1.0
    width = offer.high_number - offer.low_number  # nan where one is open
    low = _slack(wanted.low_number, offer.low_number, width)
    return min(1.0, low, _slack(wanted.high_number, offer.high_number, width))


@compiled
def _slack(asked: float, offered: float, width: float) -> float:
    if np.isnan(asked) or np.isnan(offered):
        return 1.0
    scale = max(abs(asked), abs(offered)) if np.isnan(width) else width / 2
    return abs(asked - offered) / scale if scale else 0.0


@compiled
def _is_more(
    held: int,
    asked: Any,
    offered: Any,
    held_scheme: Ints,
    held_from: Ints,
    held_until: Ints,
    as_of: int,
    asked_scheme: Ints,
    proves: Bools,
) -> bool:
    """Whether a valid certificate goes beyond what is asked; a scheme that is held twice counts once."""
    scheme = held_scheme[held]
    for before in range(offered.scheme_start, held):
        if held_scheme[before] == scheme and held_from[before] <= as_of <= held_until[before]:
            return False
    for place in range(asked.scheme_start, asked.scheme_end):  # noqa: SIM110 - compiled
        if proves[scheme, asked_scheme[place]]:
            return False
    return True


@compiled
def _headroom(asked: Any, offered: Any, factor: Floats) -> float:
    if asked.movable <= 0:
        return 1.0
    if offered.capacity_yuan >= 0:
        return float(min(1.0, offered.capacity_yuan / asked.movable))
    units = factor[offered.unit, asked.unit]
    if offered.capacity_units < 0 or asked.unit_price < 0 or np.isnan(units):
        return 1.0
    return float(min(1.0, offered.capacity_units * units * asked.unit_price / PIECES_PER_YUAN / asked.movable))


@compiled
def _price(asked: Any, offered: Any, row: int, conversion: Ints, told_price_number: Floats) -> float:
    kind = conversion[offered.unit, asked.unit]
    if asked.unit_price <= 0 or offered.unit_price < 0 or kind == OTHER_DIMENSION:
        return 0.0
    price = float(offered.unit_price) if kind == SAME_UNIT else told_price_number[kind, row]
    saving = (asked.unit_price - price) / asked.unit_price
    return float(min(1.0, max(0.0, (saving + PRICE_BAND) / (2 * PRICE_BAND))))


@compiled
def _lead_time(asked: Any, offered: Any) -> float:
    if offered.lead_time_days < 0:
        return 0.0
    wanted = asked.lead_time_days if asked.lead_time_days > 0 else LONG_DAYS
    return float(max(0.0, 1 - offered.lead_time_days / wanted))
