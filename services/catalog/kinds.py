"""The kinds of rows that the catalog keeps: what each is called, who sees and writes it, how the feed learns of it.

What works for every kind alike reads this list: history, deleting and bringing back (`history`), single and bulk
writing (`bulk`), the undo of imports. A new kind is one entry here, one `track` in a migration, and works everywhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Table, select
from sqlmodel import Session

from services.catalog.base import Record
from services.catalog.capabilities import service as capabilities
from services.catalog.capabilities.models import Capability
from services.catalog.capabilities.schemas import CapabilityWrite
from services.catalog.clusters import members
from services.catalog.clusters import service as clusters
from services.catalog.clusters.models import Cluster, ClusterMember
from services.catalog.clusters.schemas import ClusterMemberWrite, ClusterWrite
from services.catalog.enterprises import access, certificates, preferences, relations, titles
from services.catalog.enterprises import service as enterprises
from services.catalog.enterprises.models import Certificate, Enterprise, Preference, Relation, Title
from services.catalog.enterprises.schemas import (
    CertificateWrite,
    EnterpriseWrite,
    PreferenceWrite,
    RelationWrite,
    TitleWrite,
)
from services.catalog.feed import service as feed
from services.catalog.products import access as products_access
from services.catalog.products import bills, lists
from services.catalog.products import service as products
from services.catalog.products.models import BomLine, Need, Product, Purchase
from services.catalog.products.rules import BomCycle
from services.catalog.products.schemas import BomLineWrite, NeedWrite, ProductWrite, PurchaseWrite
from shared.contracts.v1 import CapabilityV1, Entity, Kind, ProductV1, PurchaseV1
from shared.db.upserts import Outcome, Row, sql_table
from shared.http.problems import conflict, not_found
from shared.security.actor import Actor, Role

Visible = Callable[[Actor], ColumnElement[bool]]
RequireWrite = Callable[[Session, Actor, Sequence[Row]], None]
Upsert = Callable[[Session, Actor, Sequence[Any]], list[Outcome]]
Get = Callable[[Session, Actor, UUID], Row]
Rows = Callable[[Session, Sequence[Row]], None]


@dataclass(frozen=True)
class EntityKind:
    """A kind of rows.

    `name` is the contract's kind, or the table's name where the feed does not carry it; `segment` its word in URLs;
    `label` what people call it; `key` the fields that tell its rows apart.
    `visible` is the condition of the rows that an actor sees; `require_write` raises 403 unless it may write these
    rows; `upsert` writes rows of the model `write` (it asks who may by itself), `get` reads one as its route shows it.
    `publish` tells the feed of rows as they are now, None where the feed does not carry them; `settle` does what
    follows for others when rows are gone or back. Only enterprises are not `deletable` (their status
    says what ended), and known `by_any_key` of theirs instead of by all together; `amend` changes one of which the keys
    may change, too.
    """

    name: str
    segment: str
    label: str
    model: type[Record]
    key: tuple[str, ...]
    visible: Visible
    require_write: RequireWrite
    write: type[BaseModel]
    upsert: Upsert
    get: Get | None = None
    publish: Rows | None = None
    settle: Rows | None = None
    deletable: bool = True
    by_any_key: bool = False
    amend: Callable[[Session, Actor, Row, Any], Outcome] | None = None

    @property
    def table(self) -> Table:
        """The table of its rows."""
        return sql_table(self.model)

    @property
    def contract(self) -> Kind | None:
        """Its kind in the feed, if the feed carries it."""
        return None if self.publish is None else Kind(self.name)

    def read(self, session: Session, actor: Actor, id: UUID) -> Row:
        """One of its rows as its route shows it; 404 where the actor may not see it."""
        if self.get is not None:
            return self.get(session, actor, id)
        row = session.execute(select(self.table).where(self.table.c.id == id, self.visible(actor))).mappings().first()
        if row is None:
            raise not_found(self.label, id)
        return dict(row)


def _of_reviewers(label: str) -> RequireWrite:
    """Only reviewers write these rows."""
    return lambda _, actor, __: access.require_reviewer(actor, label)


def _of(owner: Role, column: str) -> RequireWrite:
    """Who is named in a column writes these rows, in that role."""
    return lambda _, actor, rows: access.require_own(actor, owner, (row[column] for row in rows))


def _of_products(session: Session, actor: Actor, rows: Sequence[Row]) -> None:
    """Who leads the product that rows belong to writes them."""
    leaders = products.leaders_of(session, {row["product_id"] for row in rows})
    access.require_own(actor, Role.CHAIN_LEADER, leaders.values())


def _told_as(model: type[Entity]) -> Rows:
    """The rows are told as they stand in the table."""
    return lambda session, rows: feed.record(session, map(model.model_validate, rows))


def _explode(session: Session, rows: Sequence[Row]) -> None:
    """What a bill tells of the needs' quantities follows its lines, and a need that is back."""
    try:
        products.recompute_quantities(session, {row["product_id"] for row in rows})
    except BomCycle as cycle:
        raise conflict("物料清单成环", cycle.message, "bom-cycle") from cycle


def _get_enterprise(session: Session, actor: Actor, id: UUID) -> Row:
    return enterprises.get(session, actor, id)[0]


_LEADER, _SUPPLIER = Role.CHAIN_LEADER, Role.SUPPLIER

_ALL = (
    EntityKind(
        "enterprise",
        "enterprises",
        "企业",
        Enterprise,
        key=("credit_code", "source_key"),
        visible=access.visible_enterprises,
        require_write=_of_reviewers("企业"),
        write=EnterpriseWrite,
        upsert=enterprises.upsert_enterprises,
        get=_get_enterprise,
        publish=enterprises.publish,
        deletable=False,
        by_any_key=True,
        amend=enterprises.amend,
    ),
    EntityKind(
        "certificate",
        "certificates",
        "资质证书",
        Certificate,
        key=certificates.KEY,
        visible=certificates.visible_certificates,
        require_write=_of(_SUPPLIER, "enterprise_id"),
        write=CertificateWrite,
        upsert=certificates.upsert_certificates,
        get=certificates.get_certificate,
        publish=certificates.publish,
    ),
    EntityKind(
        "title",
        "titles",
        "称号",
        Title,
        key=titles.KEY,
        visible=titles.visible_titles,
        require_write=_of_reviewers("称号"),
        write=TitleWrite,
        upsert=titles.upsert_titles,
        get=titles.get_title,
        publish=titles.publish,
    ),
    EntityKind(
        "relation",
        "relations",
        "股权关系",
        Relation,
        key=relations.KEY,
        visible=relations.visible_relations,
        require_write=_of_reviewers("股权关系"),
        write=RelationWrite,
        upsert=relations.upsert_relations,
        get=relations.get_relation,
        publish=relations.publish,
    ),
    EntityKind(
        "preference",
        "preferences",
        "黑名单或优先记录",
        Preference,
        key=preferences.KEY,
        visible=preferences.visible_preferences,
        require_write=_of(_LEADER, "leader_id"),
        write=PreferenceWrite,
        upsert=preferences.upsert_preferences,
        get=preferences.get_preference,
        publish=preferences.publish,
    ),
    EntityKind(
        "cluster",
        "clusters",
        "集群",
        Cluster,
        key=("code",),
        visible=clusters.visible,
        require_write=_of_reviewers("集群"),
        write=ClusterWrite,
        upsert=clusters.upsert_clusters,
        get=clusters.get,
        publish=clusters.publish,
    ),
    EntityKind(
        "cluster_members",
        "cluster-members",
        "集群成员",
        ClusterMember,
        key=("cluster_id", "enterprise_id"),
        visible=clusters.visible_members,
        require_write=_of_reviewers("集群成员"),
        write=ClusterMemberWrite,
        upsert=clusters.upsert_cluster_members,
        get=members.get,
        settle=clusters.retell,
    ),
    EntityKind(
        "product",
        "products",
        "主导产品",
        Product,
        key=("code",),
        visible=products_access.visible,
        require_write=_of(_LEADER, "leader_id"),
        write=ProductWrite,
        upsert=products.upsert_products,
        get=lists.get_product,
        publish=_told_as(ProductV1),
    ),
    EntityKind(
        "bom_lines",
        "bom-lines",
        "物料清单行",
        BomLine,
        key=("product_id", "parent", "part_code"),
        visible=products_access.visible_lines,
        require_write=_of_products,
        write=BomLineWrite,
        upsert=products.upsert_bom_lines,
        settle=_explode,
    ),
    EntityKind(
        "need",
        "needs",
        "配套需求",
        Need,
        key=("product_id", "part_code"),
        visible=products_access.visible_needs,
        require_write=_of_products,
        write=NeedWrite,
        upsert=products.upsert_needs,
        get=lists.get_need,
        publish=bills.record_needs,
        settle=_explode,
    ),
    EntityKind(
        "purchase",
        "purchases",
        "采购记录",
        Purchase,
        key=("leader_id", "document"),
        visible=products_access.visible_purchases,
        require_write=_of(_LEADER, "leader_id"),
        write=PurchaseWrite,
        upsert=products.upsert_purchases,
        get=lists.get_purchase,
        publish=_told_as(PurchaseV1),
    ),
    EntityKind(
        "capability",
        "capabilities",
        "供给能力",
        Capability,
        key=("supplier_id", "code"),
        visible=capabilities.visible,
        require_write=_of(_SUPPLIER, "supplier_id"),
        write=CapabilityWrite,
        upsert=capabilities.upsert_capabilities,
        get=capabilities.get,
        publish=_told_as(CapabilityV1),
    ),
)

KINDS: dict[str, EntityKind] = {kind.name: kind for kind in _ALL}
"""Every kind by its name, in the order in which one may refer to another."""
