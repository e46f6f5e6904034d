"""What enterprises are called, for whoever sees a row that refers to one: a view that all actors may read."""

from sqlalchemy import Column, MetaData, Table

from services.catalog.enterprises.models import Enterprise
from shared.db.upserts import sql_table

_COLUMNS = sql_table(Enterprise).c

NAMES = Table(
    "enterprise_names",
    MetaData(),
    *(Column(name, _COLUMNS[name].type) for name in ("id", "name", "credit_code", "region")),
)
"""The view (migration 0013)."""
