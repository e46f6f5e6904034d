"""The table of capabilities: what an SME can make, how much of it a year, at what price."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.catalog.base import Record, TextArray
from shared.db.tables import Price, Quantity


class Capability(Record, table=True):
    """A capability; `spare_capacity` a year in `capacity_unit`: a unit of measure, or 元 for a job shop.

    `processes` and `materials` are codes of the taxonomy, in order; `disclosure` is what leaders are told of it.
    """

    __tablename__ = "capabilities"
    __table_args__ = (UniqueConstraint("supplier_id", "code"),)

    supplier_id: UUID = Field(foreign_key="enterprises.id")
    code: str
    name: str
    class_code: str | None = Field(default=None, index=True)
    text: str = ""
    parameters: list[dict[str, Any]] = Field(default_factory=list, nullable=False, sa_type=JSONB)
    spare_capacity: Decimal | None = Field(default=None, sa_type=Quantity)
    capacity_unit: str | None = None
    unit_price: Decimal | None = Field(default=None, sa_type=Price)
    moq: Decimal | None = Field(default=None, sa_type=Quantity)
    lead_time_days: int | None = None
    processes: list[str] = Field(default_factory=list, nullable=False, sa_type=TextArray)
    materials: list[str] = Field(default_factory=list, nullable=False, sa_type=TextArray)
    disclosure: str = Field(default="suggested", nullable=False, sa_column_kwargs={"server_default": "suggested"})
