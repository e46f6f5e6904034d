"""Lists and single rows of products, needs and purchases, as far as the actor sees them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, cast, func, select
from sqlmodel import Session

from services.catalog.clusters import service as clusters
from services.catalog.enterprises.names import name_of
from services.catalog.products import bills
from services.catalog.products.access import visible, visible_lines, visible_purchases
from services.catalog.products.models import BomLine, Need, Product, Purchase
from services.catalog.products.rules import explode
from services.catalog.products.schemas import NeedFilters, PurchaseFilters
from services.catalog.products.walk import asked_for, walk
from shared.codes.taxonomy import codes_within
from shared.db.tables import Whole
from shared.db.upserts import Row, overlaps, sql_table
from shared.db.wire import wire_rows
from shared.http.paging import Page, keyset, page_of
from shared.http.problems import not_found
from shared.security.actor import Actor

_PRODUCTS = sql_table(Product)
_LINES = sql_table(BomLine)
_NEEDS = sql_table(Need)
_PURCHASES = sql_table(Purchase)

_PRODUCTS_NAMED = select(
    _PRODUCTS,
    name_of(_PRODUCTS.c.leader_id).label("leader_name"),
    clusters.name_of(_PRODUCTS.c.cluster_id).label("cluster_name"),
)
"""Products with the names of their leaders and clusters."""

_NEEDS_NAMED = select(
    _NEEDS,
    _PRODUCTS.c.code.label("product_code"),
    _PRODUCTS.c.name.label("product_name"),
    _PRODUCTS.c.leader_id,
    name_of(_PRODUCTS.c.leader_id).label("leader_name"),
    cast(func.round(_NEEDS.c.annual_quantity * _NEEDS.c.unit_price), Whole).label("annual_spend"),
).join_from(_NEEDS, _PRODUCTS, _PRODUCTS.c.id == _NEEDS.c.product_id)
"""Needs with their products, the names of the leaders, and quantity × price in whole 元, rounded half up."""

_SUPPLIER_NAME = case(
    (_PURCHASES.c.supplier_id.is_(None), _PURCHASES.c.supplier_name), else_=name_of(_PURCHASES.c.supplier_id)
).label("supplier_name")

_PURCHASES_NAMED = select(
    *(_SUPPLIER_NAME if column is _PURCHASES.c.supplier_name else column for column in _PURCHASES.c),
    name_of(_PURCHASES.c.leader_id).label("leader_name"),
)
"""Purchases with names; a registered supplier's name is the registered one."""


def page_products(
    session: Session, actor: Actor, leader: UUID | None, cluster: UUID | None, after: str | None, limit: int
) -> Page:
    """A page of products, by code."""
    conditions = {_PRODUCTS.c.leader_id: leader, _PRODUCTS.c.cluster_id: cluster}
    statement = keyset(_narrow(_select_products(actor), conditions), [_PRODUCTS.c.code], after, limit)
    return page_of(wire_rows(session, statement), limit, key=lambda row: [row["code"]], item=dict)


def get_product(session: Session, actor: Actor, id: UUID) -> Row:
    """One product; 404 where the actor may not see it."""
    row = session.execute(_select_products(actor).where(_PRODUCTS.c.id == id)).mappings().first()
    if row is None:
        raise not_found("产品", id)
    return dict(row)


def get_bill(session: Session, actor: Actor, id: UUID) -> Row:
    """The bill of a product, all levels, with what each line asks for in a year; 404 where it is not to be seen."""
    product = get_product(session, actor, id)
    lines = bills.lines_of(session, [id]).get(id, [])
    volume: Decimal | None = product["annual_volume"]
    totals = explode(volume or Decimal(0), bills.edges(lines))
    bought = frozenset(line["part_code"] for line in lines if line["bought"])
    shown = [_bill_line(level, line, asked_for(line, volume, totals, bought)) for level, line in walk(lines)]
    return {
        "product_id": id,
        "product_code": product["code"],
        "product_name": product["name"],
        "annual_volume": volume,
        "lines": shown,
    }


def get_line(session: Session, actor: Actor, id: UUID) -> Row:
    """One line of a bill; 404 where the actor may not see its product."""
    rows = session.execute(select(_LINES).where(visible_lines(actor), _LINES.c.id == id)).mappings().all()
    if not rows:
        raise not_found("物料清单行", id)
    return dict(rows[0])


def page_needs(session: Session, actor: Actor, filters: NeedFilters, after: str | None, limit: int) -> Page:
    """A page of needs, by product and part."""
    statement = _narrow(
        _select_needs(actor),
        {
            _NEEDS.c.product_id: filters.product,
            _PRODUCTS.c.leader_id: filters.leader,
            _NEEDS.c.part_code: filters.part,
        },
    )
    if filters.q:
        statement = statement.where(_NEEDS.c.part_name.icontains(filters.q, autoescape=True))
    if filters.process is not None:
        statement = statement.where(overlaps(_NEEDS.c.processes, codes_within(filters.process)))
    if filters.material is not None:
        statement = statement.where(overlaps(_NEEDS.c.materials, codes_within(filters.material)))
    rows = wire_rows(session, keyset(statement, [_PRODUCTS.c.code, _NEEDS.c.part_code], after, limit))
    return page_of(rows, limit, key=lambda row: [row["product_code"], row["part_code"]], item=dict)


def needs_of(session: Session, actor: Actor, product: UUID, most: int) -> list[Row]:
    """The needs of one product, by part, with values to work with: for its page."""
    statement = _select_needs(actor).where(_NEEDS.c.product_id == product).order_by(_NEEDS.c.part_code).limit(most)
    return [dict(row) for row in session.execute(statement).mappings()]


def get_need(session: Session, actor: Actor, id: UUID) -> Row:
    """One need; 404 where the actor may not see it."""
    row = session.execute(_select_needs(actor).where(_NEEDS.c.id == id)).mappings().first()
    if row is None:
        raise not_found("需求", id)
    return dict(row)


def page_purchases(session: Session, actor: Actor, filters: PurchaseFilters, after: str | None, limit: int) -> Page:
    """A page of purchases, oldest entry first."""
    table = _PURCHASES.c
    statement = _narrow(
        _select_purchases(actor),
        {
            table.leader_id: filters.leader,
            table.supplier_id: filters.supplier,
            table.part_code: filters.part,
            table.period: filters.period,
        },
    )
    rows = wire_rows(session, keyset(statement, [table.id], after, limit))
    return page_of(rows, limit, key=lambda row: [row["id"]], item=dict)


def get_purchase(session: Session, actor: Actor, id: UUID) -> Row:
    """One purchase; 404 where the actor may not see it."""
    row = session.execute(_select_purchases(actor).where(_PURCHASES.c.id == id)).mappings().first()
    if row is None:
        raise not_found("采购记录", id)
    return dict(row)


def _narrow(statement: Select[Any], conditions: dict[Any, Any]) -> Select[Any]:
    """Keep the rows that equal every value given."""
    return statement.where(*(column == value for column, value in conditions.items() if value is not None))


def _select_products(actor: Actor) -> Select[Any]:
    return _PRODUCTS_NAMED.where(visible(actor))


def _select_needs(actor: Actor) -> Select[Any]:
    return _NEEDS_NAMED.where(visible(actor))


def _select_purchases(actor: Actor) -> Select[Any]:
    return _PURCHASES_NAMED.where(visible_purchases(actor))


def _bill_line(level: int, line: Mapping[str, Any], asked: Decimal | None) -> Row:
    return {
        "level": level,
        **{
            name: line[name]
            for name in ("id", "version", "parent", "part_code", "part_name", "quantity", "unit", "bought")
        },
        "annual_quantity": None if asked is None else bills.rounded(asked),
    }
