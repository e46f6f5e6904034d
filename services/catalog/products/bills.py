"""Bills of materials as the rows have them: read them, explode them, and keep the needs' quantities with them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import Session

from services.catalog.feed import service as feed
from services.catalog.products.models import BomLine, Need, Product
from services.catalog.products.rules import BomEdge, explode, made_parts
from shared.contracts.v1 import NeedV1
from shared.db.upserts import Row, among, sql_table, write
from shared.http.problems import Problem

_PRODUCTS = sql_table(Product)
_LINES = sql_table(BomLine)
_NEEDS = sql_table(Need)
_STEP = Decimal("0.001")
#: Quantities multiply along a bill; rounding must not fail before anybody could say which part is too many.
_WIDE = Context(prec=400)
#: Neither a need's quantity nor its spend reaches this: the columns, and whole 元 in JSON, end soon after.
_MOST = Decimal(10) ** 12

Quantities = Mapping[UUID, Mapping[str, Decimal]]


def lines_of(session: Session, product_ids: Iterable[UUID]) -> dict[UUID, list[Row]]:
    """The lines of each product's bill, in order of parent and part; `bought` is decided. One query."""
    wanted = select(_LINES).where(among(_LINES.c.product_id, product_ids))
    rows = session.execute(wanted.order_by(_LINES.c.product_id, _LINES.c.parent, _LINES.c.part_code)).mappings()
    bills: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        bills[row["product_id"]].append(dict(row))
    return {product: decided(lines) for product, lines in bills.items()}


def decided(lines: Sequence[Row]) -> list[Row]:
    """The lines with `bought` told where the source left it open: what has parts below it is made, the rest bought."""
    parents = {line["parent"] for line in lines}
    return [
        line if line["bought"] is not None else {**line, "bought": line["part_code"] not in parents} for line in lines
    ]


def edges(lines: Sequence[Row]) -> list[BomEdge]:
    """The lines as the rules want them."""
    return [
        BomEdge(line["parent"] or None, line["part_code"], line["quantity"], line["bought"], line["part_name"])
        for line in lines
    ]


def exploded(session: Session, product_ids: Collection[UUID]) -> dict[UUID, dict[str, Decimal]]:
    """The yearly quantity that is bought of each part, by product; a product without volume has none.

    Of a part that the bill says is made nothing is bought: a need stated for it before counts nothing, or its spend
    would stand beside that of its own parts. Raises BomCycle.
    """
    volumes = select(_PRODUCTS.c.id, _PRODUCTS.c.annual_volume).where(among(_PRODUCTS.c.id, product_ids))
    bills = lines_of(session, product_ids)
    return {
        product: _bought(volume, bills.get(product, []))
        for product, volume in session.execute(volumes)
        if volume is not None
    }


def _bought(volume: Decimal, lines: Sequence[Row]) -> dict[str, Decimal]:
    bill = edges(lines)
    asked = {part: rounded(quantity) for part, quantity in explode(volume, bill).items()}
    return asked | dict.fromkeys(made_parts(bill), Decimal(0))


def rounded(quantity: Decimal) -> Decimal:
    """A quantity as the tables keep it."""
    return quantity.quantize(_STEP, ROUND_HALF_UP, _WIDE)


def recompute_quantities(session: Session, product_ids: Collection[UUID]) -> int:
    """Give the needs of the products the quantities that their bills and volumes tell; how many changed.

    A need whose part is not in the bill keeps its stated quantity. Changed needs go to the outbox; the caller commits.
    Raises BomCycle. The upserts of products, lines and needs call it themselves.
    """
    quantities = exploded(session, product_ids)
    wanted = select(_NEEDS).where(among(_NEEDS.c.product_id, product_ids))
    needs = [dict(row) for row in session.execute(wanted).mappings()]
    changes = [{"annual_quantity": quantity_of(need, quantities)} for need in needs]
    written = write(session, Need, changes, needs)
    record_needs(session, written.rows)
    return len(written.rows)


def retell_needs(session: Session, product_ids: Collection[UUID]) -> None:
    """Tell the feed of the products' needs as new versions: each carries its leader, which changed with the product."""
    change = update(_NEEDS).where(among(_NEEDS.c.product_id, product_ids))
    change = change.values(version=_NEEDS.c.version + 1, updated_at=func.now())
    record_needs(session, [dict(row) for row in session.execute(change.returning(_NEEDS)).mappings()])


def quantity_of(need: Row, quantities: Quantities) -> Decimal | None:
    """What counts as a need's yearly quantity: the bill's, else the stated one.

    Raises a Problem (422) that names the part when the quantity or the spend is beyond what anybody buys.
    """
    found = quantities.get(need["product_id"], {}).get(need["part_code"])
    stated: Decimal | None = need["stated_quantity"]
    quantity = stated if found is None else found
    if quantity is not None and max(quantity, _WIDE.multiply(quantity, need["unit_price"] or Decimal(0))) >= _MOST:
        raise _too_many(need)
    return quantity


def _too_many(need: Row) -> Problem:
    part = f"{need['part_name']}（{need['part_code']}）"
    detail = f"{part}的年需求量或年需求额达到了一万亿；请核对年产量、单位用量、单价及其单位。"
    return Problem(422, "out-of-range", "需求过大", detail)


def record_needs(session: Session, rows: Sequence[Row]) -> None:
    """Tell the feed of needs, each with its product's leader."""
    products = {row["product_id"] for row in rows}
    wanted = select(_PRODUCTS.c.id, _PRODUCTS.c.leader_id).where(among(_PRODUCTS.c.id, products))
    leaders = {row.id: row.leader_id for row in session.execute(wanted)}
    feed.record(session, [NeedV1.model_validate({**row, "leader_id": leaders[row["product_id"]]}) for row in rows])
