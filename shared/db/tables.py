"""What every table shares: the naming convention, a registry per service, and the column types of money and time."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import DateTime, Dialect, MetaData, Numeric
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeDecorator

NAMING: dict[str, str] = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def service_registry(service: str) -> registry:
    """The registry, with metadata of its own, that a service's base class names.

    `class CatalogTable(SQLModel, registry=service_registry("catalog")): ...` (a class statement, so that type checkers
    understand what derives from it). Both services run in one process in the embedded start, and may use one class
    name for two tables.
    """
    return registry(metadata=MetaData(naming_convention=NAMING, info={"service": service}))


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


class Whole(TypeDecorator[int]):
    """A whole number of any size that a statement works out: an int, where `Numeric` would make it a decimal."""

    impl = Numeric
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(38, 0)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """As an int."""
        return None if value is None else int(value)
