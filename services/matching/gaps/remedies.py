"""From sets of cures and values of capacity to their wire models, reduced to what the actor sees."""

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from services.matching.engine.plan import CapacityValue, Cure, CureSet
from services.matching.gaps.labels import RULE_LABELS
from services.matching.gaps.remedy_schemas import CapacityValueOut, CureOut, CureSetOut
from services.matching.gaps.sentences import capacity_sentence, cure_sentence, cure_set_sentence
from services.matching.gaps.view import View
from services.matching.gaps.wire import TARGET_SCALE, cluster_gains, counted_by_product, party, points_of


def cure_set_out(view: View, row: CureSet) -> CureSetOut:
    """A set of cures of a product or a cluster that is seen."""
    snapshot, products = view.snapshot, _products(view, row)
    product = None if row.product is None else snapshot.products[row.product]
    at = row.cluster if product is None else product.cluster
    cluster = None if at is None else snapshot.clusters[at]
    named = product or cluster
    assert named is not None  # a set is of one or the other
    by_product = counted_by_product(view)
    counted = sum(by_product.get(at, 0) for at in products)
    return CureSetOut(
        product=product and product.key,
        product_id=product and UUID(product.id),
        product_name=product and product.name,
        cluster=cluster and cluster.key,
        cluster_id=cluster and UUID(cluster.id),
        cluster_name=cluster and cluster.name,
        target=Decimal(named.target) / TARGET_SCALE,
        lacking=row.lacking,
        gain=row.gain,
        most=row.most,
        reached=row.reached,
        lower_bound=row.lower_bound,
        cures=[_cure(view, cure, counted) for cure in row.cures],
        sentence=cure_set_sentence(named.name, row, view.policy.basis),
    )


def nothing_lacks(product: int | None, cluster: int | None) -> CureSet:
    """The empty set of cures, where the optimum reaches the target."""
    return CureSet(product, 0, [], 0, 0, reached=True, lower_bound=0, cluster=cluster)


def seen_cure_sets(view: View, rows: Iterable[CureSet]) -> list[CureSet]:
    """The sets of products and clusters that are seen, those that lack most first."""
    products = counted_by_product(view)
    clusters = {view.snapshot.products[at].cluster for at in products}
    found = [row for row in rows if (row.product in products if row.cluster is None else row.cluster in clusters)]
    return sorted(found, key=lambda row: -row.lacking)


def capacity_value_out(view: View, row: CapacityValue, counted: dict[int | None, int]) -> CapacityValueOut:
    """What more of a capability's capacity brings; `counted` is the rate's denominator by cluster position."""
    capability, by_cluster = view.snapshot.capabilities[row.capability], _by_cluster(view, row)
    everything = view.clusters is None
    gain = row.tenth_gain if everything else sum(by_cluster.values())
    return CapacityValueOut(
        supplier=party(view, capability.supplier),
        capability_id=UUID(capability.id),
        capability_name=capability.name,
        step=row.step if everything else None,
        step_gain=row.step_gain if everything else None,
        tenth=row.tenth,
        tenth_gain=gain,
        at_most=row.at_most,
        clusters=cluster_gains(view, by_cluster, counted),
        sentence=capacity_sentence(view.snapshot, row, gain, by_cluster, counted, view.policy.basis),
    )


def seen_gain(view: View, row: CapacityValue) -> int:
    """What a tenth more brings to all that is seen."""
    return row.tenth_gain if view.clusters is None else sum(_by_cluster(view, row).values())


def _by_cluster(view: View, row: CapacityValue) -> dict[int, int]:
    """What a tenth more brings, by the position of the clusters that are seen."""
    found: dict[int, int] = {}
    for product, gain in row.product_gain.items():
        cluster = view.snapshot.products[product].cluster
        if cluster is not None and (view.clusters is None or cluster in view.clusters):
            found[cluster] = found.get(cluster, 0) + gain
    return found


def _products(view: View, row: CureSet) -> set[int]:
    if row.product is not None:
        return {row.product}
    return {at for at, product in enumerate(view.snapshot.products) if product.cluster == row.cluster}


def _cure(view: View, cure: Cure, counted: int) -> CureOut:
    return CureOut(
        supplier=party(view, cure.supplier),
        rule=cure.rule,
        label=RULE_LABELS[cure.rule],
        what=cure.what,
        lines=[view.snapshot.lines[at].key for at in cure.lines if at in view.seen()],
        gain=cure.gain,
        points=points_of(cure.gain, counted),
        sentence=cure_sentence(view.snapshot, cure.rule, cure.what, cure.supplier),
    )
