"""Wire models of capabilities."""

from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from services.catalog.amounts import Price, Quantity
from services.catalog.capabilities.rules import Disclosure, Verdict, judge
from services.catalog.code_fields import ClassCode, MaterialCodes, Parameters, ProcessCodes, UnitCode
from shared.codes.units import CURRENCY, find_unit
from shared.contracts.v1 import CapabilityV1


class CapabilityFields(BaseModel):
    """What is said of a capability, whoever its supplier is.

    `spare_capacity` is per year, in `capacity_unit`: a unit of measure, or 元.
    """

    code: str = Field(min_length=1, max_length=200)
    name: str = Field(min_length=1, max_length=200)
    class_code: ClassCode | None = None
    text: str = Field(default="", max_length=4000)
    parameters: Parameters = []
    spare_capacity: Quantity | None = None
    capacity_unit: UnitCode | None = None
    unit_price: Price | None = None
    moq: Quantity | None = None
    lead_time_days: int | None = Field(default=None, ge=0, lt=2**31)
    processes: ProcessCodes = []
    materials: MaterialCodes = []
    disclosure: Disclosure = Field(
        default=Disclosure.SUGGESTED,
        description="链主能看到多少：public 全部；suggested 配套建议所述；partners 双方接受前只有名称。接受后全部可见",
    )

    @model_validator(mode="after")
    def _is_goods(self) -> Self:
        """What no product list may hold, no route takes either; a vague name is for people to judge."""
        found = judge(self.name)
        if found.outcome is Verdict.REFUSED:
            raise ValueError(f"“{self.name}”{found.reason}，不作为供给能力。")
        return self

    @model_validator(mode="after")
    def _is_counted_in_yuan(self) -> Self:
        if self.capacity_unit and self.capacity_unit != "元" and find_unit(self.capacity_unit).dimension == CURRENCY:
            raise ValueError("按产值计的产能请以“元”为单位。")
        return self


class CapabilityWrite(CapabilityFields):
    """A capability to create or change, found by supplier and code; a field that is not given stays as it is."""

    supplier_id: UUID


class CapabilityOut(CapabilityV1):
    """A capability with the name of its supplier."""

    supplier_name: str


class CapabilityFilters(BaseModel):
    """What a list of capabilities is narrowed to; all given conditions hold together."""

    supplier: UUID | None = None
    class_code: str | None = None
    q: str | None = None
    process: str | None = None
    material: str | None = None
