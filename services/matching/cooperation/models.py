"""Tables of the cooperations: modes and contract of a suggestion, and the purchases that count to the contract."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.matching.base import Table
from shared.db.tables import Money, UtcDateTime


def _moment(*, nullable: bool = False) -> Any:
    return Field(default=None, sa_type=UtcDateTime, nullable=nullable)


class Cooperation(Table, table=True):
    """What leader and supplier agreed beyond the amount. A suggestion has at most one, locked by its version.

    `amount` is the whole contract in 元; `document` says where the contract is kept, in the firms' own words.
    """

    __tablename__ = "cooperation"

    suggestion_id: UUID = Field(primary_key=True, foreign_key="suggestion.id")
    modes: list[str] = Field(default_factory=list, sa_type=JSONB)
    contract_number: str | None = Field(default=None, sa_type=Text)
    first_day: date | None = None
    last_day: date | None = None
    amount: int | None = Field(default=None, sa_type=BigInteger)
    document: str | None = Field(default=None, sa_type=Text)
    contracted_at: datetime | None = _moment(nullable=True)


class CountedPurchase(Table, table=True):
    """What of a purchase counts to a contract: written by the worker alone, out of the mirror."""

    __tablename__ = "counted_purchase"
    __table_args__ = (Index("ix_counted_purchase_purchase_id", "purchase_id"),)

    suggestion_id: UUID = Field(primary_key=True, foreign_key="cooperation.suggestion_id")
    purchase_id: UUID = Field(primary_key=True)
    period: str = Field(sa_type=Text)
    amount: Decimal = Field(sa_type=Money)
