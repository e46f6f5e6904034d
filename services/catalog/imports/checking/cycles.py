"""Bills of materials across rows: the rows by which a part would contain itself are refused, and the cycle named."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session

from services.catalog.imports.cleaning.rows import Row
from services.catalog.imports.outcomes import CellProblem
from services.catalog.products import service as products
from services.catalog.products.rules import BomCycle, BomEdge, cycles


def refuse_cycles(session: Session, rows: Sequence[Row]) -> None:
    """Refuse every row of a bill that lies inside a cycle, together with what is stored already."""
    by_product: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        if row.outcome is None:
            by_product[row.values["product_id"]].append(row)
    stored = products.bills_of(session, by_product.keys())
    for product, of_product in by_product.items():
        edges = {(edge.parent, edge.part): edge for edge in stored.get(product, [])}
        edges |= {(edge.parent, edge.part): edge for edge in map(_edge, of_product)}
        for cycle in cycles(list(edges.values())):
            _refuse(of_product, cycle)


def _refuse(rows: Sequence[Row], cycle: BomCycle) -> None:
    where = "、".join(f"第 {row.number} 行" for row in rows if _is_inside(row, cycle))
    for row in rows:
        if _is_inside(row, cycle):
            remedy = f"请核对{where}的上级编码，去掉其中一条"
            row.refuse(CellProblem("bom_cycle", cycle.message, remedy), "parent")


def _is_inside(row: Row, cycle: BomCycle) -> bool:
    return row.values["parent"] in cycle.parts and row.values["part_code"] in cycle.parts


def _edge(row: Row) -> BomEdge:
    return BomEdge(row.values["parent"] or None, row.values["part_code"], Decimal(1), False, row.values["part_name"])
