"""Where every 元 of a line is: in exactly one class, in SpendClass's order of precedence; they add up to the spend.

A suggestion moves known outside purchases first, and then those of unknown origin. What stays is explained for the
line as a whole, and the explanation is split over the two origins in proportion.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.matching.engine.facts import Facts
from services.matching.engine.ledger import Ledger
from services.matching.engine.market import make_offer, pair_cap
from services.matching.engine.plan import Rule, SpendClass
from services.matching.engine.shortlist import NearPair, Shortlist
from services.matching.engine.snapshot import Line

NEAR_CLASSES = {
    Rule.CERTIFICATE: SpendClass.NEAR_CERTIFICATE,
    Rule.PARAMETER: SpendClass.NEAR_PARAMETER,
    Rule.MOQ: SpendClass.NEAR_MOQ,
    Rule.LEAD_TIME: SpendClass.NEAR_LEAD_TIME,
    Rule.PRICE: SpendClass.NEAR_PRICE,
}
"""The class of what one curable rule keeps away, in the order of precedence."""

Amounts = dict[SpendClass, int]


@dataclass(frozen=True)
class LineDiagnosis:
    """The classes of a line's spend, and of what it has of unknown origin and did not move."""

    spend: Amounts
    unknown: Amounts


def diagnose(facts: Facts, line: int, found: Shortlist, ledger: Ledger, offers: Iterable[int]) -> LineDiagnosis:
    """Say where each 元 of a line is under the plan in `ledger`; `offers` are the line's in its market."""
    row, members = facts.snapshot.lines[line], list(offers)
    suggested = sum(ledger.amounts[offer] for offer in members)
    stays = _stays(facts, line, found, ledger, members, suggested)
    outside_left = row.outside - min(suggested, row.outside)
    unknown_left = row.outside + row.unknown - suggested - outside_left
    unknown = _share(stays, unknown_left)
    spend = {
        SpendClass.EXCLUDED: row.excluded,
        SpendClass.LOCAL_NOW: row.local_now,
        SpendClass.APPROVED: row.committed,
        SpendClass.SUGGESTED: suggested,
        SpendClass.UNKNOWN_NOT_MOVED: unknown_left,
    }
    spend |= {reason: amount - unknown.get(reason, 0) for reason, amount in stays.items()}
    return LineDiagnosis(_positive(spend), _positive(unknown))


def potential(facts: Facts, ledger: Ledger, near: NearPair) -> int:
    """The most 元 that curing a near miss could bring to its line beside the plan."""
    offer = make_offer(facts, ledger.market.capacity, near.line, near.capability, near.score)
    return min(offer.most, ledger.line_left[near.line])


def _stays(facts: Facts, line: int, found: Shortlist, ledger: Ledger, offers: list[int], suggested: int) -> Amounts:
    """Why what was not moved stays where it is, in the order of precedence; adds up to all that stays."""
    row = facts.snapshot.lines[line]
    steps = {SpendClass.NOT_RELEASED: row.outside + row.unknown - row.movable}
    left = row.movable - suggested
    reasons = _offered(facts, line, found, ledger, offers) if found.candidates else _blocked(facts, found, ledger)
    for reason, most in reasons.items():
        steps[reason] = min(left, most)
        left -= steps[reason]
    last = SpendClass.CAPACITY_TAKEN if found.candidates else SpendClass.NO_CANDIDATE
    return {**steps, last: left}


def _offered(facts: Facts, line: int, found: Shortlist, ledger: Ledger, offers: list[int]) -> Amounts:
    """With eligible suppliers: what their caps together leave out, then what is free but less than a minimum."""
    caps = sum(pair_cap(facts, line, supplier) for supplier in {row.supplier for row in found.candidates})
    free: dict[int, int] = {}
    for offer in offers:
        gate = ledger.market.through[offer][0]
        room = ledger.market.gates[gate].cap - ledger.through_gate[gate]
        free[gate] = min(room, free.get(gate, 0) + ledger.supply_room(offer))
    return {
        SpendClass.KEPT_BY_CAP: max(0, facts.snapshot.lines[line].movable - caps),
        SpendClass.BELOW_MINIMUM: sum(free.values()),
    }


def _blocked(facts: Facts, found: Shortlist, ledger: Ledger) -> Amounts:
    """Without any: what the suppliers whom a rule keeps away could take, each counted in its first class only."""
    reach: dict[SpendClass, dict[int, int]] = {reason: {} for reason in NEAR_CLASSES.values()}
    for near in found.near:
        best = reach[NEAR_CLASSES[near.rule]]
        best[near.supplier] = max(best.get(near.supplier, 0), potential(facts, ledger, near))
    line = found.line
    reach[SpendClass.ONE_OTHER_RULE] = {who: pair_cap(facts, line, who) for who in found.one_other}
    reach[SpendClass.SEVERAL_RULES] = {who: pair_cap(facts, line, who) for who in found.several}
    counted: set[int] = set()
    amounts: Amounts = {}
    for reason, by_supplier in reach.items():
        amounts[reason] = sum(amount for who, amount in by_supplier.items() if who not in counted)
        counted |= by_supplier.keys()
    return amounts


def _share(amounts: Mapping[SpendClass, int], part: int) -> Amounts:
    """Take `part` of the amounts in proportion, in whole 元 by largest remainder: never more of one than there is."""
    whole = sum(amounts.values())
    if whole == 0:
        return {}
    taken = {reason: amount * part // whole for reason, amount in amounts.items()}
    lacking = part - sum(taken.values())
    by_remainder = sorted(amounts, key=lambda reason: -(amounts[reason] * part % whole))
    for reason in by_remainder[:lacking]:
        taken[reason] += 1
    return taken


def _positive(amounts: Amounts) -> Amounts:
    return {reason: amounts[reason] for reason in SpendClass if amounts.get(reason, 0)}


def check_adds_up(line: Line, found: LineDiagnosis) -> None:
    """Raise ArithmeticError when a diagnosis does not add up to the line's spend; that would be a fault of ours."""
    if sum(found.spend.values()) != line.spend or min(found.spend.values(), default=0) < 0:
        raise ArithmeticError(f"diagnosis of line {line.key} adds up to {found.spend}, not to {line.spend}")
