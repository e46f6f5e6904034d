"""Lists and single rows of products, needs and purchases, as far as the actor sees them."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlmodel import Session

from services.catalog.clusters import service as clusters
from services.catalog.enterprises import service as enterprises
from services.catalog.products import bills
from services.catalog.products.access import visible, visible_lines, visible_purchases
from services.catalog.products.models import BomLine, Need, Product, Purchase
from services.catalog.products.rules import explode
from services.catalog.products.schemas import NeedFilters, PurchaseFilters
from services.catalog.products.walk import asked_for, walk
from shared.codes.taxonomy import codes_within
from shared.db.upserts import Row, overlaps, sql_table
from shared.http.paging import Page, keyset, page_of
from shared.http.problems import not_found
from shared.security.actor import Actor

_PRODUCTS = sql_table(Product)
_LINES = sql_table(BomLine)
_NEEDS = sql_table(Need)
_PURCHASES = sql_table(Purchase)


def page_products(
    session: Session, actor: Actor, leader: UUID | None, cluster: UUID | None, after: str | None, limit: int
) -> Page:
    """A page of products, by code."""
    statement = select(_PRODUCTS).where(visible(actor))
    statement = _narrow(statement, {_PRODUCTS.c.leader_id: leader, _PRODUCTS.c.cluster_id: cluster})
    rows = session.execute(keyset(statement, [_PRODUCTS.c.code], after, limit)).mappings().all()
    return page_of(_named_products(session, rows), limit, key=lambda row: [row["code"]], item=dict)


def get_product(session: Session, actor: Actor, id: UUID) -> Row:
    """One product; 404 where the actor may not see it."""
    rows = session.execute(select(_PRODUCTS).where(visible(actor), _PRODUCTS.c.id == id)).mappings().all()
    if not rows:
        raise not_found("产品", id)
    return _named_products(session, rows)[0]


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
    order = [_PRODUCTS.c.code, _NEEDS.c.part_code]
    rows = session.execute(keyset(statement, order, after, limit)).mappings().all()
    key = ["product_code", "part_code"]
    return page_of(_named_needs(session, rows), limit, key=lambda row: [row[name] for name in key], item=dict)


def get_need(session: Session, actor: Actor, id: UUID) -> Row:
    """One need; 404 where the actor may not see it."""
    rows = session.execute(_select_needs(actor).where(_NEEDS.c.id == id)).mappings().all()
    if not rows:
        raise not_found("需求", id)
    return _named_needs(session, rows)[0]


def page_purchases(session: Session, actor: Actor, filters: PurchaseFilters, after: str | None, limit: int) -> Page:
    """A page of purchases, oldest entry first."""
    table = _PURCHASES.c
    statement = _narrow(
        select(_PURCHASES).where(visible_purchases(actor)),
        {
            table.leader_id: filters.leader,
            table.supplier_id: filters.supplier,
            table.part_code: filters.part,
            table.period: filters.period,
        },
    )
    rows = session.execute(keyset(statement, [table.id], after, limit)).mappings().all()
    return page_of(_named_purchases(session, rows), limit, key=lambda row: [row["id"]], item=dict)


def get_purchase(session: Session, actor: Actor, id: UUID) -> Row:
    """One purchase; 404 where the actor may not see it."""
    statement = select(_PURCHASES).where(visible_purchases(actor), _PURCHASES.c.id == id)
    rows = session.execute(statement).mappings().all()
    if not rows:
        raise not_found("采购记录", id)
    return _named_purchases(session, rows)[0]


def spend(quantity: Decimal | None, price: Decimal | None) -> int | None:
    """Quantity × price in whole 元, rounded half up; None when either is unknown."""
    if quantity is None or price is None:
        return None
    return int((quantity * price).quantize(Decimal(1), ROUND_HALF_UP))


def _narrow(statement: Select[Any], conditions: dict[Any, Any]) -> Select[Any]:
    """Keep the rows that equal every value given."""
    return statement.where(*(column == value for column, value in conditions.items() if value is not None))


def _select_needs(actor: Actor) -> Select[Any]:
    joined = _NEEDS.join(_PRODUCTS, _PRODUCTS.c.id == _NEEDS.c.product_id)
    named = (_PRODUCTS.c.code.label("product_code"), _PRODUCTS.c.name.label("product_name"), _PRODUCTS.c.leader_id)
    return select(_NEEDS, *named).select_from(joined).where(visible(actor))


def _named_products(session: Session, rows: Sequence[Any]) -> list[Row]:
    leaders = enterprises.labels(session, (row["leader_id"] for row in rows))
    homes = clusters.labels(session, (row["cluster_id"] for row in rows))
    return [
        {
            **row,
            "leader_name": leaders[row["leader_id"]].name if row["leader_id"] else None,
            "cluster_name": homes[row["cluster_id"]].name if row["cluster_id"] else None,
        }
        for row in rows
    ]


def _named_needs(session: Session, rows: Sequence[Any]) -> list[Row]:
    leaders = enterprises.labels(session, (row["leader_id"] for row in rows))
    return [
        {
            **row,
            "leader_name": leaders[row["leader_id"]].name if row["leader_id"] else None,
            "annual_spend": spend(row["annual_quantity"], row["unit_price"]),
        }
        for row in rows
    ]


def _named_purchases(session: Session, rows: Sequence[Any]) -> list[Row]:
    """Purchases with names; a registered supplier's name is the registered one."""
    firms = enterprises.labels(session, (row[name] for row in rows for name in ("leader_id", "supplier_id")))
    return [
        {
            **row,
            "leader_name": firms[row["leader_id"]].name,
            "supplier_name": firms[row["supplier_id"]].name if row["supplier_id"] else row["supplier_name"],
        }
        for row in rows
    ]


def _bill_line(level: int, line: Mapping[str, Any], asked: Decimal | None) -> Row:
    return {
        "level": level,
        **{
            name: line[name]
            for name in ("id", "version", "parent", "part_code", "part_name", "quantity", "unit", "bought")
        },
        "annual_quantity": None if asked is None else bills.rounded(asked),
    }
