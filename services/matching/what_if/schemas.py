"""Wire models of the what-if. Amounts are whole 元, or counted parts where the run counts lines; `unit` says which.

`attainable` is the joint optimum over all products with their targets, without the minimum share of a plan: the bound
that no plan passes. It is exact; a plan under minimums comes near it.
"""

from decimal import Decimal
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.matching.gaps.remedy_schemas import CureSetOut
from services.matching.gaps.schemas import Party
from services.matching.rates.schemas import DefinitionOut

MOST_CHANGES = 500
Amount = Annotated[int, Field(ge=0, le=10**13)]


class _Change(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OpenPairIn(_Change):
    """A near miss is cured (or a pair that the same request closes is open again)."""

    kind: Literal["open"]
    need: UUID = Field(description="零部件需求的编号")
    capability: UUID = Field(description="供给能力的编号")


class ClosePairIn(_Change):
    """A pair is blocked."""

    kind: Literal["close"]
    need: UUID = Field(description="零部件需求的编号")
    capability: UUID = Field(description="供给能力的编号")


class CapacityIn(_Change):
    """A capability has another yearly capacity, of which approved suggestions still take their part."""

    kind: Literal["capacity"]
    capability: UUID = Field(description="供给能力的编号")
    yuan: Amount | None = Field(None, description="年产能，元")
    units: Decimal | None = Field(None, ge=0, le=10**12, decimal_places=3, description="年产能，按其计量单位")

    @model_validator(mode="after")
    def one_of_both(self) -> Self:
        """In 元 or in units; without either, any amount."""
        if self.yuan is not None and self.units is not None:
            raise ValueError("yuan 和 units 只能写一个；都不写为不限产能")
        return self


class RemoveSupplierIn(_Change):
    """A supplier is gone."""

    kind: Literal["remove_supplier"]
    supplier: UUID = Field(description="供应商的编号")


class MovableIn(_Change):
    """A leader releases this much of a line."""

    kind: Literal["movable"]
    need: UUID = Field(description="零部件需求的编号")
    yuan: Amount = Field(description="可转移的金额，元")


class AddSupplierIn(_Change):
    """A new SME that can make these parts."""

    kind: Literal["add_supplier"]
    needs: list[UUID] = Field(min_length=1, max_length=200, description="它能做的零部件需求的编号")
    yuan: Amount | None = Field(None, description="年产能，元；不写为不限")
    score: int = Field(500, ge=0, le=1000, description="评分，只在同样好的方案之间起作用")


ChangeIn = Annotated[
    OpenPairIn | ClosePairIn | CapacityIn | RemoveSupplierIn | MovableIn | AddSupplierIn, Field(discriminator="kind")
]


class WhatIfRequest(BaseModel):
    """Changes that are made together."""

    model_config = ConfigDict(extra="forbid")

    changes: list[ChangeIn] = Field(max_length=MOST_CHANGES)
    shifts: int = Field(50, ge=0, le=500, description="最多列出多少处金额变化")


class AttainableRow(BaseModel):
    """What is attainable of a product or cluster, before and after; its rate counts what is local and approved, too."""

    key: str | None
    id: UUID | None
    name: str
    counted: int = Field(description="配套率的分母")
    attainable_before: int
    attainable_after: int
    gain: int
    points: Decimal | None = Field(description="百分点，向零取到两位小数")
    rate_before: Decimal | None
    rate_after: Decimal | None


class ShiftOut(BaseModel):
    """A pair whose amount is another; `supplier` None: the one that a change adds."""

    need_id: UUID
    line: str
    part_name: str
    supplier: Party | None
    capability_id: UUID | None
    before: int
    after: int


class WhatIfOut(BaseModel):
    """What changes do to what is attainable. Rows are those that change; `total` is of all that the actor sees."""

    run: UUID
    unit: str
    definition: DefinitionOut
    total: AttainableRow
    products: list[AttainableRow]
    clusters: list[AttainableRow]
    shifts: list[ShiftOut]
    shifted: int = Field(description="金额变化的配对数，含未列出的")
    milliseconds: float
    sentence: str


class AskedCureSet(CureSetOut):
    """A set of cures that was sought when asked for."""

    run: UUID
    unit: str
    definition: DefinitionOut
    milliseconds: float
