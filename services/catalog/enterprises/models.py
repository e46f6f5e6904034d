"""Tables of enterprises: their status, certificates, titles, equity links, and what leaders say about suppliers."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from services.catalog.base import CatalogTable, Record, Share, TextArray, moment
from shared.db.ids import new_id
from shared.db.tables import Money


class Enterprise(Record, table=True):
    """An enterprise; one without a credit code is known by the key of the source that it came from.

    `size` is derived from `staff` and `revenue_wan` (万元) whenever they are written.
    """

    __tablename__ = "enterprises"
    __table_args__ = (
        UniqueConstraint("credit_code"),
        UniqueConstraint("source_key"),
        CheckConstraint("credit_code IS NOT NULL OR source_key IS NOT NULL", name="is_named"),
        CheckConstraint("is_chain_leader OR is_supplier", name="has_a_role"),
    )

    credit_code: str | None = None
    source_key: str | None = None
    name: str
    short_name: str | None = None
    is_chain_leader: bool = False
    is_supplier: bool = False
    region: str | None = Field(default=None, index=True)
    class_code: str | None = None
    staff: int | None = None
    revenue_wan: Decimal | None = Field(default=None, sa_type=Money)
    size: str | None = None
    status: str = Field(default="submitted", index=True)


class Certificate(Record, table=True):
    """A certificate of an enterprise; `scheme` is a code of the list of certificate schemes.

    `sites` are the regions of the sites that it holds for, in order; none means all of the enterprise's.
    """

    __tablename__ = "certificates"
    __table_args__ = (UniqueConstraint("enterprise_id", "scheme", "number"),)

    enterprise_id: UUID = Field(foreign_key="enterprises.id")
    scheme: str
    number: str
    scope: str | None = None
    issuer: str | None = None
    valid_from: date | None = None
    valid_until: date
    trust: str = "self_declared"
    sites: list[str] = Field(default_factory=list, nullable=False, sa_type=TextArray)
    suspended_on: date | None = None


class Title(Record, table=True):
    """A title that an enterprise holds at a level; `title` is a code of the list; a renewal moves the days."""

    __tablename__ = "titles"
    __table_args__ = (UniqueConstraint("enterprise_id", "title", "level"),)

    enterprise_id: UUID = Field(foreign_key="enterprises.id")
    title: str
    level: str
    number: str | None = None
    issued: date | None = None
    expires: date | None = None


class Relation(Record, table=True):
    """An equity link: `owner_id` holds `share` (0 to 1; None: unknown) of `owned_id`."""

    __tablename__ = "relations"
    __table_args__ = (
        UniqueConstraint("owner_id", "owned_id"),
        CheckConstraint("owner_id <> owned_id", name="of_two"),
        CheckConstraint("share >= 0 AND share <= 1", name="share_is_a_share"),
    )

    owner_id: UUID = Field(foreign_key="enterprises.id")
    owned_id: UUID = Field(foreign_key="enterprises.id", index=True)
    share: Decimal | None = Field(default=None, sa_type=Share)
    valid_from: date | None = None
    valid_until: date | None = None


class Preference(Record, table=True):
    """What a chain leader says about a supplier, for one part or, `part_code` "", for all its parts."""

    __tablename__ = "preferences"
    __table_args__ = (
        UniqueConstraint("leader_id", "supplier_id", "part_code"),
        CheckConstraint("leader_id <> supplier_id", name="of_two"),
    )

    leader_id: UUID = Field(foreign_key="enterprises.id")
    supplier_id: UUID = Field(foreign_key="enterprises.id", index=True)
    part_code: str = ""
    stance: str
    reason: str = ""
    valid_until: date | None = None


class Alias(CatalogTable, table=True):
    """A name that an enterprise went by, or goes by elsewhere, and the keys of a record that was merged into it.

    `merged_id` is that record: it stays as it was, retired, and whatever names it means `enterprise_id`.
    """

    __tablename__ = "enterprise_aliases"
    __table_args__ = (
        UniqueConstraint("enterprise_id", "name", "merged_id", postgresql_nulls_not_distinct=True),
        UniqueConstraint("merged_id"),
        CheckConstraint("merged_id <> enterprise_id", name="of_two"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    enterprise_id: UUID = Field(foreign_key="enterprises.id", ondelete="CASCADE")
    name: str
    credit_code: str | None = None
    source_key: str | None = None
    merged_id: UUID | None = Field(default=None, foreign_key="enterprises.id")
    recorded_by: str
    reason: str = ""
    recorded_at: datetime | None = moment()
