"""A line's shortlist: the best eligible candidates, the near misses beside them, and what blocked the others."""

from dataclasses import dataclass

from services.matching.engine.eligibility import Bench, Ruling, joined
from services.matching.engine.facts import Facts
from services.matching.engine.judging import RULES
from services.matching.engine.pairs import Pairs, Shortlists
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


_OBSTACLES = {Rule.MOQ: "起订量", Rule.LEAD_TIME: "交期", Rule.PRICE: "价格"}


@dataclass(frozen=True)
class Shortlist:
    """What came of the capabilities tried for a line.

    `candidates` and `near` stand best first; `one_other` and `several` are the suppliers whom one rule that they cannot
    cure, or several rules, keep away. `removed` counts those by their first failing rule.
    """

    line: int
    retrieved: int
    eligible: int
    candidates: list[Candidate]
    near: list[NearPair]
    one_other: frozenset[int]
    several: frozenset[int]
    removed: dict[Rule, int]


def shortlist_of(facts: Facts, bench: Bench, lists: Shortlists, line: int) -> Shortlist:
    """A line's shortlist as rows with evidence, best first; equal scores in the order of the natural keys."""
    begin, end = int(lists.blocked_starts[line]), int(lists.blocked_starts[line + 1])
    blocked = list(zip(lists.blocked[begin:end].tolist(), lists.several[begin:end].tolist(), strict=True))
    return Shortlist(
        line=line,
        retrieved=int(lists.retrieved[line]),
        eligible=int(lists.eligible[line]),
        candidates=[_candidate(facts, bench, *row) for row in _best_first(lists.candidates, line)],
        near=[_near(facts, bench, *row[:3]) for row in _best_first(lists.near, line)],
        one_other=frozenset(supplier for supplier, several in blocked if not several),
        several=frozenset(supplier for supplier, several in blocked if several),
        removed={rule: int(count) for rule, count in zip(RULES, lists.removed[line].tolist(), strict=True) if count},
    )


def _best_first(pairs: Pairs, line: int) -> list[tuple[int, int, int, float]]:
    """Line, capability, score and text measure of a line's pairs."""
    at = pairs.of(line)
    rows = zip(pairs.capability[at].tolist(), pairs.score[at].tolist(), pairs.text[at].tolist(), strict=True)
    return sorted(((line, *row) for row in rows), key=lambda row: -row[2])


def _candidate(facts: Facts, bench: Bench, line: int, capability: int, score: int, text: float) -> Candidate:
    pair = facts.pair(line, capability)
    parts, evidence = score_parts(facts, pair, text), bench.judge(pair).evidence
    return Candidate(line, pair.capability.supplier, capability, score, parts, evidence)


def _near(facts: Facts, bench: Bench, line: int, capability: int, score: int) -> NearPair:
    pair = facts.pair(line, capability)
    ruling = bench.judge(pair)
    rule, evidence = ruling.failed[0], joined(ruling.failures())
    return NearPair(
        line, pair.capability.supplier, capability, score, rule, evidence, _obstacle(pair.line, rule, ruling)
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
