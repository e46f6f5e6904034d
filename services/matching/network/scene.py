"""A run's supply as one actor sees it."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

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

    def question(self, verb: str, **more: object) -> dict[str, object]:
        """A question to the resident engine about this supply."""
        lines = None if len(self.supply.lines) == len(self.view.snapshot.lines) else list(self.supply.lines)
        return {"verb": verb, "stage": self.stage, "lines": lines, **more}


def scene_of(session: Session, actor: Actor, run_id: UUID, stage: Stage) -> Scene:
    """The supply that the actor may see. A leader learns of suggested suppliers when their suggestion is approved."""
    view = view_of(session, actor, run_id)
    if stage is Stage.SUGGESTED and not view.names_suppliers:
        raise forbidden("建议的供应商在审核通过后才向链主公开；请按“当前采购”或“已批准”查看。")
    return Scene(view, stage, supply_of(view.snapshot, view.plan, view.policy, stage, view.lines))
