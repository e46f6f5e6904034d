"""Needs against bills of materials: a leader needs the parts that it buys, not those that it makes itself."""

from collections.abc import Sequence

from sqlmodel import Session

from services.catalog.imports.cleaning.rows import Row
from services.catalog.imports.outcomes import CellProblem
from services.catalog.products import service as products

_MADE = CellProblem(
    "made_part",
    "该零部件在物料清单中是自制件，不是外购件",
    "请改填它下级的外购件；若整件外购，请在物料清单的“自制或外购”列填“外购”",
)


def refuse_made_parts(session: Session, rows: Sequence[Row]) -> None:
    """Refuse needs of parts that the product's stored bill says are made: with the parts below them they count twice.

    A part that the bill does not have at all is taken: not every source has whole bills.
    """
    waiting = [row for row in rows if row.outcome is None]
    bills = products.bills_of(session, {row.values["product_id"] for row in waiting})
    made = {product: products.made_parts(edges) for product, edges in bills.items()}
    for row in waiting:
        if row.values["part_code"] in made.get(row.values["product_id"], ()):
            row.refuse(_MADE, "part_code")
