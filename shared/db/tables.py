"""What every table shares: the naming convention, a registry per service, and the column types of money and time."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import DateTime, Dialect, MetaData, Numeric
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

NAMING: dict[str, str] = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def table_base(schema_name: str) -> type[SQLModel]:
    """A base class for the tables of one service.

    Each service has a registry and metadata of its own, because both run in one process in the embedded start and may
    use one class name for two tables. `schema_name` ("catalog") names the base class and marks the metadata.
    """
    metadata = MetaData(naming_convention=NAMING, info={"service": schema_name})

    class Table(SQLModel, registry=registry(metadata=metadata)):
        """Base of one service's tables."""

    Table.__name__ = f"{schema_name.capitalize()}Table"
    return Table


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time: refuses naive values, reads back in UTC whatever the session's time zone is."""

    impl = DateTime
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(timezone=True)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse a time without zone."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"a time without zone: {value!r}")
        return value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The same instant in UTC."""
        return None if value is None else value.astimezone(UTC)


class _Fixed(TypeDecorator[Decimal]):
    """A decimal of eighteen digits; subclasses say how many of them are behind the point."""

    impl = Numeric
    cache_ok = True
    scale = 0

    def __init__(self) -> None:
        super().__init__(18, self.scale)


class Money(_Fixed):
    """元 with 分: Numeric(18, 2)."""

    cache_ok = True
    scale = 2


class Quantity(_Fixed):
    """A quantity in its unit: Numeric(18, 3)."""

    cache_ok = True
    scale = 3


class Price(_Fixed):
    """元 per unit: Numeric(18, 4)."""

    cache_ok = True
    scale = 4
