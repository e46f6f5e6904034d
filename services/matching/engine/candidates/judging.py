"""Every hard rule on many pairs at once: the same verdicts as by evidence (firm_rules, term_rules), without the words.

A verdict is a mask: bit i is set where the i-th rule of `Rule` fails. All rules are tried, also after one failed.
"""

from typing import Any, NamedTuple

import numpy as np

from services.matching.engine.candidates.docket import Desk, Records
from services.matching.engine.candidates.retrieval import Tried, longer_ints
from services.matching.engine.candidates.verdicts import OTHER_DIMENSION, SAME_UNIT
from services.matching.engine.columns import Bools, Floats, Ints
from services.matching.engine.plan import CURABLE, Rule
from shared.compiled import compiled

RULES = tuple(Rule)
BIT = {rule: 1 << place for place, rule in enumerate(RULES)}
CURABLE_BITS = sum(BIT[rule] for rule in CURABLE)

_VERIFIED, _NOT_SELF, _NOT_RELATED = BIT[Rule.VERIFIED], BIT[Rule.NOT_SELF], BIT[Rule.NOT_RELATED]
_NOT_IN_FULL, _LOCALITY, _DISTANCE = BIT[Rule.NOT_IN_FULL], BIT[Rule.LOCALITY], BIT[Rule.DISTANCE]
_CERTIFICATE, _PARAMETER, _UNIT = BIT[Rule.CERTIFICATE], BIT[Rule.PARAMETER], BIT[Rule.UNIT]
_MOQ, _LEAD_TIME, _PRICE, _COOL_OFF = BIT[Rule.MOQ], BIT[Rule.LEAD_TIME], BIT[Rule.PRICE], BIT[Rule.COOL_OFF]
_BLACKLISTED = BIT[Rule.BLACKLISTED]


def rules_in(mask: int) -> tuple[Rule, ...]:
    """The rules that a mask says failed, in their order."""
    return tuple(rule for rule in RULES if mask & BIT[rule])


class Judged(NamedTuple):
    """Pairs of some lines, those of the i-th from `starts[i]`: where the row stands in what was tried, and its mask."""

    starts: Ints
    place: Ints
    failed: Ints


@compiled
def judge(desk: Desk, lines: Ints, asked_at: Ints, tried: Tried, most: int) -> Judged:
    """Judge each line with what its question found (the `asked_at[i]`-th) in turn, until `most` rows are eligible.

    What comes after the last one needed is not looked at. The desk is taken apart once for all pairs: to hand its
    thirty arrays on costs more than a rule does.
    """
    asked_lines, offered_rows = desk.asked, desk.offered
    asked_parameter, offered_parameter = desk.asked_parameter, desk.offered_parameter
    asked_value, asked_value_rank, offered_value, within = (
        desk.asked_value,
        desk.asked_value_rank,
        desk.offered_value,
        desk.within,
    )
    asked_scheme, asked_day, proves = desk.asked_scheme, desk.asked_day, desk.proves
    held_scheme, held_from, held_until = desk.held_scheme, desk.held_from, desk.held_until
    holder, held_amount, refused, related_leader = desk.holder, desk.held_amount, desk.refused, desk.related_leader
    blacklisted = desk.blacklisted
    local, kilometres, conversion = desk.local, desk.kilometres, desk.conversion
    told_moq, told_price = desk.told_moq, desk.told_price
    tried_starts, rows = tried.starts, tried.row
    starts, places, masks, end = (
        np.zeros(len(lines) + 1, np.int64),
        np.empty(1024, np.int64),
        np.empty(1024, np.int64),
        0,
    )
    for at in range(len(lines)):
        asked, eligible = asked_lines[lines[at]], 0
        begin, stop = tried_starts[asked_at[at]], tried_starts[asked_at[at] + 1]
        if end + stop - begin > len(places):
            places, masks = longer_ints(places, end + stop - begin), longer_ints(masks, end + stop - begin)
        for place in range(begin, stop):
            if eligible == most:
                break
            row = rows[place]
            offered = offered_rows[row]
            mask = _of_firm(asked, offered, local, kilometres)
            mask |= _of_terms(asked, offered, row, conversion, told_moq, told_price)
            if offered.related_start < offered.related_end and _related(asked, offered, related_leader):
                mask |= _NOT_RELATED
            if asked.history_start < asked.history_end:
                mask |= _of_history(asked, offered.supplier, holder, held_amount, refused, blacklisted)
            for number in range(asked.scheme_start, asked.scheme_end):
                scheme, day = asked_scheme[number], asked_day[number]
                if not _proven(scheme, day, offered, held_scheme, held_from, held_until, proves):
                    mask |= _CERTIFICATE
            for number in range(asked.parameter_start, asked.parameter_end):
                wanted = asked_parameter[number]
                if not _met(wanted, offered, offered_parameter, asked_value, asked_value_rank, offered_value, within):
                    mask |= _PARAMETER
            places[end], masks[end] = place, mask
            end += 1
            eligible += mask == 0
        starts[at + 1] = end
    return Judged(starts, places[:end].copy(), masks[:end].copy())


@compiled
def first_rule(mask: int) -> int:
    """The number of the first rule that failed; `mask` is not 0."""
    place = 0
    while not mask & (1 << place):
        place += 1
    return place


@compiled
def is_near(mask: int) -> bool:
    """Whether exactly one rule failed, and a supplier can come to meet it."""
    return mask != 0 and mask & (mask - 1) == 0 and mask & CURABLE_BITS != 0


@compiled
def contained(
    wanted: Any, offer: Any, asked_value: Ints, asked_value_rank: Ints, offered_value: Ints, within: Bools
) -> bool:
    """Whether the offered parameter contains the asked one (`shared.codes.parameters.contains`)."""
    if wanted.name != offer.name or wanted.unit != offer.unit:
        return False
    if wanted.value_start < wanted.value_end:
        for place in range(wanted.value_start, wanted.value_end):
            if not _has(asked_value[place], asked_value_rank[place], offer, offered_value, within):
                return False
        return True
    if offer.value_start < offer.value_end:
        return wanted.point >= 0 and _has(wanted.point, -1, offer, offered_value, within)
    return _lies_in(wanted.low, wanted.high, offer)


@compiled
def _of_firm(asked: Any, offered: Any, local: Bools, kilometres: Floats) -> int:
    """Status, the leader itself, locality and distance. Sums of products: a branch that cannot be foretold is dear."""
    mask = _VERIFIED * (offered.admitted == 0)
    mask |= _NOT_SELF * ((asked.leader >= 0) & (offered.party == asked.leader))
    mask |= _LOCALITY * (not local[asked.anchor, offered.place])
    if asked.distance_limit_km >= 0:
        distance = kilometres[asked.leader_region, offered.region]
        mask |= _DISTANCE * ((distance < 0) | (distance > asked.distance_limit_km))
    return int(mask)


@compiled
def _of_terms(asked: Any, offered: Any, row: int, conversion: Ints, told_moq: Ints, told_price: Ints) -> int:
    """Unit, minimum order, lead time and price."""
    kind = conversion[offered.unit, asked.unit]
    days = offered.lead_time_days
    mask = _LEAD_TIME * ((asked.lead_time_days >= 0) & ((days < 0) | (days > asked.lead_time_days)))
    if kind == OTHER_DIMENSION:
        return int(mask | _UNIT)
    moq = offered.moq if kind == SAME_UNIT else told_moq[kind, row]
    price = offered.unit_price if kind == SAME_UNIT else told_price[kind, row]
    mask |= _MOQ * ((asked.moq_limit >= 0) & (offered.moq >= 0) & (moq > asked.moq_limit))
    mask |= _PRICE * ((asked.price_ceiling >= 0) & ((offered.unit_price < 0) | (price > asked.price_ceiling)))
    return int(mask)


@compiled
def _related(asked: Any, offered: Any, related_leader: Ints) -> bool:
    for place in range(offered.related_start, offered.related_end):  # noqa: SIM110 - compiled
        if related_leader[place] == asked.leader:
            return True
    return False


@compiled
def _of_history(asked: Any, supplier: int, holder: Ints, held_amount: Ints, refused: Bools, blacklisted: Bools) -> int:
    """What the supplier already has of the line, whether it was refused, and whether the leader does not take it."""
    mask = 0
    for place in range(asked.history_start, asked.history_end):
        if holder[place] == supplier:
            amount = held_amount[place]
            if amount != 0 and amount >= asked.counted:
                mask |= _NOT_IN_FULL
            if refused[place]:
                mask |= _COOL_OFF
            if blacklisted[place]:
                mask |= _BLACKLISTED
    return mask


@compiled
def _proven(
    scheme: int, day: int, offered: Any, held_scheme: Ints, held_from: Ints, held_until: Ints, proves: Bools
) -> bool:
    """Whether the supplier holds a certificate that shows what the scheme asks, valid at the day."""
    for held in range(offered.scheme_start, offered.scheme_end):
        if held_from[held] <= day <= held_until[held] and proves[held_scheme[held], scheme]:
            return True
    return False


@compiled
def _met(
    wanted: Any,
    offered: Any,
    offered_parameter: Records,
    asked_value: Ints,
    asked_value_rank: Ints,
    offered_value: Ints,
    within: Bools,
) -> bool:
    """Whether some parameter of the capability contains the one that is asked."""
    for place in range(offered.parameter_start, offered.parameter_end):
        if contained(wanted, offered_parameter[place], asked_value, asked_value_rank, offered_value, within):
            return True
    return False


@compiled
def _has(value: int, rank: int, offer: Any, offered_value: Ints, within: Bools) -> bool:
    """Whether an offered parameter holds a value: itself or its family in a set, its number in an interval."""
    if offer.value_start == offer.value_end:
        return rank >= 0 and _lies_in(rank, rank, offer)
    for place in range(offer.value_start, offer.value_end):  # noqa: SIM110 - compiled
        if within[value, offered_value[place]]:
            return True
    return False


@compiled
def _lies_in(low: int, high: int, offer: Any) -> bool:
    """Whether an interval (ranks, -1 open) lies in the offered one."""
    above = offer.low < 0 or (low >= 0 and low >= offer.low)
    return above and (offer.high < 0 or (high >= 0 and high <= offer.high))
