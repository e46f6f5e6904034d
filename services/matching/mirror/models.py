"""The mirror's tables: the fields of the contract as columns, lists of values as JSONB.

`epoch` names the life of the mirror in which a row was last written (the feed's epoch, and how much the contract said):
a rebuild writes every row anew under the new one and then removes what still carries the old one, so readers never find
an empty mirror.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Column, Date, Index, Numeric, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.matching.base import Table
from shared.contracts.v1 import Kind
from shared.db.tables import UtcDateTime


def _text(*, nullable: bool = False) -> Any:
    return Field(sa_type=Text, nullable=nullable)


def _number(*, nullable: bool = False) -> Any:
    return Field(sa_type=Numeric, nullable=nullable)


def _since(kind: Any) -> Any:
    """A column that the contract has grown since its first release: rows of before have nothing in it."""
    return Field(default=None, sa_type=kind, nullable=True)


def _codes_since() -> Any:
    """A list of codes that the contract has grown since: empty in rows of before."""
    return Field(default_factory=list, sa_type=JSONB, sa_column_kwargs={"server_default": text("'[]'::jsonb")})


class FeedCursor(Table, table=True):
    """How far the mirror has followed the feed: one row, written in the transaction of the page it tells of.

    `fields` says how much the contract said when the mirror was begun (changes.FIELDS): one that learns more since is
    built anew, because what it passed over then does not come again. `rebuilds` counts how often it was.
    """

    __tablename__ = "feed_cursor"

    id: int = Field(default=1, sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    epoch: str | None = _text(nullable=True)
    cursor: str | None = _text(nullable=True)
    rebuilding: bool
    caught_up_at: datetime | None = Field(sa_type=UtcDateTime, nullable=True)
    last_change_at: datetime | None = Field(sa_type=UtcDateTime, nullable=True)
    last_applied_at: datetime | None = Field(default=None, sa_type=UtcDateTime, nullable=True)
    fields: int = 0
    rebuilds: int = 0


class ChangeSetAside(Table, table=True):
    """A change that could not be applied, as it came; `key` is what it is about, so that a flood of one is one row.

    The key is a digest, of one length whatever the change says.

    `event` is JSON and not JSONB, which does not store all that JSON can say.
    """

    __tablename__ = "change_set_aside"
    __table_args__ = (Index("ix_change_set_aside_entity_id", "entity_id"),)

    id: UUID = Field(primary_key=True)
    key: str = Field(sa_type=Text, nullable=False, unique=True)
    what: str = _text()
    reason: str = _text()
    kind: str | None = _text(nullable=True)
    entity_id: UUID | None
    version: int | None = Field(sa_type=BigInteger, nullable=True)
    event: Any = Field(sa_type=JSON, nullable=False)
    times: int
    first_at: datetime = Field(sa_type=UtcDateTime, nullable=False)
    last_at: datetime = Field(sa_type=UtcDateTime, nullable=False)


class MirrorGone(Table, table=True):
    """An entity that was deleted lately, and by which version: what is older and comes later does not bring it back."""

    __tablename__ = "mirror_gone"

    id: UUID = Field(primary_key=True)
    version: int = Field(sa_type=BigInteger, nullable=False)
    epoch: str = _text()
    at: datetime = Field(sa_type=UtcDateTime, nullable=False)


class MirrorRow(Table):
    """What every mirrored row has."""

    id: UUID = Field(primary_key=True)
    version: int
    epoch: str = _text()


class MirrorEnterprise(MirrorRow, table=True):
    """An enterprise of the catalog."""

    __tablename__ = "mirror_enterprise"

    credit_code: str | None = _text(nullable=True)
    source_key: str | None = _text(nullable=True)
    name: str = _text()
    short_name: str | None = _text(nullable=True)
    is_chain_leader: bool
    is_supplier: bool
    region: str | None = _text(nullable=True)
    class_code: str | None = _text(nullable=True)
    staff: int | None
    revenue_wan: Decimal | None = _number(nullable=True)
    size: str | None = _text(nullable=True)
    status: str = _text()


class MirrorCertificate(MirrorRow, table=True):
    """A certificate of an enterprise."""

    __tablename__ = "mirror_certificate"
    __table_args__ = (Index("ix_mirror_certificate_enterprise_id", "enterprise_id"),)

    enterprise_id: UUID
    scheme: str = _text()
    number: str = _text()
    scope: str | None = _text(nullable=True)
    issuer: str | None = _text(nullable=True)
    valid_from: date | None
    valid_until: date
    trust: str = _text()
    sites: list[str] = _codes_since()
    suspended_on: date | None = _since(Date)


class MirrorTitle(MirrorRow, table=True):
    """A title that an enterprise holds."""

    __tablename__ = "mirror_title"
    __table_args__ = (Index("ix_mirror_title_enterprise_id", "enterprise_id"),)

    enterprise_id: UUID
    title: str = _text()
    level: str = _text()
    number: str | None = _text(nullable=True)
    issued: date | None
    expires: date | None


class MirrorRelation(MirrorRow, table=True):
    """An equity link between two enterprises; `share` 0 to 1, None where it is unknown."""

    __tablename__ = "mirror_relation"
    __table_args__ = (
        Index("ix_mirror_relation_owner_id", "owner_id"),
        Index("ix_mirror_relation_owned_id", "owned_id"),
    )

    owner_id: UUID
    owned_id: UUID
    share: Decimal | None = _number(nullable=True)
    valid_from: date | None
    valid_until: date | None


class MirrorPreference(MirrorRow, table=True):
    """What a chain leader says about a supplier; without `part_code` of all its parts."""

    __tablename__ = "mirror_preference"
    __table_args__ = (
        Index("ix_mirror_preference_leader_id", "leader_id"),
        Index("ix_mirror_preference_supplier_id", "supplier_id"),
    )

    leader_id: UUID
    supplier_id: UUID
    part_code: str | None = _text(nullable=True)
    stance: str = _text()
    reason: str = _text()
    valid_until: date | None


class MirrorCluster(MirrorRow, table=True):
    """A cluster with its cities (codes) and its members (enterprise ids as text)."""

    __tablename__ = "mirror_cluster"

    code: str = _text()
    name: str = _text()
    tier: str = _text()
    target: Decimal = _number()
    cities: list[str] = Field(sa_type=JSONB)
    member_ids: list[str] = Field(sa_type=JSONB)
    next_review: date | None = _since(Date)


class MirrorProduct(MirrorRow, table=True):
    """A leading product."""

    __tablename__ = "mirror_product"
    __table_args__ = (
        Index("ix_mirror_product_leader_id", "leader_id"),
        Index("ix_mirror_product_cluster_id", "cluster_id"),
    )

    code: str = _text()
    name: str = _text()
    leader_id: UUID | None
    cluster_id: UUID | None
    class_code: str | None = _text(nullable=True)
    annual_volume: Decimal | None = _number(nullable=True)
    unit: str | None = _text(nullable=True)


class MirrorNeed(MirrorRow, table=True):
    """A bought part of a product with its requirements."""

    __tablename__ = "mirror_need"
    __table_args__ = (
        Index("ix_mirror_need_product_id", "product_id"),
        Index("ix_mirror_need_leader_id_part_code", "leader_id", "part_code"),
    )

    product_id: UUID
    leader_id: UUID | None
    part_code: str = _text()
    part_name: str = _text()
    unit: str | None = _text(nullable=True)
    annual_quantity: Decimal | None = _number(nullable=True)
    unit_price: Decimal | None = _number(nullable=True)
    class_code: str | None = _text(nullable=True)
    text: str = _text()
    certificates: list[dict[str, Any]] = Field(sa_type=JSONB)
    parameters: list[dict[str, Any]] = Field(sa_type=JSONB)
    lead_time_days: int | None
    max_moq: Decimal | None = _number(nullable=True)
    price_ceiling: Decimal | None = _number(nullable=True)
    distance_limit_km: int | None
    release_share: Decimal = _number()
    dual_source_cap: Decimal | None = _since(Numeric)
    processes: list[str] = _codes_since()
    materials: list[str] = _codes_since()
    needed_from: date | None = _since(Date)


class MirrorPurchase(MirrorRow, table=True):
    """A purchase of a leader."""

    __tablename__ = "mirror_purchase"
    __table_args__ = (
        Index("ix_mirror_purchase_leader_id_part_code_period", "leader_id", "part_code", "period"),
        Index("ix_mirror_purchase_period", "period"),
        Index("ix_mirror_purchase_supplier_id", "supplier_id"),
    )

    leader_id: UUID
    part_code: str = _text()
    supplier_id: UUID | None
    supplier_name: str | None = _text(nullable=True)
    supplier_region: str | None = _text(nullable=True)
    period: str = _text()
    quantity: Decimal | None = _number(nullable=True)
    amount: Decimal = _number()
    related_party: bool
    toll_processing: bool
    energy_water: bool


class MirrorCapability(MirrorRow, table=True):
    """What a supplier can make."""

    __tablename__ = "mirror_capability"
    __table_args__ = (Index("ix_mirror_capability_supplier_id", "supplier_id"),)

    supplier_id: UUID
    code: str = _text()
    name: str = _text()
    class_code: str | None = _text(nullable=True)
    text: str = _text()
    parameters: list[dict[str, Any]] = Field(sa_type=JSONB)
    spare_capacity: Decimal | None = _number(nullable=True)
    capacity_unit: str | None = _text(nullable=True)
    unit_price: Decimal | None = _number(nullable=True)
    moq: Decimal | None = _number(nullable=True)
    lead_time_days: int | None
    processes: list[str] = _codes_since()
    materials: list[str] = _codes_since()
    disclosure: str = Field(default="suggested", sa_type=Text, sa_column_kwargs={"server_default": "suggested"})


TABLES: dict[Kind, type[MirrorRow]] = {
    Kind.ENTERPRISE: MirrorEnterprise,
    Kind.CERTIFICATE: MirrorCertificate,
    Kind.TITLE: MirrorTitle,
    Kind.RELATION: MirrorRelation,
    Kind.PREFERENCE: MirrorPreference,
    Kind.CLUSTER: MirrorCluster,
    Kind.PRODUCT: MirrorProduct,
    Kind.NEED: MirrorNeed,
    Kind.PURCHASE: MirrorPurchase,
    Kind.CAPABILITY: MirrorCapability,
}
