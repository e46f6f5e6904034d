"""A snapshot out of the mirror's rows and people's decisions, every table in the order of its natural keys."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.matching.engine.judgement.facts import anchor_of
from services.matching.engine.locality import Locality, locality
from services.matching.engine.policy import Policy
from services.matching.engine.snapshot import Commitment, Exclusion, Incumbent, Line, Product, Proposal, Snapshot
from services.matching.mirror.service import Catalogue, MirrorNeed, MirrorPurchase
from services.matching.rates.definition import Period
from services.matching.rates.related import Kinship
from services.matching.runs.freeze import demand, supply
from services.matching.runs.freeze.demand import Ledger, Parties
from services.matching.runs.freeze.preferences import preferences
from services.matching.suggestions.rules import Decisions, Placed
from shared.processes.collector import collector_held


@dataclass(frozen=True)
class Demand:
    """The lines with who supplies them now."""

    lines: list[Line]
    incumbents: list[Incumbent]


def newest_year(purchases: Iterable[MirrorPurchase]) -> Period | None:
    """The period whose purchases tell where spend comes from: the newest year with any."""
    years = {int(row.period[:4]) for row in purchases}
    return Period(max(years)) if years else None


@collector_held()
def build_snapshot(catalogue: Catalogue, decisions: Decisions, policy: Policy, as_of: date, cursor: str) -> Snapshot:
    """Freeze the input of a run."""
    period = newest_year(catalogue.purchases)
    enterprises = supply.supplying(catalogue)
    position = {row.id: at for at, row in enumerate(enterprises)}
    parties = Parties({row.id: row for row in catalogue.enterprises}, supply.cluster_keys(catalogue), position)
    suppliers = supply.suppliers(catalogue, enterprises, as_of)
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
        period=None if period is None else str(period),
    )
    found = _demand(snapshot, catalogue, policy, parties, period)
    said = preferences(catalogue.preferences, found.lines, products, position, as_of)
    demanded = replace(snapshot, lines=found.lines, incumbents=found.incumbents, preferences=said)
    return _decided(demanded, decisions, policy)


def _demand(
    snapshot: Snapshot, catalogue: Catalogue, policy: Policy, parties: Parties, period: Period | None
) -> Demand:
    products = {UUID(row.id): at for at, row in enumerate(snapshot.products)}
    ledger = _ledger(catalogue, period, snapshot.as_of)
    found = Demand([], [])
    for need in _ordered(catalogue.needs, products, snapshot.products):
        product = products[need.product_id]
        spend = demand.spend_of(need, policy.basis)
        anchor = anchor_of(snapshot.products[product], snapshot.clusters, policy)
        split = demand.split(spend, demand.bought(ledger.of(need), parties, ledger.kinship), anchor, policy)
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


def _ledger(catalogue: Catalogue, period: Period | None, as_of: date) -> Ledger:
    by_part: dict[tuple[UUID | None, str], list[MirrorPurchase]] = defaultdict(list)
    related: dict[UUID | None, set[UUID]] = defaultdict(set)
    kinship = Kinship(catalogue.relations)
    today = kinship.on(as_of)
    for leader in {row.leader_id for row in catalogue.needs if row.leader_id is not None}:
        related[leader].update(today.related(leader))
    for row in catalogue.purchases:
        if row.related_party and row.supplier_id is not None:
            related[row.leader_id].add(row.supplier_id)
        if period is not None and period.contains(row.period):
            by_part[row.leader_id, row.part_code].append(row)
    return Ledger(by_part, {leader: frozenset(suppliers) for leader, suppliers in related.items()}, kinship)


def _decided(snapshot: Snapshot, decisions: Decisions, policy: Policy) -> Snapshot:
    """What people decided, and what is still proposed, as positions; what no longer exists is left out."""
    lines = {row.key: at for at, row in enumerate(snapshot.lines)}
    suppliers = {row.key: at for at, row in enumerate(snapshot.suppliers)}
    exclusions = {
        (lines[row.line_key], suppliers[row.supplier_key]): row.reason
        for row in decisions.rejected
        if row.line_key in lines and row.supplier_key in suppliers
    }
    committed, commitments = _committed(snapshot, decisions.approved, policy, lines)
    return replace(
        snapshot,
        lines=committed,
        commitments=[Commitment(*pair, amount) for pair, amount in sorted(commitments.items()) if amount],
        exclusions=[Exclusion(*pair, reason) for pair, reason in sorted(exclusions.items())],
        proposals=_proposals(snapshot, decisions.proposed, lines),
    )


def _proposals(snapshot: Snapshot, proposed: Iterable[Placed], position: dict[str, int]) -> list[Proposal]:
    """What the last run proposed and nobody has decided yet."""
    offers = {row.key: at for at, row in enumerate(snapshot.capabilities)}
    amounts: dict[tuple[int, int], int] = defaultdict(int)
    for row in proposed:
        at, offer = position.get(row.line_key), offers.get(row.capability_key)
        if at is not None and offer is not None:
            amounts[at, offer] += row.amount
    return [Proposal(*pair, amount) for pair, amount in sorted(amounts.items())]


def _committed(
    snapshot: Snapshot, approved: Iterable[Placed], policy: Policy, position: dict[str, int]
) -> tuple[list[Line], dict[tuple[int, int], int]]:
    """The lines with what approved suggestions moved, and how much by (line, capability)."""
    offers = {row.key: at for at, row in enumerate(snapshot.capabilities)}
    lines, amounts = list(snapshot.lines), defaultdict[tuple[int, int], int](int)
    for decision in approved:
        at, offer = position.get(decision.line_key), offers.get(decision.capability_key)
        if at is None or offer is None or not _is_local(snapshot, lines[at], offer, policy):
            continue
        # what purchases of a later period show as local already cannot be moved a second time
        amount = min(decision.amount, lines[at].outside + lines[at].unknown)
        lines[at] = demand.commit(lines[at], amount)
        amounts[at, offer] += amount
    return lines, amounts


def _is_local(snapshot: Snapshot, line: Line, offer: int, policy: Policy) -> bool:
    """A suggestion approved in a wider scope moves nothing to local in a narrower one."""
    supplier = snapshot.suppliers[snapshot.capabilities[offer].supplier]
    anchor = anchor_of(snapshot.products[line.product], snapshot.clusters, policy)
    return locality(policy.scope, supplier.region, supplier.cluster_keys, anchor) is Locality.LOCAL
