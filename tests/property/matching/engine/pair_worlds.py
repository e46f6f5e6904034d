"""Worlds in which every kind of requirement occurs, and the search told again, row by row, without an array."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from math import log
from random import Random

from hypothesis import strategies as st

from services.matching.engine.judgement.eligibility import Bench, Ruling
from services.matching.engine.judgement.facts import Facts, gather
from services.matching.engine.judgement.scores import score_parts
from services.matching.engine.policy import Policy, Scope, Trust
from services.matching.engine.snapshot import Capability, Certificate, CertificateAsked, Line, Snapshot
from shared.codes.parameters import Parameter
from shared.text.evidence import evidence
from shared.text.retrieval import Corpus, Entry
from shared.text.words import words
from tests.property.matching.engine.worlds import AS_OF, SCHEMES, make_world

UNITS = ("件", "套", "千克", "吨", "克", "米", "毫米", "未知单位", None)
REGIONS = ("370000", "370200", "370214", "370212", "370600", "371200", "110000", "320500", None)
CODES = ("3670", "3671", "367", "36", "3484", "C", "9999", None)
MATERIALS = ("304", "316L", "不锈钢", "45", "奥氏体不锈钢", "80", "未知材料")
SIZES = ("80", "100", "0.3", "-5")
DECIMALS = tuple(
    Decimal(text) for text in ("0", "-5", "0.1", "0.3", "80", "100.0", "100.001", "1000000", "1000000.001")
)


@st.composite
def full_worlds(draw: st.DrawFn) -> Snapshot:
    """Small worlds, all of whose requirements were drawn anew."""
    random = draw(st.randoms(use_true_random=False))
    small = make_world(
        random, lines=draw(st.integers(1, 6)), capabilities=draw(st.integers(1, 8)), products=2, classes=2, big=7
    )
    return replace(
        small,
        suppliers=[replace(row, region=random.choice(REGIONS)) for row in small.suppliers],
        products=[
            replace(
                row, leader_region=random.choice(REGIONS), leader_key=random.choice((None, "S00001", row.leader_key))
            )
            for row in small.products
        ],
        lines=[_line(random, row) for row in small.lines],
        capabilities=[_capability(random, row) for row in small.capabilities],
        certificates=[_certificate(random, number) for number in range(len(small.suppliers)) for _ in range(2)],
        incumbents=[replace(row, related=random.random() < 0.5) for row in small.incumbents],
    )


def full_policies() -> st.SearchStrategy[Policy]:
    """Policies that differ in what is searched, judged and scored."""
    return st.builds(
        Policy,
        scope=st.sampled_from(tuple(Scope)),
        radius_km=st.sampled_from((30, 120, 400)),
        candidates_per_need=st.sampled_from((None, 1, 2, 30)),
        block_level=st.integers(1, 4),
        text_floor=st.sampled_from((0, 0.2, 0.5)),
        score_floor=st.sampled_from((0, 0, 500)),
        limit_capacity=st.booleans(),
        require_verified=st.booleans(),
        certificate_trust=st.sampled_from(tuple(Trust)),
        preferred_bonus=st.sampled_from((0, 50, 1000)),
    )


@dataclass(frozen=True)
class Told:
    """What is kept of a line, by capability with the score, and what was tried in which order."""

    candidates: dict[int, int]
    near: dict[int, int]
    tried: list[int]
    rulings: list[Ruling]


class Teller:
    """The shortlists by their definition: every pair measured, ranked as `rank` ranks texts, judged by evidence."""

    def __init__(self, snapshot: Snapshot, policy: Policy) -> None:
        self.facts: Facts = gather(snapshot, policy)
        self.bench = Bench(self.facts)
        self._names = [frozenset(words(row.part_name)) for row in snapshot.lines]
        self._all = [name | frozenset(words(row.text)) for name, row in zip(self._names, snapshot.lines, strict=True)]
        held_by, count = Counter(word for held in self._all for word in held), len(snapshot.lines)
        self._weight = {word: log(1 + (count - n + 0.5) / (n + 0.5)) for word, n in held_by.items()}
        self._corpus = Corpus(Entry((f"{row.name} {row.text}",)) for row in snapshot.capabilities)
        self._evidence = [frozenset(evidence(f"{row.name} {row.text}")) for row in snapshot.capabilities]
        self._held = [frozenset(words(f"{row.name} {row.text}")) for row in snapshot.capabilities]

    def text(self, line: int, capability: int) -> float:
        """How much of the need the offered words cover: half by the part's name, half by the whole text."""
        name, whole = self._names[line], self._covered(self._all[line], self._held[capability])
        return (self._covered(name, self._held[capability]) + whole) / 2 if name else whole

    def tell(self, line: int) -> Told:
        """A line's shortlist."""
        policy, told = self.facts.policy, Told({}, {}, [], [])
        most = policy.candidates_per_need or 10**9
        for capability, text in self._ranked(line):
            if len(told.candidates) == most:
                break
            pair = self.facts.pair(line, capability)
            ruling, score = self.bench.judge(pair), sum(score_parts(self.facts, pair, text).values())
            told.tried.append(capability)
            told.rulings.append(ruling)
            if ruling.eligible and score >= policy.score_floor:
                told.candidates[capability] = score
            if ruling.curable and len(told.near) < most:
                told.near[capability] = score
        return told

    def _covered(self, asked: frozenset[str], offered: frozenset[str]) -> float:
        total = sum(self._weight[word] for word in sorted(asked))
        common = sum(self._weight[word] for word in sorted(asked & offered))
        return common / total if total else 0.0

    def _ranked(self, line: int) -> list[tuple[int, float]]:
        row = self.facts.snapshot.lines[line]
        asked = set(evidence(row.part_name)) | set(evidence(row.text))
        floor, offered = self.facts.policy.text_floor, self.facts.snapshot.capabilities
        (hits,) = self._corpus.top([Entry((row.part_name, row.text))], len(self._held))
        found = [
            (self._level(row, offered[at]), -score, offered[at].class_code or "", at)
            for at, score in hits
            if asked & self._evidence[at] and self.text(line, at) >= floor
        ]
        return [(at, self.text(line, at)) for *_, at in sorted(found)]

    def _level(self, line: Line, offered: Capability) -> int:
        policy, code = self.facts.policy, line.class_code
        if policy.candidates_per_need is None or not code:
            return 0
        digits = list(range(policy.block_level, 1, -1))
        near = (code[:length] for length in range(10))
        mine = set(near)
        fitting = [
            n for n, d in enumerate(digits) if (offered.class_code or "")[:d] in {p for p in mine if len(p) <= d}
        ]
        return fitting[0] if fitting else len(digits)


def _line(random: Random, row: Line) -> Line:
    return replace(
        row,
        class_code=random.choice((row.class_code, *CODES)),
        unit=random.choice(UNITS),
        unit_price=random.choice((None, 0, row.unit_price)),
        quantity=random.choice((None, row.quantity)),
        price_ceiling=random.choice((None, 40_000, 100_000, 10**12)),
        max_moq=random.choice((None, 1000, 50_000_000)),
        lead_time_days=random.choice((None, 0, 30)),
        needed_from=random.choice((None, AS_OF + timedelta(days=30))),
        distance_limit_km=random.choice((None, None, 0, 120, 500)),
        certificates=tuple(
            CertificateAsked(
                random.choice((*SCHEMES, "私有体系")), AS_OF + timedelta(days=random.choice((0, 100, 900)))
            )
            for _ in range(random.choice((0, 0, 1, 2)))
        ),
        parameters=tuple(_parameter(random) for _ in range(random.choice((0, 0, 1, 2)))),
    )


def _capability(random: Random, row: Capability) -> Capability:
    return replace(
        row,
        class_code=random.choice((row.class_code, *CODES)),
        unit=random.choice(UNITS),
        unit_price=random.choice((None, 0, 40_000, 100_000, 333_333)),
        moq=random.choice((None, 0, 1000, 50_000)),
        parameters=tuple(_parameter(random) for _ in range(random.choice((0, 1, 2, 3)))),
    )


def _certificate(random: Random, supplier: int) -> Certificate:
    until = AS_OF + timedelta(days=random.choice((-30, 0, 200, 1000)))
    since = random.choice((None, AS_OF, AS_OF + timedelta(days=50)))
    return Certificate(
        supplier,
        random.choice((*SCHEMES, "私有体系")),
        f"Z{supplier}",
        since,
        until,
        random.choice(tuple(Trust)),
        sites=tuple(random.sample([each for each in REGIONS if each], random.choice((0, 0, 1, 2)))),
        suspended_on=random.choice((None, None, AS_OF - timedelta(days=60), AS_OF + timedelta(days=20))),
    )


def _parameter(random: Random) -> Parameter:
    name = random.choice(("外径", "材质"))
    unit = random.choice(("mm", "mm", None))
    if random.random() < 0.4:
        values = tuple(random.sample(MATERIALS if unit is None else SIZES, random.randint(1, 3)))
        return Parameter(name=name, unit=unit, values=values)
    low, high = sorted(random.choices(DECIMALS, k=2))
    return Parameter(
        name=name,
        low=random.choice((None, low, low)),
        high=random.choice((None, high, low)),
        unit=unit,
    )
