"""The base of the catalog's tables: a registry and metadata of this service alone, and an entity's own columns."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Numeric, String, text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from shared.db.ids import new_id
from shared.db.tables import UtcDateTime, service_registry


class CatalogTable(SQLModel, registry=service_registry("catalog")):
    """Base of all tables of the catalog; another service's tables never get into its metadata."""


class Share(TypeDecorator[Decimal]):
    """A share between 0 and 1 with four digits: Numeric(5, 4)."""

    impl = Numeric
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(5, 4)


class Usage(TypeDecorator[Decimal]):
    """How much of a part one piece of its parent takes: Numeric(18, 6), for grams of a part weighed in tonnes."""

    impl = Numeric
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(18, 6)


class TextArray(TypeDecorator[list[str]]):
    """A list of texts: varchar[]."""

    impl = ARRAY(String())
    cache_ok = True


def moment() -> Any:
    """A column for the time at which the row was written, which the database fills."""
    return Field(default=None, nullable=False, sa_type=UtcDateTime, sa_column_kwargs={"server_default": text("now()")})


class Record(CatalogTable):
    """Columns of an entity: its id for ever, a version that grows with each change, and when it was written."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    version: int = 1
    created_at: datetime | None = moment()
    updated_at: datetime | None = moment()
