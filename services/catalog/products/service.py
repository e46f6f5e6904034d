"""Use cases of products: write products, bills, needs and purchases in bulk; find them for other features.

Whatever writes them, one by one or by thousands, the needs' quantities follow in the same transaction.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import Session

from services.catalog.clusters import service as clusters
from services.catalog.enterprises import service as enterprises
from services.catalog.feed import service as feed
from services.catalog.history import service as history
from services.catalog.products import bills
from services.catalog.products.bills import recompute_quantities
from services.catalog.products.models import BomLine, Need, Product, Purchase
from services.catalog.products.rules import BomEdge, made_parts
from services.catalog.products.schemas import BomLineWrite, NeedWrite, ProductWrite, PurchaseWrite
from shared.contracts.v1 import ProductV1, PurchaseV1
from shared.db.upserts import Change, Outcome, Row, among, find, sql_table, upsert
from shared.http.problems import Problem, forbidden
from shared.security.actor import Actor, Role

__all__ = ["made_parts", "recompute_quantities"]

_PRODUCTS = sql_table(Product)
_JSON = {"certificates", "parameters"}


def by_codes(session: Session, codes: Collection[str]) -> dict[str, UUID]:
    """The ids of products by code; a code of none is absent. One query."""
    rows = session.execute(select(_PRODUCTS.c.code, _PRODUCTS.c.id).where(among(_PRODUCTS.c.code, codes)))
    return {row.code: row.id for row in rows}


def leaders_of(session: Session, product_ids: Iterable[UUID]) -> dict[UUID, UUID | None]:
    """Whose products these are, by id; None where the source names no leader. One query."""
    rows = session.execute(select(_PRODUCTS.c.id, _PRODUCTS.c.leader_id).where(among(_PRODUCTS.c.id, product_ids)))
    return {row.id: row.leader_id for row in rows}


def in_foreign_clusters(session: Session, actor: Actor, wanted: Mapping[str, UUID | None]) -> list[str]:
    """The codes of products that an actor may not put into the cluster wanted (code → cluster): a leader only into
    clusters that it belongs to, or leaves them where a reviewer has put them."""
    if actor.role is Role.REVIEWER or actor.enterprise_id is None:
        return []
    columns = (_PRODUCTS.c.code, _PRODUCTS.c.cluster_id)
    rows = session.execute(select(*columns).where(among(_PRODUCTS.c.code, wanted)))
    present = {row.code: row.cluster_id for row in rows}
    moved = {code: cluster for code, cluster in wanted.items() if cluster and cluster != present.get(code)}
    own = clusters.joined(session, actor.enterprise_id) if moved else set()
    return [code for code, cluster in moved.items() if cluster not in own]


def bills_of(session: Session, product_ids: Iterable[UUID]) -> dict[UUID, list[BomEdge]]:
    """The bills of products as edges, to check new lines against those that are there. One query."""
    return {product: bills.edges(lines) for product, lines in bills.lines_of(session, product_ids).items()}


def upsert_products(session: Session, actor: Actor, rows: Sequence[ProductWrite]) -> list[Outcome]:
    """Create or change products by code, and the quantities of their needs with their volumes; the caller commits.

    403 where a leader gives its product to a cluster that it does not belong to; a reviewer may.
    """
    feed.take_turn(session)
    history.sign(session, actor)
    existing = find(session, Product, ("code",), [(row.code,) for row in rows])
    enterprises.require_own(actor, Role.CHAIN_LEADER, [each["leader_id"] for each in existing.values()])
    enterprises.require_own(actor, Role.CHAIN_LEADER, [row.leader_id for row in rows if _says_leader(row, existing)])
    if foreign := in_foreign_clusters(session, actor, {row.code: row.cluster_id for row in rows}):
        raise forbidden(f"产品 {'、'.join(foreign[:10])} 所填的集群，本企业不是其成员；请联系审核员。")
    written = upsert(session, Product, ("code",), [_given(row) for row in rows])
    feed.record(session, map(ProductV1.model_validate, written.rows))
    if moved := _changed(written.outcomes, "leader_id"):
        bills.retell_needs(session, moved)
    if other := _changed(written.outcomes, "annual_volume"):
        recompute_quantities(session, other)
    return written.outcomes


def upsert_bom_lines(session: Session, actor: Actor, rows: Sequence[BomLineWrite]) -> list[Outcome]:
    """Create or change lines by product, parent and part, and the needs' quantities; the caller commits.

    Raises BomCycle when a product's bill, with these lines, contains a part in itself.
    """
    feed.take_turn(session)
    history.sign(session, actor)
    _require_own_products(session, actor, {row.product_id for row in rows})
    values = [{**_given(row), "parent": row.parent} for row in rows]
    written = upsert(session, BomLine, ("product_id", "parent", "part_code"), values)
    if products := {row["product_id"] for row in written.rows}:
        recompute_quantities(session, products)
    return written.outcomes


def upsert_needs(session: Session, actor: Actor, rows: Sequence[NeedWrite]) -> list[Outcome]:
    """Create or change needs by product and part, with the quantities of their bills; the caller commits.

    Raises BomCycle.
    """
    feed.take_turn(session)
    history.sign(session, actor)
    products = {row.product_id for row in rows}
    _require_own_products(session, actor, products)
    quantities = bills.exploded(session, products)
    values = [_stated(_given(row)) for row in rows]
    written = upsert(
        session,
        Need,
        ("product_id", "part_code"),
        values,
        lambda need: {"annual_quantity": bills.quantity_of(need, quantities)},
    )
    bills.record_needs(session, written.rows)
    return written.outcomes


def upsert_purchases(session: Session, actor: Actor, rows: Sequence[PurchaseWrite]) -> list[Outcome]:
    """Create or change purchases by leader and document; the caller commits.

    422 naming the document whose quantity and amount would have different signs.
    """
    enterprises.require_own(actor, Role.CHAIN_LEADER, (row.leader_id for row in rows))
    feed.take_turn(session)
    history.sign(session, actor)
    values = [_given(row) for row in rows]
    written = upsert(session, Purchase, ("leader_id", "document"), values, _one_way)
    feed.record(session, map(PurchaseV1.model_validate, written.rows))
    return written.outcomes


def _require_own_products(session: Session, actor: Actor, product_ids: Collection[UUID]) -> None:
    owners = leaders_of(session, product_ids)
    enterprises.require_own(actor, Role.CHAIN_LEADER, [owners.get(each) for each in product_ids])


def _one_way(purchase: Row) -> Row:
    """Nothing to derive from a purchase; its quantity and amount must have one sign (a credit note has two minus)."""
    if purchase["quantity"] is not None and purchase["quantity"] * purchase["amount"] < 0:
        detail = f"单据 {purchase['document']} 的数量与金额一正一负；红字单据的数量与金额应都为负数。"
        raise Problem(422, "signs-differ", "数量与金额不一致", detail)
    return {}


def _says_leader(row: ProductWrite, existing: dict[tuple[Any, ...], Row]) -> bool:
    """Tell whether a row decides on the leader: a new product, or one that names it."""
    return (row.code,) not in existing or "leader_id" in row.model_fields_set


def _given(row: BaseModel) -> Row:
    """The fields that the source gave, as the tables keep them: lists of values in their JSON form."""
    values = row.model_dump(exclude_unset=True)
    as_json = row.model_dump(mode="json", include=_JSON & values.keys())
    return values | as_json


def _stated(values: Row) -> Row:
    """A need's quantity is what the source states; what counts follows from it and the bill."""
    if "annual_quantity" in values:
        values["stated_quantity"] = values.pop("annual_quantity")
    return values


def _changed(outcomes: Sequence[Outcome], name: str) -> set[UUID]:
    """The ids of rows that were there before and whose field has changed."""
    return {each.id for each in outcomes if each.change is Change.CHANGED and name in each.changed_fields}
