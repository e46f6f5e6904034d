"""Wire models of the gaps. Amounts are whole 元, or counted parts where the run counts lines; `unit` says which."""

from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, Field

from services.matching.engine.plan import Evidence, Rule, SpendClass, Verdict
from services.matching.gaps.rules import By
from services.matching.rates.schemas import DefinitionOut


class Part(BaseModel):
    """One class of a diagnosis."""

    name: SpendClass = Field(serialization_alias="class")
    label: str
    amount: int


class DiagnosisRow(BaseModel):
    """Where the spend of a cluster, product or line is: the parts add up to it."""

    key: str | None
    id: UUID | None
    name: str
    spend: int
    parts: list[Part]
    unknown_reasons: list[Part] = Field(description="“来源不明且未转移”按其后的原因再分")
    part_code: str | None = None
    product: str | None = None
    product_name: str | None = None
    leader_name: str | None = None
    cluster: str | None = None
    cluster_name: str | None = None


class DiagnosisOut(BaseModel):
    """A diagnosis; `total` is of all that the actor sees, on every page."""

    run: UUID
    by: By
    unit: str
    items: list[DiagnosisRow]
    total: DiagnosisRow
    next: str | None


class EvidenceOut(BaseModel):
    """One requirement: asked, offered, verdict."""

    rule: Rule
    label: str
    verdict: Verdict
    asked: str
    offered: str
    sentence: str


class Party(BaseModel):
    """A supplier with its city."""

    id: UUID
    key: str
    name: str
    city: str | None


class Removed(BaseModel):
    """How many capabilities a rule removed, as the first that failed."""

    rule: Rule
    label: str
    count: int


class FunnelOut(BaseModel):
    """A line's way from retrieved to taken."""

    retrieved: int
    eligible: int
    taken: int
    removed: list[Removed]
    class_guessed: str | None = Field(None, description="需求未填行业类别时，按品名与描述推断并据以检索的类别（代码）")


class NearMissOut(BaseModel):
    """A pair that one rule alone blocks; `potential` is the most that the cure could bring to this line.

    `gain` is what it brings exactly to what is attainable, over all products; None: not tried.
    """

    need_id: UUID
    line: str
    part_name: str
    product: str
    product_name: str
    supplier: Party
    capability_id: UUID
    capability_name: str
    rule: Rule
    label: str
    lacking: str
    evidence: EvidenceOut
    score: int
    potential: int
    gain: int | None = Field(None, description="补齐后可达的配套金额多出多少（逐项精确求解）；空为未试算")
    product_points: Decimal | None = Field(None, description="使该主导产品可达配套率提高的百分点")
    sentence: str


class TakenOut(BaseModel):
    """A pair of the plan for one line."""

    supplier: Party
    capability_id: UUID
    capability_name: str
    amount: int
    score: int
    evidence: list[EvidenceOut]


class LineOut(BaseModel):
    """One line: where its spend is, its funnel, the sentence; who is in it, where the actor may know."""

    run: UUID
    unit: str
    diagnosis: DiagnosisRow
    funnel: FunnelOut
    sentence: str
    taken: list[TakenOut] | None = Field(description="链主在审核通过后，从配套建议中看到供应商")
    near_misses: list[NearMissOut] | None


class ClusterGain(BaseModel):
    """What a lever adds to a cluster: the amount and the points of its rate."""

    key: str
    id: UUID
    name: str
    gain: int
    points: Decimal | None = Field(description="百分点，向下取到两位小数")


class LeverOut(BaseModel):
    """What curing all near misses of one kind in one city brings, by an exact re-solve."""

    rule: Rule
    label: str
    what: str
    city: str | None
    city_name: str | None
    suppliers: list[Party]
    gain: int
    clusters: list[ClusterGain]
    sentence: str


class LeversOut(BaseModel):
    """The levers, the longest first, with the definition of the rate that they raise."""

    run: UUID
    unit: str
    definition: DefinitionOut
    items: list[LeverOut]


class Shares(BaseModel):
    """The rate at each stage, rounded down to six places; None without denominator."""

    local_now: Decimal | None
    approved: Decimal | None
    suggested: Decimal | None
    attainable_joint: Decimal | None
    attainable_alone: Decimal | None
    greedy: Decimal | None


class ProductRow(BaseModel):
    """A product's or a cluster's way from now to attainable: what each step adds, and the rates reached.

    `approved` and `suggested` add to `local_now`; `attainable_joint`, `attainable_alone` and `greedy` add to local now
    and approved. `counted` = spend − excluded is the rates' denominator; `unknown` is what the plan leaves of unknown
    origin.
    """

    key: str | None
    id: UUID | None
    name: str
    leader_name: str | None = None
    cluster: str | None = None
    cluster_name: str | None = None
    target: Decimal | None
    spend: int
    excluded: int
    counted: int
    unknown: int
    local_now: int
    approved: int
    suggested: int
    projected: int
    attainable_joint: int
    attainable_alone: int | None
    greedy: int
    rates: Shares
    reached: bool | None = Field(description="推算的配套率是否达到目标，按精确值比较")


class ProductsOut(BaseModel):
    """The rates out of a run's record, with the definition of each stage."""

    run: UUID
    by: By
    unit: str
    definitions: dict[str, DefinitionOut]
    items: list[ProductRow]
    total: ProductRow
    notes: list[str]


def evidence_out(row: Evidence, label: str) -> EvidenceOut:
    """The wire form of an evidence."""
    return EvidenceOut(
        rule=row.rule,
        label=label,
        verdict=row.verdict,
        asked=row.asked,
        offered=row.offered,
        sentence=row.sentence,
    )
