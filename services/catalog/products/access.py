"""Which products, needs and purchases an actor may see: the one place that says so."""

from typing import Any

from sqlalchemy import ColumnElement, exists, false, select, true

from services.catalog.products.models import BomLine, Need, Product, Purchase
from shared.db.upserts import among, sql_table
from shared.security.actor import Actor, Role

_PRODUCTS, _NEEDS, _PURCHASES = sql_table(Product), sql_table(Need), sql_table(Purchase)
_LINES = sql_table(BomLine)


def visible(actor: Actor) -> ColumnElement[bool]:
    """The products that an actor may see, with their bills and needs.

    A chain leader sees its own, a cluster organisation its clusters'. Suppliers see none: what a leader needs is told
    to them by an invitation, part by part.
    """
    if actor.sees_everything:
        return true()
    if actor.role is Role.CLUSTER_ORGANISATION:
        return among(_PRODUCTS.c.cluster_id, actor.cluster_ids)
    return _own(actor, _PRODUCTS.c.leader_id)


def visible_needs(actor: Actor) -> ColumnElement[bool]:
    """The needs of the products that an actor may see."""
    return _NEEDS.c.product_id.in_(select(_PRODUCTS.c.id).where(visible(actor)))


def visible_lines(actor: Actor) -> ColumnElement[bool]:
    """The lines of the bills that an actor may see."""
    return _LINES.c.product_id.in_(select(_PRODUCTS.c.id).where(visible(actor)))


def visible_purchases(actor: Actor) -> ColumnElement[bool]:
    """The purchases that an actor may see: a leader's own; for a cluster, those of the parts of its products."""
    if actor.sees_everything:
        return true()
    if actor.role is Role.CLUSTER_ORGANISATION:
        needed = select(_NEEDS.c.id).join(_PRODUCTS, _PRODUCTS.c.id == _NEEDS.c.product_id).where(visible(actor))
        same_leader = _PRODUCTS.c.leader_id == _PURCHASES.c.leader_id
        same_part = _NEEDS.c.part_code == _PURCHASES.c.part_code
        return exists(needed.where(same_leader, same_part).correlate(_PURCHASES))
    return _own(actor, _PURCHASES.c.leader_id)


def _own(actor: Actor, leader: ColumnElement[Any]) -> ColumnElement[bool]:
    if actor.role is not Role.CHAIN_LEADER or actor.enterprise_id is None:
        return false()
    return leader == actor.enterprise_id
