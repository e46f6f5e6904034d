"""What a run's supply is exposed to: ready to be asked what stops when firms are gone, or a region."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.matching.engine.plan import Plan
from services.matching.engine.policy import Policy
from services.matching.engine.snapshot import Snapshot
from services.matching.engine.supply_graph.alternatives import Eligible, alternatives
from services.matching.engine.supply_graph.critical import CriticalFirms, critical_firms
from services.matching.engine.supply_graph.interdiction import WorstSet, worst_set
from services.matching.engine.supply_graph.losses import Alternatives
from services.matching.engine.supply_graph.outage import Outage, outage
from services.matching.engine.supply_graph.supply import Stage, Supply, supply_of


@dataclass(frozen=True)
class Perils:
    """A run: its snapshot, policy and plan, and the eligible pairs among which others are sought."""

    snapshot: Snapshot
    policy: Policy
    plan: Plan
    pairs: Eligible

    def critical(self, stage: Stage, lines: Sequence[int] | None, k: int) -> tuple[CriticalFirms, WorstSet]:
        """The k firms whose loss stops most of these lines (None: all), each alone; and k that do so together."""
        supply, others = self._scene(stage, lines)
        found = critical_firms(supply, others, k)
        return found, worst_set(supply, others, k, [row.supplier for row in found.found])

    def outage(self, stage: Stage, lines: Sequence[int] | None, region: str) -> Outage:
        """What stops of these lines when all suppliers of a region (code) are gone."""
        return outage(*self._scene(stage, lines), region)

    def _scene(self, stage: Stage, lines: Sequence[int] | None) -> tuple[Supply, Alternatives]:
        seen = range(len(self.snapshot.lines)) if lines is None else lines
        supply = supply_of(self.snapshot, self.plan, self.policy, stage, seen)
        return supply, alternatives(self.snapshot, self.plan, self.policy, stage, self.pairs)
