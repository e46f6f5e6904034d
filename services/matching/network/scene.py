"""A run's supply as one actor sees it, with who else could make what; kept for the few runs read last."""

from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from services.matching.engine.supply_graph.alternatives import Eligible, alternatives, eligible_pairs
from services.matching.engine.supply_graph.losses import Alternatives
from services.matching.engine.supply_graph.supply import Stage, Supply, supply_of
from services.matching.gaps.view import View, view_of
from shared.http.problems import forbidden
from shared.security.actor import Actor


@dataclass(frozen=True)
class Scene:
    """The supply of the seen lines, counted up to a stage."""

    view: View
    stage: Stage
    supply: Supply

    def others(self) -> Alternatives:
        """Who else could make the lines, and what they have to spare. The candidates are searched for once per run."""
        view = self.view
        return alternatives(view.snapshot, view.plan, view.policy, self.stage, _PAIRS.of(view))


def scene_of(session: Session, actor: Actor, run_id: UUID, stage: Stage) -> Scene:
    """The supply that the actor may see. A leader learns of suggested suppliers when their suggestion is approved."""
    view = view_of(session, actor, run_id)
    if stage is Stage.SUGGESTED and not view.names_suppliers:
        raise forbidden("建议的供应商在审核通过后才向链主公开；请按“当前采购”或“已批准”查看。")
    return Scene(view, stage, supply_of(view.snapshot, view.plan, view.policy, stage, view.lines))


class _Pairs:
    """The candidates of the few runs asked for last: a run's snapshot never changes, so neither do they."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[UUID, Eligible] = OrderedDict()

    def of(self, view: View) -> Eligible:
        """The candidates of a run."""
        found = self._kept.get(view.run_id) or eligible_pairs(view.snapshot, view.policy)
        self._kept[view.run_id] = found
        self._kept.move_to_end(view.run_id)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return found


_PAIRS = _Pairs(most=3)
