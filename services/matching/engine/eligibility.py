"""Eligibility: every hard rule on a pair, with all that fail, so that near misses are told from hopeless pairs."""

from collections.abc import Callable
from dataclasses import dataclass

from services.matching.engine import firm_rules, term_rules
from services.matching.engine.facts import Facts, Pair
from services.matching.engine.plan import CURABLE, Evidence, Rule, Verdict

HardRule = Callable[[Facts, Pair], list[Evidence]]

RULES: dict[Rule, HardRule] = {
    Rule.VERIFIED: firm_rules.verified,
    Rule.NOT_SELF: firm_rules.not_self,
    Rule.NOT_RELATED: firm_rules.not_related,
    Rule.NOT_IN_FULL: firm_rules.not_in_full,
    Rule.LOCALITY: firm_rules.local,
    Rule.DISTANCE: firm_rules.near,
    Rule.CERTIFICATE: term_rules.certified,
    Rule.PARAMETER: term_rules.fits,
    Rule.UNIT: term_rules.same_unit,
    Rule.MOQ: term_rules.order_size,
    Rule.LEAD_TIME: term_rules.in_time,
    Rule.PRICE: term_rules.affordable,
    Rule.COOL_OFF: firm_rules.cool_off,
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


def judge(facts: Facts, pair: Pair) -> Ruling:
    """Try every rule on the pair, also after one failed."""
    found = [row for rule in RULES.values() for row in rule(facts, pair)]
    failed = {row.rule for row in found if row.verdict is Verdict.FAILED}
    return Ruling(found, tuple(rule for rule in RULES if rule in failed))


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
