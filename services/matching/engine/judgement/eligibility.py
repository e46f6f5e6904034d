"""Eligibility: every hard rule on a pair, with all that fail, so that near misses are told from hopeless pairs."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from services.matching.engine.judgement import firm_rules, term_rules
from services.matching.engine.judgement.facts import Facts, Pair
from services.matching.engine.plan import CURABLE, Evidence, Rule, Verdict

Subject = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class HardRule:
    """A rule, and all that it looks at in a pair: pairs of one subject are judged once."""

    judge: Callable[[Facts, Pair], list[Evidence]]
    subject: Callable[[Facts, Pair], Subject]


def _supplier(_: Facts, pair: Pair) -> Subject:
    return (pair.capability.supplier,)


def _firms(_: Facts, pair: Pair) -> Subject:
    return (pair.line.product, pair.capability.supplier)


def _existing(facts: Facts, pair: Pair) -> Subject:
    amount = facts.existing_amount(pair)
    return (amount, pair.line.spend, pair.line.excluded) if amount else ()


def _distance(facts: Facts, pair: Pair) -> Subject:
    limit = pair.line.distance_limit_km
    return () if limit is None else (limit, *_firms(facts, pair))


def _certificates(_: Facts, pair: Pair) -> Subject:
    return (pair.line.certificates, pair.capability.supplier) if pair.line.certificates else ()


def _parameters(_: Facts, pair: Pair) -> Subject:
    return (pair.line_position, pair.capability_position) if pair.line.parameters else ()


def _units(_: Facts, pair: Pair) -> Subject:
    return (pair.line.unit, pair.capability.unit)


def _order_size(_: Facts, pair: Pair) -> Subject:
    line, offered = pair.line, pair.capability
    return (line.max_moq, line.quantity, line.unit, offered.moq, offered.unit)


def _days(_: Facts, pair: Pair) -> Subject:
    return (pair.line.lead_time_days, pair.line.needed_from, pair.capability.lead_time_days)


def _price(_: Facts, pair: Pair) -> Subject:
    line, offered = pair.line, pair.capability
    return () if line.price_ceiling is None else (line.price_ceiling, line.unit, offered.unit_price, offered.unit)


def _rejection(facts: Facts, pair: Pair) -> Subject:
    return (facts.rejected.get((pair.line_position, pair.capability.supplier)),)


def _refusal(facts: Facts, pair: Pair) -> Subject:
    return (facts.blacklisted.get((pair.line_position, pair.capability.supplier)),)


RULES: dict[Rule, HardRule] = {
    Rule.VERIFIED: HardRule(firm_rules.verified, _supplier),
    Rule.NOT_SELF: HardRule(firm_rules.not_self, _firms),
    Rule.NOT_RELATED: HardRule(firm_rules.not_related, _firms),
    Rule.NOT_IN_FULL: HardRule(firm_rules.not_in_full, _existing),
    Rule.LOCALITY: HardRule(firm_rules.local, _firms),
    Rule.DISTANCE: HardRule(firm_rules.near, _distance),
    Rule.CERTIFICATE: HardRule(term_rules.certified, _certificates),
    Rule.PARAMETER: HardRule(term_rules.fits, _parameters),
    Rule.UNIT: HardRule(term_rules.same_unit, _units),
    Rule.MOQ: HardRule(term_rules.order_size, _order_size),
    Rule.LEAD_TIME: HardRule(term_rules.in_time, _days),
    Rule.PRICE: HardRule(term_rules.affordable, _price),
    Rule.COOL_OFF: HardRule(firm_rules.cool_off, _rejection),
    Rule.BLACKLISTED: HardRule(firm_rules.blacklisted, _refusal),
}
"""Every hard rule, in the order in which a first failing one is named."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules say of a pair: all evidence, and the rules that failed, in their order."""

    evidence: list[Evidence]
    failed: tuple[Rule, ...]

    @property
    def eligible(self) -> bool:
        """No rule failed."""
        return not self.failed

    @property
    def curable(self) -> Rule | None:
        """The one rule that alone blocks the pair, if a supplier can come to meet it."""
        alone = self.failed[0] if len(self.failed) == 1 else None
        return alone if alone in CURABLE else None

    def failures(self) -> list[Evidence]:
        """The evidence that failed."""
        return [row for row in self.evidence if row.verdict is Verdict.FAILED]


class Bench:
    """Judges pairs by all rules, and remembers what it said of each subject."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._said: list[tuple[Rule, HardRule, dict[Subject, tuple[list[Evidence], bool]]]] = [
            (rule, hard, {}) for rule, hard in RULES.items()
        ]

    def judge(self, pair: Pair) -> Ruling:
        """Try every rule on the pair, also after one failed."""
        evidence: list[Evidence] = []
        failed: list[Rule] = []
        for rule, hard, said in self._said:
            subject = hard.subject(self._facts, pair)
            found = said.get(subject)
            if found is None:
                found = said[subject] = self._ask(hard, pair)
            evidence += found[0]
            if found[1]:
                failed.append(rule)
        return Ruling(evidence, tuple(failed))

    def _ask(self, hard: HardRule, pair: Pair) -> tuple[list[Evidence], bool]:
        rows = hard.judge(self._facts, pair)
        return rows, any(row.verdict is Verdict.FAILED for row in rows)


def joined(failures: list[Evidence]) -> Evidence:
    """Several failing requirements of one rule as one evidence: two missing certificates are one obstacle."""
    if len(failures) == 1:
        return failures[0]
    return Evidence(
        failures[0].rule,
        Verdict.FAILED,
        "；".join(row.asked for row in failures),
        "；".join(dict.fromkeys(row.offered for row in failures)),
        "；".join(row.sentence for row in failures),
    )
