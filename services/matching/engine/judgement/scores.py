"""The soft score of a pair: whole points, every part kept.

Each part is its weight times a measure between 0 and 1. What is not known earns nothing; where nothing is asked,
nothing is lacking, and the part is full.
"""

from collections.abc import Callable

from services.matching.engine.judgement.facts import FULL_SCORE, Facts, Pair, distance, unit_factor
from services.matching.engine.judgement.term_rules import is_valid, offered_price
from services.matching.engine.snapshot import PIECES_PER_YUAN
from shared.codes.certificates import satisfies
from shared.codes.classes import similarity
from shared.codes.parameters import margin

EPSILON = 1e-9
FAR_KM = 500
LONG_DAYS = 90
PRICE_BAND = 0.2
MANY_CERTIFICATES = 3

Measure = Callable[[Facts, Pair], float]


def score_parts(facts: Facts, pair: Pair, text: float) -> dict[str, int]:
    """The points by part, in the order of the weights, rounded down; `text` is the pair's text measure.

    They add up to the score, 0–1000; weights that add up to more than 1000 are scaled down to it. What the leader
    prefers has a bonus on top, as far as there is room: whom it never named, it takes nothing from.
    """
    measured = {"text": text} | {name: measure(facts, pair) for name, measure in MEASURES.items()}
    parts = {name: int(facts.points[name] * part + EPSILON) for name, part in measured.items()}
    if (pair.line_position, pair.capability.supplier) in facts.preferred:
        parts["preferred"] = min(facts.policy.preferred_bonus, FULL_SCORE - sum(parts.values()))
    return parts


def _class_nearness(_: Facts, pair: Pair) -> float:
    asked, offered = pair.line.class_code, pair.capability.class_code
    return 0.0 if asked is None or offered is None else similarity(asked, offered)


def _parameter_margin(_: Facts, pair: Pair) -> float:
    offered = {row.name: row for row in pair.capability.parameters}
    margins = [margin(row, offered[row.name]) if row.name in offered else 0.0 for row in pair.line.parameters]
    return sum(margins) / len(margins) if margins else 1.0


def _extra_certificates(facts: Facts, pair: Pair) -> float:
    held = {
        row.scheme
        for row in facts.certificates[pair.capability.supplier]
        if is_valid(row, facts.snapshot.as_of)
        and not any(satisfies(row.scheme, asked.scheme) for asked in pair.line.certificates)
    }
    return min(1.0, len(held) / MANY_CERTIFICATES)


def _capacity_headroom(facts: Facts, pair: Pair) -> float:
    spare = capacity_in_yuan(pair) if facts.policy.limit_capacity else None
    if spare is None or pair.line.movable <= 0:
        return 1.0
    return min(1.0, spare / pair.line.movable)


def _price(_: Facts, pair: Pair) -> float:
    """Half at the need's own price, full from 20 % below it, nothing from 20 % above it."""
    today, offered = pair.line.unit_price, offered_price(pair)
    if not today or offered is None:
        return 0.0
    saving = (today - float(offered)) / today
    return min(1.0, max(0.0, (saving + PRICE_BAND) / (2 * PRICE_BAND)))


def _distance(_: Facts, pair: Pair) -> float:
    kilometres = distance(pair)
    return 0.0 if kilometres is None else max(0.0, 1 - kilometres / FAR_KM)


def _lead_time(_: Facts, pair: Pair) -> float:
    days = pair.capability.lead_time_days
    if days is None:
        return 0.0
    return max(0.0, 1 - days / (pair.line.lead_time_days or LONG_DAYS))


def _newcomer(_: Facts, pair: Pair) -> float:
    return 0.0 if pair.supplier.known else 1.0


MEASURES: dict[str, Measure] = {
    "class_nearness": _class_nearness,
    "parameter_margin": _parameter_margin,
    "extra_certificates": _extra_certificates,
    "capacity_headroom": _capacity_headroom,
    "price": _price,
    "distance": _distance,
    "lead_time": _lead_time,
    "newcomer": _newcomer,
}
"""Every measure but the text's, which the search gives."""


def capacity_in_yuan(pair: Pair) -> float | None:
    """The capability's whole capacity at this line's price, in 元; None: unlimited, or not to be told."""
    capability, line = pair.capability, pair.line
    if capability.capacity_yuan is not None:
        return capability.capacity_yuan
    factor = unit_factor(capability.unit, line.unit)
    if capability.capacity_units is None or line.unit_price is None or factor is None:
        return None
    return capability.capacity_units * float(factor) * line.unit_price / PIECES_PER_YUAN
