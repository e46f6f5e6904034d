"""Version 1 of what the catalog's feed carries: whole entities, not differences.

Units: money in 元 without VAT (Decimal), revenue in 万元, capacity in the unit named beside it. Regions are GB/T 2260
codes of six digits, down to what is known (370000 province, 370200 city, 370214 county); classes are GB/T 4754-2017
codes of any level. Fields may be added with a default; none is ever removed or given another meaning.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.codes.parameters import Parameter


class Wire(BaseModel):
    """Base of the wire models: unknown fields are ignored, so that an older reader survives a newer writer."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Kind(StrEnum):
    """The entities that the feed carries, in the order in which one may refer to another."""

    ENTERPRISE = "enterprise"
    CERTIFICATE = "certificate"
    TITLE = "title"
    RELATION = "relation"
    PREFERENCE = "preference"
    CLUSTER = "cluster"
    PRODUCT = "product"
    NEED = "need"
    PURCHASE = "purchase"
    CAPABILITY = "capability"


class Entity(Wire):
    """What every entity has: an id for ever, and a version that grows with each change."""

    id: UUID
    version: int


class EnterpriseV1(Entity):
    """An enterprise; `credit_code` is missing only where the source had none, then `source_key` names it."""

    credit_code: str | None
    source_key: str | None
    name: str
    short_name: str | None = None
    is_chain_leader: bool
    is_supplier: bool
    region: str | None
    class_code: str | None = None
    staff: int | None = None
    revenue_wan: Decimal | None = None
    size: Literal["large", "medium", "small", "micro"] | None = None
    status: Literal["submitted", "verified", "suspended", "retired"]


class CertificateV1(Entity):
    """A certificate of an enterprise; `scheme` is a code of shared/codes/data/certificate_schemes.csv.

    `sites` are the region codes of the sites that it holds for; none means all sites of the enterprise.
    """

    enterprise_id: UUID
    scheme: str
    number: str
    scope: str | None = None
    issuer: str | None = None
    valid_from: date | None = None
    valid_until: date
    trust: Literal["self_declared", "document_seen", "verified"]
    sites: list[str] = []
    suspended_on: date | None = None


class TitleV1(Entity):
    """A title that an enterprise holds; `title` is a code of shared/codes/data/titles.csv."""

    enterprise_id: UUID
    title: str
    level: Literal["national", "provincial", "city"]
    number: str | None = None
    issued: date | None = None
    expires: date | None = None


class RelationV1(Entity):
    """An equity link: `owner_id` holds `share` (0 to 1; None: unknown) of `owned_id`."""

    owner_id: UUID
    owned_id: UUID
    share: Decimal | None = None
    valid_from: date | None = None
    valid_until: date | None = None


class PreferenceV1(Entity):
    """What a chain leader says about a supplier: `part_code` None means for all its parts."""

    leader_id: UUID
    supplier_id: UUID
    part_code: str | None = None
    stance: Literal["blacklisted", "preferred"]
    reason: str = ""
    valid_until: date | None = None


class ClusterV1(Entity):
    """A cluster: `cities` are its city codes, `target` the rate asked of its leading products (0.5 = 50 %)."""

    code: str
    name: str
    tier: Literal["world", "national", "provincial"]
    target: Decimal
    cities: list[str]
    member_ids: list[UUID]
    next_review: date | None = None


class ProductV1(Entity):
    """A leading product; without `leader_id` where the source names no chain leader."""

    code: str
    name: str
    leader_id: UUID | None
    cluster_id: UUID | None
    class_code: str | None = None
    annual_volume: Decimal | None = None
    unit: str | None = None


class CertificateRequirement(Wire):
    """A certificate asked for, valid at `on_date` (None: on the first day of delivery, else on the day of the run)."""

    scheme: str
    on_date: date | None = None


class NeedV1(Entity):
    """One bought part of one product: annual quantity × unit price = annual spend, with requirements.

    `processes` and `materials` are codes of the taxonomy in shared/codes/data; `dual_source_cap` is the most that one
    supplier may have of the line (0 to 1; None: as the policy says); `needed_from` is the first day of delivery.
    """

    product_id: UUID
    leader_id: UUID | None
    part_code: str
    part_name: str
    unit: str | None
    annual_quantity: Decimal | None
    unit_price: Decimal | None
    class_code: str | None = None
    text: str = ""
    certificates: list[CertificateRequirement] = []
    parameters: list[Parameter] = []
    lead_time_days: int | None = None
    max_moq: Decimal | None = None
    price_ceiling: Decimal | None = None
    distance_limit_km: int | None = None
    release_share: Decimal = Decimal(1)
    dual_source_cap: Decimal | None = None
    processes: list[str] = []
    materials: list[str] = []
    needed_from: date | None = None


class PurchaseV1(Entity):
    """What a leader bought: `period` is 2025, 2025Q3 or 2025-07; `amount` in 元 without VAT.

    The supplier is a registered one (`supplier_id`) or known by name, and by region down to what is known.
    """

    leader_id: UUID
    part_code: str
    supplier_id: UUID | None
    supplier_name: str | None
    supplier_region: str | None
    period: str
    quantity: Decimal | None
    amount: Decimal
    related_party: bool = False
    toll_processing: bool = False
    energy_water: bool = False


class CapabilityV1(Entity):
    """What a supplier can make; `spare_capacity` a year in `capacity_unit` (a unit, or 元 for a job shop).

    `disclosure` is how much of it leaders are told: everything (public), what a suggestion to them says (suggested), or
    no more than what it is called, until both have accepted a suggestion (partners).
    """

    supplier_id: UUID
    code: str
    name: str
    class_code: str | None = None
    text: str = ""
    parameters: list[Parameter] = []
    spare_capacity: Decimal | None
    capacity_unit: str | None
    unit_price: Decimal | None = None
    moq: Decimal | None = None
    lead_time_days: int | None = None
    processes: list[str] = []
    materials: list[str] = []
    disclosure: Literal["public", "suggested", "partners"] = "suggested"


ENTITIES: dict[Kind, type[Entity]] = {
    Kind.ENTERPRISE: EnterpriseV1,
    Kind.CERTIFICATE: CertificateV1,
    Kind.TITLE: TitleV1,
    Kind.RELATION: RelationV1,
    Kind.PREFERENCE: PreferenceV1,
    Kind.CLUSTER: ClusterV1,
    Kind.PRODUCT: ProductV1,
    Kind.NEED: NeedV1,
    Kind.PURCHASE: PurchaseV1,
    Kind.CAPABILITY: CapabilityV1,
}


class FeedEventV1(Wire):
    """One change. `data` is the whole entity after it (None when it was deleted)."""

    position: str
    kind: Kind
    id: UUID
    version: int
    op: Literal["upsert", "delete"]
    data: dict[str, object] | None
    at: datetime


class FeedPageV1(Wire):
    """A page of the feed: `cursor` is where to go on; `caught_up` says that nothing more was visible."""

    epoch: str
    cursor: str
    caught_up: bool
    events: list[FeedEventV1]
