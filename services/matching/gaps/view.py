"""What of a run an actor may see: the lines of its own products or clusters, and whether suppliers are named to it."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar
from uuid import UUID

from sqlmodel import Session

from services.matching.engine.plan import Lever, Plan
from services.matching.engine.policy import Policy
from services.matching.engine.snapshot import Product, Snapshot
from services.matching.gaps.rules import (
    By,
    Diagnosis,
    DiagnosisMismatch,
    Totals,
    check,
    diagnose,
    diagnose_all,
    totals,
    totals_all,
)
from services.matching.mirror.service import MirrorEnterprise
from services.matching.runs import service as runs
from services.matching.runs.freeze.keys import party_key
from shared.http.problems import Problem
from shared.security.actor import Actor, Role

T = TypeVar("T")
Kept = dict[tuple[str, By | None], object]

#: The last few plans, each of which adds up, and what was counted of all its lines: a record never changes.
_CHECKED: deque[tuple[Plan, Kept]] = deque(maxlen=3)


@dataclass(frozen=True)
class View:
    """A run as one actor sees it. `lines` are positions; a leader learns of suppliers only by approved suggestions."""

    run_id: UUID
    snapshot: Snapshot
    plan: Plan
    policy: Policy
    lines: list[int]
    clusters: frozenset[int] | None
    names_suppliers: bool
    kept: Kept = field(default_factory=dict, repr=False)

    def diagnoses(self, by: By) -> list[Diagnosis]:
        """Where the spend of the seen lines is, by what is asked for."""
        if by is By.LINE:
            return diagnose(self.snapshot, self.plan, by, self.lines)
        return self.once(("diagnoses", by), lambda: diagnose(self.snapshot, self.plan, by, self.lines))

    def diagnosis(self) -> Diagnosis:
        """Where the spend of all seen lines is."""
        return self.once(("diagnoses", None), lambda: diagnose_all(self.snapshot, self.plan, self.lines))

    def totals(self, by: By) -> list[Totals]:
        """The way from now to attainable of the products or clusters that are seen."""
        return self.once(("totals", by), lambda: totals(self.snapshot, self.plan, by, self.lines))

    def total(self) -> Totals:
        """The seen products' way together."""
        return self.once(("totals", None), lambda: totals_all(self.snapshot, self.plan, self.lines))

    def once(self, what: tuple[str, By | None], count: Callable[[], T]) -> T:
        """What was counted before of the same lines under that name, or is now; nobody may change it."""
        if what not in self.kept:
            self.kept[what] = count()
        return self.kept[what]  # type: ignore[return-value]

    def seen(self) -> frozenset[int]:
        """The seen lines, to be asked for one."""
        return self.once(("seen", None), lambda: frozenset(self.lines))

    def levers(self) -> list[Lever]:
        """The levers, reduced to what they bring to the clusters that are seen."""
        if self.clusters is None:
            return self.plan.levers
        found = []
        for lever in self.plan.levers:
            own = {at: gain for at, gain in lever.cluster_gain.items() if at in self.clusters}
            if any(own.values()):
                found.append(replace(lever, cluster_gain=own, gain=sum(own.values())))
        return sorted(found, key=lambda lever: -lever.gain)


def view_of(session: Session, actor: Actor, run_id: UUID) -> View:
    """The run as `actor` sees it. A diagnosis that does not add up is a 500 Problem: it is never shown."""
    snapshot, plan, policy = runs.plan_of(session, actor, run_id)
    kept = _kept_of_checked(run_id, snapshot, plan)
    products = None if actor.sees_everything else _products(session, actor, snapshot)
    return View(
        run_id=run_id,
        snapshot=snapshot,
        plan=plan,
        policy=policy,
        lines=[at for at, line in enumerate(snapshot.lines) if products is None or line.product in products],
        clusters=None if actor.sees_everything else _clusters(actor, snapshot),
        names_suppliers=actor.role is not Role.CHAIN_LEADER,
        kept=kept if actor.sees_everything else {},
    )


def _kept_of_checked(run_id: UUID, snapshot: Snapshot, plan: Plan) -> Kept:
    """What is kept of a plan, which is checked the first time that it is seen."""
    for known, kept in tuple(_CHECKED):
        if known is plan:
            return kept
    try:
        check(snapshot, plan)
    except DiagnosisMismatch as error:
        detail = f"任务 {run_id} 的诊断与其快照不符，不予显示：{error}"
        raise Problem(500, "diagnosis-mismatch", "诊断结果不自洽", detail) from error
    kept = {}
    _CHECKED.append((plan, kept))
    return kept


def _products(session: Session, actor: Actor, snapshot: Snapshot) -> set[int]:
    """The positions of the products that an actor may see who does not see all."""
    if actor.role is Role.CLUSTER_ORGANISATION:
        seen = _clusters(actor, snapshot)
        return {at for at, row in enumerate(snapshot.products) if row.cluster in seen}
    leader = session.get(MirrorEnterprise, actor.enterprise_id) if actor.role is Role.CHAIN_LEADER else None
    return {at for at, row in enumerate(snapshot.products) if leader and _is_of(row, leader)}


def _is_of(product: Product, leader: MirrorEnterprise) -> bool:
    """By the natural key: a re-import gives other ids."""
    return product.leader_key == party_key(leader)


def _clusters(actor: Actor, snapshot: Snapshot) -> frozenset[int]:
    ids = {str(cluster) for cluster in actor.cluster_ids}
    return frozenset(at for at, row in enumerate(snapshot.clusters) if row.id in ids)
