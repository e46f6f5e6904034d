"""Wire models of products, bills of materials, needs and purchases."""

from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from services.catalog.amounts import Money, PartShare, Price, Quantity, Share, SignedQuantity, Usage
from services.catalog.code_fields import (
    ClassCode,
    MaterialCodes,
    Parameters,
    ProcessCodes,
    RegionCode,
    Requirements,
    UnitCode,
)
from shared.contracts.v1 import NeedV1, ProductV1, PurchaseV1
from shared.http.times import Day

#: What PostgreSQL's integer holds.
_WHOLE = Field(default=None, ge=0, lt=2**31)
#: A code or a name that must be there.
_NAMED = Field(min_length=1, max_length=200)


class ProductWrite(BaseModel):
    """A leading product to create or change, found by its code; a field that is not given stays as it is."""

    code: str = _NAMED
    name: str = _NAMED
    leader_id: UUID | None = None
    cluster_id: UUID | None = None
    class_code: ClassCode | None = None
    annual_volume: Quantity | None = None
    unit: UnitCode | None = None


class BomLineWrite(BaseModel):
    """A line of a bill to create or change, found by product, parent and part.

    `parent` "" is the product itself; `bought` None leaves it to the bill's shape.
    """

    product_id: UUID
    parent: str = Field(default="", max_length=200)
    part_code: str = _NAMED
    part_name: str = _NAMED
    quantity: Usage = Decimal(1)
    unit: UnitCode | None = None
    bought: bool | None = None

    @model_validator(mode="after")
    def _is_below_another(self) -> "BomLineWrite":
        if self.parent == self.part_code:
            raise ValueError("部件的上级是它自己。")
        return self


class NeedWrite(BaseModel):
    """A need to create or change, found by product and part.

    `annual_quantity` is what the source states; the bill of materials overrules it where it tells the quantity.
    `dual_source_cap` is the most that one supplier may have of the line (None: as the policy says).
    """

    product_id: UUID
    part_code: str = _NAMED
    part_name: str = _NAMED
    unit: UnitCode | None = None
    annual_quantity: Quantity | None = None
    unit_price: Price | None = None
    class_code: ClassCode | None = None
    text: str = Field(default="", max_length=4000)
    certificates: Requirements = []
    parameters: Parameters = []
    lead_time_days: int | None = _WHOLE
    max_moq: Quantity | None = None
    price_ceiling: Price | None = None
    distance_limit_km: int | None = _WHOLE
    release_share: Share = Decimal(1)
    dual_source_cap: PartShare | None = None
    processes: ProcessCodes = []
    materials: MaterialCodes = []
    needed_from: Day | None = None


class PurchaseWrite(BaseModel):
    """A purchase to create or change, found by leader and document; a credit note has a negative amount."""

    leader_id: UUID
    document: str = _NAMED
    part_code: str = _NAMED
    supplier_id: UUID | None = None
    supplier_name: str | None = Field(default=None, max_length=200)
    supplier_region: RegionCode | None = None
    period: str = Field(pattern=r"^\d{4}(Q[1-4]|-(0[1-9]|1[0-2]))?$")
    quantity: SignedQuantity | None = None
    amount: Money
    related_party: bool = False
    toll_processing: bool = False
    energy_water: bool = False


class ProductOut(ProductV1):
    """A product with the names of its leader and its cluster."""

    leader_name: str | None
    cluster_name: str | None


class BomLineOut(BaseModel):
    """A line of a bill as it was stated: `bought` None leaves it to the bill's shape."""

    id: UUID
    version: int
    product_id: UUID
    parent: str
    part_code: str
    part_name: str
    quantity: Decimal
    unit: str | None
    bought: bool | None


class BillLine(BaseModel):
    """A line of a bill, in the order of a walk from the product downwards.

    `level` 1 stands directly under the product. `annual_quantity` is what this line asks for in a year: the parent's
    whole quantity times `quantity`; missing when the product's volume is not known or the parent is bought.
    """

    id: UUID
    version: int
    level: int
    parent: str
    part_code: str
    part_name: str
    quantity: Decimal
    unit: str | None
    bought: bool
    annual_quantity: Decimal | None


class Bill(BaseModel):
    """The bill of materials of a product, all levels."""

    product_id: UUID
    product_code: str
    product_name: str
    annual_volume: Decimal | None
    lines: list[BillLine]


class NeedOut(NeedV1):
    """A need with the names of its product; `annual_spend` in whole 元, quantity × price rounded half up."""

    product_code: str
    product_name: str
    leader_name: str | None
    stated_quantity: Decimal | None
    annual_spend: int | None


class PurchaseOut(PurchaseV1):
    """A purchase with its document and the name of its leader."""

    document: str
    leader_name: str | None


class PurchaseFilters(BaseModel):
    """What a list of purchases is narrowed to; all given conditions hold together."""

    leader: UUID | None = None
    supplier: UUID | None = None
    part: str | None = None
    period: str | None = None


class NeedFilters(BaseModel):
    """What a list of needs is narrowed to; all given conditions hold together."""

    product: UUID | None = None
    leader: UUID | None = None
    part: str | None = None
    q: str | None = None
    process: str | None = None
    material: str | None = None
