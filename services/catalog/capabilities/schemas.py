"""Wire models of capabilities."""

from uuid import UUID

from pydantic import BaseModel, Field

from services.catalog.amounts import Price, Quantity
from services.catalog.code_fields import MaterialCodes, ProcessCodes
from shared.codes.parameters import Parameter
from shared.contracts.v1 import CapabilityV1


class CapabilityWrite(BaseModel):
    """A capability to create or change, found by supplier and code; a field that is not given stays as it is.

    `spare_capacity` is per year, in `capacity_unit`: a unit of measure, or 元.
    """

    supplier_id: UUID
    code: str = Field(min_length=1)
    name: str = Field(min_length=1)
    class_code: str | None = None
    text: str = ""
    parameters: list[Parameter] = []
    spare_capacity: Quantity | None = None
    capacity_unit: str | None = None
    unit_price: Price | None = None
    moq: Quantity | None = None
    lead_time_days: int | None = Field(default=None, ge=0, lt=2**31)
    processes: ProcessCodes = []
    materials: MaterialCodes = []


class CapabilityOut(CapabilityV1):
    """A capability with the name of its supplier."""

    supplier_name: str


class CapabilityFilters(BaseModel):
    """What a list of capabilities is narrowed to; all given conditions hold together."""

    supplier: UUID | None = None
    class_code: str | None = None
    q: str | None = None
