"""Wire models of what raises the rate most: the fewest cures, and more capacity. Amounts as in schemas.py."""

from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, Field

from services.matching.engine.plan import Rule
from services.matching.gaps.rules import By
from services.matching.gaps.schemas import ClusterGain, Party
from services.matching.rates.schemas import DefinitionOut


class CureOut(BaseModel):
    """One thing that one supplier is to do, and what it brings beside those before it."""

    supplier: Party
    rule: Rule
    label: str
    what: str
    lines: list[str] = Field(description="因此合格的零部件需求")
    gain: int
    points: Decimal | None
    sentence: str


class CureSetOut(BaseModel):
    """A small set of cures that brings a product, or a cluster's products together, to the target.

    No set of fewer than `lower_bound` does.
    """

    product: str | None = Field(description="主导产品；集群的一组为空")
    product_id: UUID | None
    product_name: str | None
    cluster: str | None = Field(description="集群；主导产品的一组为其所属集群，不属于任何集群时为空")
    cluster_id: UUID | None
    cluster_name: str | None
    target: Decimal
    lacking: int = Field(description="最优方案距目标还差多少")
    gain: int
    most: int = Field(description="全部补齐能带来多少（以所差为限）")
    reached: bool
    lower_bound: int | None = Field(description="至少要补齐几项；空：全部补齐也达不到")
    cures: list[CureOut]
    sentence: str


class CureSetsOut(BaseModel):
    """The sets that the run sought, for the products or clusters that lack most; others are sought when asked for."""

    run: UUID
    by: By
    unit: str
    definition: DefinitionOut
    items: list[CureSetOut]
    notes: list[str]


class CapacityValueOut(BaseModel):
    """What more capacity of one capability brings, by an exact re-solve of what is attainable.

    `step` is the least it grows by, in what the run counts: 1 元, or one piece. A cluster organisation is told of
    the tenth, and of its own clusters only.
    """

    supplier: Party
    capability_id: UUID
    capability_name: str
    step: int | None = Field(description="产能最小的增量（1 元或 1 件折合的金额）；集群组织不显示")
    step_gain: int | None = Field(description="增加这一点产能多配套多少；集群组织不显示")
    tenth: int = Field(description="产能再增一成折合多少")
    tenth_gain: int = Field(description="产能再增一成多配套多少（精确求解）")
    at_most: int = Field(description="影子价格给出的上限，只作参照")
    clusters: list[ClusterGain]
    sentence: str


class CapacityValuesOut(BaseModel):
    """The capabilities of which more capacity brings something, those whose tenth brings most first."""

    run: UUID
    unit: str
    definition: DefinitionOut
    items: list[CapacityValueOut]
    next: str | None
    notes: list[str]
