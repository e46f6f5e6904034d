"""A line's shortlist: the best eligible candidates, the near misses beside them, and what blocked the others."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from services.matching.engine.candidates import Hit
from services.matching.engine.eligibility import Bench, Ruling, joined
from services.matching.engine.facts import Facts
from services.matching.engine.plan import Evidence, Rule, Verdict
from services.matching.engine.scores import score_parts
from services.matching.engine.snapshot import Line


@dataclass(frozen=True, slots=True)
class Candidate:
    """An eligible pair with its score (配对候选)."""

    line: int
    supplier: int
    capability: int
    score: int
    parts: dict[str, int]
    evidence: list[Evidence]


@dataclass(frozen=True, slots=True)
class NearPair:
    """A pair that `rule` alone blocks, and that a supplier can cure; `obstacle` is what it lacks, to group by."""

    line: int
    supplier: int
    capability: int
    score: int
    rule: Rule
    evidence: Evidence
    obstacle: str


Scored = TypeVar("Scored", Candidate, NearPair)

_OBSTACLES = {Rule.MOQ: "起订量", Rule.LEAD_TIME: "交期", Rule.PRICE: "价格"}


@dataclass(frozen=True)
class Shortlist:
    """What came of a line's hits.

    `candidates` and `near` stand best first; `one_other` and `several` are the suppliers whom one rule that they cannot
    cure, or several rules, keep away. `removed` counts the hits by their first failing rule.
    """

    line: int
    retrieved: int
    eligible: int
    candidates: list[Candidate]
    near: list[NearPair]
    one_other: frozenset[int]
    several: frozenset[int]
    removed: dict[Rule, int]


def shortlist(facts: Facts, bench: Bench, line: int, hits: list[Hit]) -> Shortlist:
    """Judge and score the hits of a line, and keep the policy's number of candidates and of near misses."""
    judged = [(hit, bench.judge(facts.pair(line, hit.capability))) for hit in hits]
    good = [_candidate(facts, line, hit, ruling) for hit, ruling in judged if ruling.eligible]
    near = [_near(facts, line, hit, ruling) for hit, ruling in judged if ruling.curable]
    blocked = [(hit, ruling) for hit, ruling in judged if not ruling.eligible and not ruling.curable]
    suppliers = {hit.capability: facts.snapshot.capabilities[hit.capability].supplier for hit, _ in blocked}
    return Shortlist(
        line=line,
        retrieved=len(hits),
        eligible=len(good),
        candidates=_best(facts, [row for row in good if row.score >= facts.policy.score_floor]),
        near=_best(facts, near),
        one_other=frozenset(suppliers[hit.capability] for hit, ruling in blocked if len(ruling.failed) == 1),
        several=frozenset(suppliers[hit.capability] for hit, ruling in blocked if len(ruling.failed) > 1),
        removed=_counted(ruling for _, ruling in judged),
    )


def _candidate(facts: Facts, line: int, hit: Hit, ruling: Ruling) -> Candidate:
    pair = facts.pair(line, hit.capability)
    parts = score_parts(facts, pair, hit.text)
    return Candidate(line, pair.capability.supplier, hit.capability, sum(parts.values()), parts, ruling.evidence)


def _near(facts: Facts, line: int, hit: Hit, ruling: Ruling) -> NearPair:
    pair = facts.pair(line, hit.capability)
    score = sum(score_parts(facts, pair, hit.text).values())
    rule = ruling.failed[0]
    evidence = joined(ruling.failures())
    return NearPair(
        line, pair.capability.supplier, hit.capability, score, rule, evidence, _obstacle(pair.line, rule, ruling)
    )


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


def _best(facts: Facts, rows: list[Scored]) -> list[Scored]:
    """The policy's number of best rows; equal scores in the order of the natural keys."""
    ranked = sorted(rows, key=lambda row: (-row.score, row.supplier, row.capability))
    return ranked[: facts.policy.candidates_per_need]


def _counted(rulings: Iterable[Ruling]) -> dict[Rule, int]:
    first = Counter(ruling.failed[0] for ruling in rulings if ruling.failed)
    return {rule: first[rule] for rule in Rule if rule in first}
