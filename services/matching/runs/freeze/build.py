"""A snapshot out of the mirror's rows and people's decisions, every table in the order of its natural keys."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.matching.engine.locality import Anchor
from services.matching.engine.policy import Policy
from services.matching.engine.snapshot import Commitment, Exclusion, Incumbent, Line, Product, Snapshot
from services.matching.mirror.service import Catalogue, MirrorNeed, MirrorPurchase
from services.matching.rates.definition import Period
from services.matching.runs.freeze import demand, supply
from services.matching.runs.freeze.demand import Ledger, Parties
from services.matching.suggestions.rules import Decisions


@dataclass(frozen=True)
class Demand:
    """The lines with who supplies them now."""

    lines: list[Line]
    incumbents: list[Incumbent]


def build_snapshot(
    catalogue: Catalogue, decisions: Decisions, policy: Policy, as_of: date, period: Period | None, cursor: str
) -> Snapshot:
    """Freeze the input of a run; `period` is the one whose purchases tell where spend comes from (None: none do)."""
    enterprises = supply.supplying(catalogue)
    position = {row.id: at for at, row in enumerate(enterprises)}
    parties = Parties({row.id: row for row in catalogue.enterprises}, supply.cluster_keys(catalogue), position)
    suppliers = supply.suppliers(catalogue, enterprises)
    cluster_rows = sorted(catalogue.clusters, key=lambda row: row.code)
    clusters = supply.clusters(cluster_rows)
    product_rows = sorted(catalogue.products, key=lambda row: row.code)
    cluster_position = {row.id: at for at, row in enumerate(cluster_rows)}
    products = demand.products(product_rows, parties.enterprises, cluster_position, clusters)
    snapshot = Snapshot(
        as_of=as_of,
        cursor=cursor,
        suppliers=suppliers,
        certificates=supply.certificates(catalogue.certificates, position),
        capabilities=supply.capabilities(supply.offered(catalogue, position), position, suppliers),
        clusters=clusters,
        products=products,
    )
    found = _demand(snapshot, catalogue, policy, parties, period)
    return _decided(replace(snapshot, lines=found.lines, incumbents=found.incumbents), decisions)


def _demand(
    snapshot: Snapshot, catalogue: Catalogue, policy: Policy, parties: Parties, period: Period | None
) -> Demand:
    products = {UUID(row.id): at for at, row in enumerate(snapshot.products)}
    ledger = _ledger(catalogue.purchases, period)
    found = Demand([], [])
    for need in _ordered(catalogue.needs, products, snapshot.products):
        product = products[need.product_id]
        spend = demand.spend_of(need, policy.basis)
        anchor = _anchor(snapshot, snapshot.products[product], policy)
        split = demand.split(spend, demand.bought(ledger.of(need), parties), anchor, policy)
        at = len(found.lines)
        found.lines.append(
            demand.line(need, product, snapshot.products[product].key, spend, split, policy, snapshot.as_of)
        )
        found.incumbents.extend(demand.incumbents(at, spend, need, ledger, parties))
    return found


def _ordered(needs: list[MirrorNeed], position: dict[UUID, int], products: list[Product]) -> list[MirrorNeed]:
    """The needs in the order of their natural keys; one whose product is gone asks for nothing."""
    living = [row for row in needs if row.product_id in position]
    return sorted(living, key=lambda row: (products[position[row.product_id]].key, row.part_code))


def _ledger(purchases: Iterable[MirrorPurchase], period: Period | None) -> Ledger:
    by_part: dict[tuple[UUID | None, str], list[MirrorPurchase]] = defaultdict(list)
    related: dict[UUID | None, set[UUID]] = defaultdict(set)
    for row in purchases:
        if row.related_party and row.supplier_id is not None:
            related[row.leader_id].add(row.supplier_id)
        if period is not None and period.contains(row.period):
            by_part[row.leader_id, row.part_code].append(row)
    return Ledger(by_part, {leader: frozenset(suppliers) for leader, suppliers in related.items()})


def _anchor(snapshot: Snapshot, product: Product, policy: Policy) -> Anchor:
    cluster = None if product.cluster is None else snapshot.clusters[product.cluster]
    if cluster is None:
        return Anchor(product.leader_region, home_province=policy.home_province)
    return Anchor(product.leader_region, cluster.cities, cluster.key, policy.home_province)


def _decided(snapshot: Snapshot, decisions: Decisions) -> Snapshot:
    """Approved suggestions as commitments, rejected pairs as exclusions; what no longer exists is left out."""
    lines = {row.key: at for at, row in enumerate(snapshot.lines)}
    offers = {row.key: at for at, row in enumerate(snapshot.capabilities)}
    suppliers = {row.key: at for at, row in enumerate(snapshot.suppliers)}
    rows, commitments = list(snapshot.lines), defaultdict[tuple[int, int], int](int)
    for approved in decisions.approved:
        at, offer = lines.get(approved.line_key), offers.get(approved.capability_key)
        if at is None or offer is None:
            continue
        # what purchases of a later period show as local already cannot be moved a second time
        amount = min(approved.amount, rows[at].outside + rows[at].unknown)
        rows[at] = demand.commit(rows[at], amount)
        commitments[at, offer] += amount
    exclusions = {
        (lines[row.line_key], suppliers[row.supplier_key]): row.reason
        for row in decisions.rejected
        if row.line_key in lines and row.supplier_key in suppliers
    }
    return replace(
        snapshot,
        lines=rows,
        commitments=[Commitment(*pair, amount) for pair, amount in sorted(commitments.items()) if amount],
        exclusions=[Exclusion(*pair, reason) for pair, reason in sorted(exclusions.items())],
    )
