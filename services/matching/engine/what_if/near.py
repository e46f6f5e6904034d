"""Near misses in words: which one rule blocks a pair, and what the supplier lacks."""

from dataclasses import dataclass

from services.matching.engine.judgement.eligibility import Bench, Ruling, joined
from services.matching.engine.judgement.facts import Facts
from services.matching.engine.plan import Evidence, Rule, Verdict
from services.matching.engine.snapshot import Line

_OBSTACLES = {Rule.MOQ: "起订量", Rule.LEAD_TIME: "交期", Rule.PRICE: "价格"}


@dataclass(frozen=True, slots=True)
class NearRow:
    """A pair that `rule` alone blocks; `obstacle` is what the supplier lacks, to group by. Positions; score 0–1000."""

    line: int
    supplier: int
    capability: int
    score: int
    rule: Rule
    obstacle: str


def near_row(facts: Facts, bench: Bench, line: int, capability: int, score: int) -> tuple[NearRow, Evidence]:
    """Say of a near miss what blocks it, with the evidence."""
    pair = facts.pair(line, capability)
    ruling = bench.judge(pair)
    rule = ruling.failed[0]
    row = NearRow(line, pair.capability.supplier, capability, score, rule, _obstacle(pair.line, rule, ruling))
    return row, joined(ruling.failures())


def _obstacle(line: Line, rule: Rule, ruling: Ruling) -> str:
    """The schemes or the parameters that are lacking; the other rules name themselves."""
    asked = {
        Rule.CERTIFICATE: [row.scheme for row in line.certificates],
        Rule.PARAMETER: [row.name for row in line.parameters],
    }.get(rule)
    if asked is None:
        return _OBSTACLES[rule]
    rows = [row for row in ruling.evidence if row.rule is rule]
    lacking = {what for what, row in zip(asked, rows, strict=True) if row.verdict is Verdict.FAILED}
    return "、".join(sorted(lacking))
