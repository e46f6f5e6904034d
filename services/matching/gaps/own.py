"""What stands between a supplier and more orders: its own near misses, told so that no buyer can be told from them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session

from services.matching.engine.plan import NearMiss, Rule
from services.matching.engine.policy import Basis
from services.matching.engine.snapshot import Snapshot
from services.matching.gaps.labels import RULE_LABELS
from services.matching.gaps.sentences import what_is_lacking
from services.matching.mirror.service import MirrorEnterprise
from services.matching.runs import service as runs
from services.matching.runs.freeze.keys import party_key
from services.matching.suggestions.bands import band
from shared.db.acting import SERVICE
from shared.security.actor import Actor

LEAST_LEADERS = 3
"""A band is told only where at least so many leaders are behind it: fewer could be told from it."""


@dataclass(frozen=True)
class OwnObstacle:
    """One rule that alone keeps capabilities of the supplier out: `what` is asked for (None where that tells a price).

    `demand`: between how many 元 a year the most that its cure could bring lies; None: some.
    """

    rule: Rule
    label: str
    what: str | None
    capabilities: tuple[str, ...]
    demand: tuple[Decimal, Decimal] | None


def own_obstacles(session: Session, actor: Actor, run_id: UUID) -> list[OwnObstacle]:
    """The near misses of the actor's own enterprise in a run, by what is lacking; those with a known demand first.

    The run is read as the service: a supplier may see neither a run nor whose lines these are.
    """
    firm = session.get(MirrorEnterprise, actor.enterprise_id) if actor.enterprise_id else None
    if firm is None:
        return []
    snapshot, plan, policy = runs.plan_of(session, SERVICE, run_id)
    key = party_key(firm)
    own = [row for row in plan.near_misses if snapshot.suppliers[row.supplier].key == key]
    by_value = policy.basis is Basis.VALUE
    found = [_obstacle(snapshot, *each, by_value=by_value) for each in _by_lack(snapshot, own).items()]
    return sorted(found, key=lambda each: (-each.demand[0] if each.demand else 0, each.rule, each.what or ""))


Lack = tuple[Rule, str | None]


def _by_lack(snapshot: Snapshot, own: Iterable[NearMiss]) -> Mapping[Lack, list[NearMiss]]:
    """The near misses by what is lacking; what price was asked is nobody's to know."""
    found: dict[Lack, list[NearMiss]] = defaultdict(list)
    for row in own:
        what = None if row.rule is Rule.PRICE else what_is_lacking(snapshot.lines[row.line], row)
        found[row.rule, what].append(row)
    return found


def _obstacle(snapshot: Snapshot, lack: Lack, rows: list[NearMiss], *, by_value: bool) -> OwnObstacle:
    rule, what = lack
    most: dict[int, int] = {}
    for row in rows:
        most[row.line] = max(most.get(row.line, 0), row.potential)
    leaders = {snapshot.products[snapshot.lines[at].product].leader_key for at in most} - {None}
    told = by_value and len(leaders) >= LEAST_LEADERS and sum(most.values()) > 0
    names = dict.fromkeys(snapshot.capabilities[row.capability].name for row in rows)
    return OwnObstacle(
        rule=rule,
        label=RULE_LABELS[rule],
        what=what,
        capabilities=tuple(names),
        demand=band(Decimal(sum(most.values()))) if told else None,
    )
