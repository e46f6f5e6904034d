"""PostgreSQL's 64-bit transaction ids as a column type."""

from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType


class Xid8(UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id; it never wraps around. Read and written as text."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return the type's name in SQL."""
        return "xid8"


# SQLAlchemy does not know the type, and warns when it reads one from the database
ischema_names["xid8"] = Xid8
