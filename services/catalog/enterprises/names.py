"""What enterprises are called, for whoever sees a row that refers to one: a view that all actors may read."""

from typing import Any

from sqlalchemy import Column, ColumnElement, MetaData, Table, select

from services.catalog.enterprises.models import Enterprise
from shared.db.upserts import sql_table

_COLUMNS = sql_table(Enterprise).c

NAMES = Table(
    "enterprise_names",
    MetaData(),
    *(Column(name, _COLUMNS[name].type) for name in ("id", "name", "credit_code", "region")),
)
"""The view (migration 0013)."""


def name_of(id: ColumnElement[Any]) -> ColumnElement[str]:
    """The name of the enterprise that a row refers to; NULL where it refers to none."""
    return select(NAMES.c.name).where(NAMES.c.id == id).scalar_subquery()
