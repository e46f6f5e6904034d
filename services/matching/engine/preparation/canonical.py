"""One order for the rows of a snapshot, so that a plan never depends on the order in which they arrived."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from services.matching.engine.plan import CapacityValue, CureSet, Lever, NearMiss, Plan, ProductTotals, Suggestion
from services.matching.engine.snapshot import Snapshot, Supplier

Row = TypeVar("Row")


@dataclass(frozen=True)
class Order:
    """A table's canonical order: `old[new position]` and `new[old position]`."""

    old: list[int]
    new: list[int]

    def sort(self, rows: Sequence[Row]) -> list[Row]:
        """The rows in canonical order."""
        return [rows[position] for position in self.old]

    def restore(self, rows: Sequence[Row]) -> list[Row]:
        """Rows in canonical order, back in the order in which they came."""
        return [rows[position] for position in self.new]


@dataclass(frozen=True)
class Orders:
    """The orders of the tables that a plan refers to."""

    suppliers: Order
    capabilities: Order
    clusters: Order
    products: Order
    lines: Order


def canonical(snapshot: Snapshot) -> tuple[Snapshot, Orders]:
    """The same snapshot with every table in the order of its natural keys, and the way back."""
    orders = Orders(
        suppliers=_order(snapshot.suppliers, lambda row: (row.key, row.id)),
        capabilities=_order(snapshot.capabilities, lambda row: (snapshot.suppliers[row.supplier].key, row.key, row.id)),
        clusters=_order(snapshot.clusters, lambda row: (row.key, row.id)),
        products=_order(snapshot.products, lambda row: (row.key, row.id)),
        lines=_order(snapshot.lines, lambda row: (snapshot.products[row.product].key, row.key, row.id)),
    )
    return _sorted(snapshot, orders), orders


def original(plan: Plan, orders: Orders) -> Plan:
    """A plan of the canonical snapshot, told in the positions of the one that came; lists keep the natural order."""
    return replace(
        plan,
        suggestions=[_suggestion(row, orders) for row in plan.suggestions],
        near_misses=[_near_miss(row, orders) for row in plan.near_misses],
        funnels=orders.lines.restore([replace(row, line=orders.lines.old[row.line]) for row in plan.funnels]),
        diagnosis=orders.lines.restore(plan.diagnosis),
        unknown_reasons=orders.lines.restore(plan.unknown_reasons),
        products=orders.products.restore([_product(row, orders) for row in plan.products]),
        levers=[_lever(row, orders) for row in plan.levers],
        capacity_values=[_capacity_value(row, orders) for row in plan.capacity_values],
        cures=[original_cures(row, orders) for row in plan.cures],
        cluster_cures=[original_cures(row, orders) for row in plan.cluster_cures],
    )


def original_cures(row: CureSet, orders: Orders) -> CureSet:
    """A set of cures in the positions of the snapshot that came."""
    cures = [
        replace(cure, supplier=orders.suppliers.old[cure.supplier], lines=[orders.lines.old[at] for at in cure.lines])
        for cure in row.cures
    ]
    product = None if row.product is None else orders.products.old[row.product]
    cluster = None if row.cluster is None else orders.clusters.old[row.cluster]
    return replace(row, product=product, cluster=cluster, cures=cures)


def _order(rows: Sequence[Row], key: Callable[[Row], tuple[str, ...]]) -> Order:
    old = sorted(range(len(rows)), key=lambda position: key(rows[position]))
    new = [0] * len(old)
    for position, before in enumerate(old):
        new[before] = position
    return Order(old, new)


def _sorted(snapshot: Snapshot, orders: Orders) -> Snapshot:
    supplier, capability = orders.suppliers.new, orders.capabilities.new
    line, product, cluster = orders.lines.new, orders.products.new, orders.clusters.new
    suppliers: list[Supplier] = [
        replace(row, cluster_keys=tuple(sorted(row.cluster_keys))) for row in orders.suppliers.sort(snapshot.suppliers)
    ]
    return replace(
        snapshot,
        suppliers=suppliers,
        certificates=sorted(
            (replace(row, supplier=supplier[row.supplier]) for row in snapshot.certificates),
            key=lambda row: (row.supplier, row.scheme, row.valid_until, row.number, row.trust),
        ),
        capabilities=[
            replace(row, supplier=supplier[row.supplier]) for row in orders.capabilities.sort(snapshot.capabilities)
        ],
        clusters=[replace(row, cities=tuple(sorted(row.cities))) for row in orders.clusters.sort(snapshot.clusters)],
        products=[
            replace(row, cluster=None if row.cluster is None else cluster[row.cluster])
            for row in orders.products.sort(snapshot.products)
        ],
        lines=[replace(row, product=product[row.product]) for row in orders.lines.sort(snapshot.lines)],
        incumbents=sorted(
            (replace(row, line=line[row.line], supplier=supplier[row.supplier]) for row in snapshot.incumbents),
            key=lambda row: (row.line, row.supplier, row.amount, row.related),
        ),
        commitments=sorted(
            (replace(row, line=line[row.line], capability=capability[row.capability]) for row in snapshot.commitments),
            key=lambda row: (row.line, row.capability, row.amount),
        ),
        proposals=sorted(
            (replace(row, line=line[row.line], capability=capability[row.capability]) for row in snapshot.proposals),
            key=lambda row: (row.line, row.capability, row.amount),
        ),
        exclusions=sorted(
            (replace(row, line=line[row.line], supplier=supplier[row.supplier]) for row in snapshot.exclusions),
            key=lambda row: (row.line, row.supplier, row.reason),
        ),
        preferences=sorted(
            (replace(row, line=line[row.line], supplier=supplier[row.supplier]) for row in snapshot.preferences),
            key=lambda row: (row.line, row.supplier, row.blacklisted, row.reason),
        ),
    )


def _suggestion(row: Suggestion, orders: Orders) -> Suggestion:
    return replace(
        row,
        line=orders.lines.old[row.line],
        supplier=orders.suppliers.old[row.supplier],
        capability=orders.capabilities.old[row.capability],
    )


def _near_miss(row: NearMiss, orders: Orders) -> NearMiss:
    return replace(
        row,
        line=orders.lines.old[row.line],
        supplier=orders.suppliers.old[row.supplier],
        capability=orders.capabilities.old[row.capability],
        product_gain={orders.products.old[product]: gain for product, gain in row.product_gain.items()},
    )


def _product(row: ProductTotals, orders: Orders) -> ProductTotals:
    return replace(row, product=orders.products.old[row.product])


def _lever(row: Lever, orders: Orders) -> Lever:
    return replace(
        row,
        suppliers=[orders.suppliers.old[supplier] for supplier in row.suppliers],
        cluster_gain={orders.clusters.old[cluster]: gain for cluster, gain in row.cluster_gain.items()},
    )


def _capacity_value(row: CapacityValue, orders: Orders) -> CapacityValue:
    by_product = {orders.products.old[product]: gain for product, gain in row.product_gain.items()}
    return replace(row, capability=orders.capabilities.old[row.capability], product_gain=by_product)
