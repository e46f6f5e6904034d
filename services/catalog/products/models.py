"""Tables of leading products, their bills of materials, the needs that these explode into, and purchases."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.catalog.base import Record, Share, TextArray, Usage
from shared.db.tables import Money, Price, Quantity


class Product(Record, table=True):
    """A leading product; without a leader where the source names no chain leader."""

    __tablename__ = "products"
    __table_args__ = (UniqueConstraint("code"),)

    code: str
    name: str
    leader_id: UUID | None = Field(default=None, foreign_key="enterprises.id", index=True)
    cluster_id: UUID | None = Field(default=None, foreign_key="clusters.id", index=True)
    class_code: str | None = None
    annual_volume: Decimal | None = Field(default=None, sa_type=Quantity)
    unit: str | None = None


class BomLine(Record, table=True):
    """A line of a bill: one piece of `parent` ("" is the product itself) takes `quantity` of `part_code`.

    `bought` is what the source said; None leaves it to the bill's shape: what has no parts below it is bought.
    """

    __tablename__ = "bom_lines"
    __table_args__ = (
        UniqueConstraint("product_id", "parent", "part_code"),
        CheckConstraint("quantity > 0", name="quantity_is_positive"),
    )

    product_id: UUID = Field(foreign_key="products.id")
    parent: str = ""
    part_code: str
    part_name: str
    quantity: Decimal = Field(default=Decimal(1), sa_type=Usage)
    unit: str | None = None
    bought: bool | None = None


class Need(Record, table=True):
    """One bought part of one product.

    `stated_quantity` is what the source said; `annual_quantity` is what counts: the exploded quantity where the bill
    and the product's volume give one, else the stated one. `dual_source_cap` is the most that one supplier may have of
    the line; `processes` and `materials` are codes of the taxonomy, in order.
    """

    __tablename__ = "needs"
    __table_args__ = (
        UniqueConstraint("product_id", "part_code"),
        CheckConstraint("release_share >= 0 AND release_share <= 1", name="release_is_a_share"),
        CheckConstraint("dual_source_cap > 0 AND dual_source_cap <= 1", name="cap_is_a_share"),
    )

    product_id: UUID = Field(foreign_key="products.id")
    part_code: str
    part_name: str
    unit: str | None = None
    stated_quantity: Decimal | None = Field(default=None, sa_type=Quantity)
    annual_quantity: Decimal | None = Field(default=None, sa_type=Quantity)
    unit_price: Decimal | None = Field(default=None, sa_type=Price)
    class_code: str | None = None
    text: str = ""
    certificates: list[dict[str, Any]] = Field(default_factory=list, nullable=False, sa_type=JSONB)
    parameters: list[dict[str, Any]] = Field(default_factory=list, nullable=False, sa_type=JSONB)
    lead_time_days: int | None = None
    max_moq: Decimal | None = Field(default=None, sa_type=Quantity)
    price_ceiling: Decimal | None = Field(default=None, sa_type=Price)
    distance_limit_km: int | None = None
    release_share: Decimal = Field(default=Decimal(1), sa_type=Share)
    dual_source_cap: Decimal | None = Field(default=None, sa_type=Share)
    processes: list[str] = Field(default_factory=list, nullable=False, sa_type=TextArray)
    materials: list[str] = Field(default_factory=list, nullable=False, sa_type=TextArray)
    needed_from: date | None = None


class Purchase(Record, table=True):
    """What a leader bought, one row per document; `amount` in 元 without VAT.

    The supplier is a registered one, or known by name and by region down to what is known.
    """

    __tablename__ = "purchases"
    __table_args__ = (
        UniqueConstraint("leader_id", "document"),
        Index("ix_purchases_leader_id_part_code", "leader_id", "part_code"),
    )

    leader_id: UUID = Field(foreign_key="enterprises.id")
    document: str
    part_code: str
    supplier_id: UUID | None = Field(default=None, foreign_key="enterprises.id", index=True)
    supplier_name: str | None = None
    supplier_region: str | None = None
    period: str
    quantity: Decimal | None = Field(default=None, sa_type=Quantity)
    amount: Decimal = Field(sa_type=Money)
    related_party: bool = False
    toll_processing: bool = False
    energy_water: bool = False
