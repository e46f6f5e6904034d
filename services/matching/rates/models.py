"""Tables of the rates: saved definitions, points over time, and the marks that tell whether anything has changed."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, Identity, Index, Numeric, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.matching.base import Table
from shared.db.ids import new_id
from shared.db.tables import UtcDateTime


class MirrorChange(Table, table=True):
    """How often a mirrored table has changed; triggers count."""

    __tablename__ = "mirror_change"

    kind: str = Field(sa_type=Text, primary_key=True)
    changes: int = Field(sa_type=BigInteger)


class SuggestionChange(Table, table=True):
    """A statement that touched suggestions; triggers add them, the worker removes old ones.

    `lines` are the keys of their lines; None where there were many, or nobody counted.
    """

    __tablename__ = "suggestion_change"

    id: int = Field(sa_column=Column(BigInteger, Identity(), primary_key=True))
    lines: list[str] | None = Field(default=None, sa_type=ARRAY(Text), nullable=True)


class PurchaseTouched(Table, table=True):
    """Whose purchases a statement touched, by the number that it has among the changes of mirrored purchases.

    None: nobody counted. Triggers add rows, and remove old ones.
    """

    __tablename__ = "purchase_touched"

    change: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    leaders: list[UUID] | None = Field(default=None, sa_type=ARRAY(Uuid), nullable=True)


class RateDefinition(Table, table=True):
    """A definition that was saved with a name; `terms` are those of `schemas.TermsIn`."""

    __tablename__ = "rate_definition"
    __table_args__ = (UniqueConstraint("name", name="uq_rate_definition_name"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(sa_type=Text)
    version: int = 1
    terms: dict[str, Any] = Field(sa_type=JSONB)
    created_by: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)


class RateOccasion(Table, table=True):
    """Why points were left: a run (`cause_key` is its id), or an import (its number of the mirror's purchases)."""

    __tablename__ = "rate_occasion"
    __table_args__ = (UniqueConstraint("cause", "cause_key", name="uq_rate_occasion_cause"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    cause: str = Field(sa_type=Text)
    cause_key: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=UtcDateTime)


class RateStated(Table, table=True):
    """The definition that an occasion's points of one series have."""

    __tablename__ = "rate_stated"
    __table_args__ = (Index("ix_rate_stated_series_occasion_id", "series", "occasion_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    occasion_id: UUID = Field(foreign_key="rate_occasion.id")
    series: str = Field(sa_type=Text)
    definition: dict[str, Any] = Field(sa_type=JSONB)


class RatePoint(Table, table=True):
    """A group's counts at an occasion; `key` is empty for what belongs to no group. Never changed."""

    __tablename__ = "rate_point"

    stated_id: UUID = Field(foreign_key="rate_stated.id", primary_key=True)
    by: str = Field(sa_type=Text, primary_key=True)
    key: str = Field(sa_type=Text, primary_key=True)
    name: str = Field(sa_type=Text)
    leader_id: UUID | None = None
    cluster_id: UUID | None = None
    numerator: Decimal = Field(sa_type=Numeric)
    denominator: Decimal = Field(sa_type=Numeric)
    unknown: Decimal = Field(sa_type=Numeric)
    excluded: Decimal = Field(sa_type=Numeric)
    target: Decimal | None = Field(default=None, sa_type=Numeric, nullable=True)
