"""Use cases of the supply network: draw it, and say what hangs on a firm, a part, a place."""

from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import Session

from services.matching.engine.supply_graph.communities import communities
from services.matching.engine.supply_graph.concentration import (
    HIGH,
    MODERATE,
    GroupedBy,
    concentration,
    whole,
)
from services.matching.engine.supply_graph.drawing import Focus, drawing
from services.matching.engine.supply_graph.sources import single_sources
from services.matching.engine.supply_graph.supply import Stage
from services.matching.engine.supply_graph.tiers import firm_graph, tiers
from services.matching.network import wire
from services.matching.network.answers import read_critical, read_outage
from services.matching.network.community_wire import communities_out
from services.matching.network.scene import Scene, scene_of
from services.matching.network.schemas import (
    CommunitiesOut,
    ConcentrationsOut,
    CriticalFirmsOut,
    NetworkOut,
    OutageOut,
    SingleSourcesOut,
    Thresholds,
    TiersOut,
)
from services.matching.what_if import service as what_if
from services.matching.what_if.engine_process import ResidentEngine
from shared.codes.regions import full_name, region
from shared.http.problems import FieldError, Problem, not_found
from shared.security.actor import Actor

Found = TypeVar("Found")

THRESHOLDS = Thresholds(
    moderate=MODERATE,
    high=HIGH,
    source="美国司法部与联邦贸易委员会《合并指南》（2023）：1800 以上为高度集中；1000–1800 为中度集中。仅作参照。",
)
CUT_SHORT = "同时失去的 k 家：计算量已达上限，其余几家按可能停供的上限选取。"
BOUNDED = (
    "替代方为按该任务口径合格的本地候选，以其余量为限，不设单家上限与最低份额；"
    "未登记的替代来源不计，停供额因此只会偏高，不会偏低。"
)


@dataclass(frozen=True)
class Wanted:
    """What a picture is to be about; all that is set must hold."""

    product: UUID | None = None
    leader: UUID | None = None
    supplier: UUID | None = None
    city: str | None = None


def network(session: Session, actor: Actor, run_id: UUID, stage: Stage, wanted: Wanted, limit: int) -> NetworkOut:
    """The picture of what is wanted, with at most `limit` nodes; it says how much of it is shown."""
    scene = scene_of(session, actor, run_id, stage)
    return wire.network_out(scene, drawing(scene.supply, _focus(scene, wanted), limit))


def sources(session: Session, actor: Actor, run_id: UUID, stage: Stage, limit: int) -> SingleSourcesOut:
    """The lines with one source, the greatest amount at stake first."""
    scene = scene_of(session, actor, run_id, stage)
    found = single_sources(scene.supply)
    unsure = sum(not row.certain for row in found)
    return SingleSourcesOut(
        **wire.head(scene, [f"其中 {unsure} 条另有来源不明的采购，不能断定只有一家。"] if unsure else []),
        lines=len(found),
        amount=sum(row.amount for row in found),
        items=[wire.source_out(scene, row) for row in found[:limit]],
    )


def critical(
    session: Session, engine: ResidentEngine, actor: Actor, run_id: UUID, stage: Stage, k: int
) -> CriticalFirmsOut:
    """The k firms whose loss stops most, each by itself, and k whose joint loss is great, by solving again."""
    scene = scene_of(session, actor, run_id, stage)
    found, together = read_critical(_asked(session, engine, scene, scene.question("critical", k=k)))
    return CriticalFirmsOut(
        **wire.head(scene, [BOUNDED] if together.complete else [BOUNDED, CUT_SHORT]),
        k=k,
        firms=found.firms,
        solved=found.solved,
        items=[wire.critical_out(scene, row) for row in found.found],
        together=wire.worst_set_out(scene, together),
    )


def concentrations(
    session: Session, actor: Actor, run_id: UUID, stage: Stage, by: GroupedBy, limit: int
) -> ConcentrationsOut:
    """How concentrated the supply is, by part, leader or region, and in all."""
    scene = scene_of(session, actor, run_id, stage)
    found, everything = concentration(scene.supply, by), whole(scene.supply)
    return ConcentrationsOut(
        **wire.head(scene, ["指数只按写明供应商的部分计算；least 与 most 给出计入来源不明部分后的范围。"]),
        by=by,
        groups=len(found),
        items=[wire.concentration_out(scene, row, by) for row in found[:limit]],
        total=None if everything is None else wire.concentration_out(scene, everything, None),
        thresholds=THRESHOLDS,
    )


def goes_out(
    session: Session, engine: ResidentEngine, actor: Actor, run_id: UUID, stage: Stage, code: str
) -> OutageOut:
    """What stops when all suppliers of a region are gone. A 422 Problem for a code that is no region's."""
    if region(code) is None:
        error = FieldError(pointer="/region", detail="请使用六位行政区划代码。", code="region", location="query")
        raise Problem(422, "unknown-region", "没有这个行政区划", f"代码 {code} 不在行政区划表中。", [error])
    scene = scene_of(session, actor, run_id, stage)
    found = read_outage(_asked(session, engine, scene, scene.question("outage", region=code)))
    return wire.outage_out(scene, found, code, full_name(code), BOUNDED)


def _asked(session: Session, engine: ResidentEngine, scene: Scene, question: dict[str, object]) -> Any:
    """The resident engine's answer; the connection goes back before it is asked."""
    session.rollback()
    return what_if.ask(engine, scene.view, question)[0]


def tiered(session: Session, actor: Actor, run_id: UUID, stage: Stage, limit: int) -> TiersOut:
    """The firms by how far they stand behind the leaders at the end of their chains."""
    scene = scene_of(session, actor, run_id, stage)
    return wire.tiers_out(scene, tiers(firm_graph(scene.supply)), limit)


def grouped(session: Session, actor: Actor, run_id: UUID, stage: Stage, limit: int) -> CommunitiesOut:
    """Groups of firms that trade with each other most, with the trades among the greatest firms to draw."""
    scene = scene_of(session, actor, run_id, stage)
    graph = firm_graph(scene.supply)
    return communities_out(scene, graph, communities(graph), limit)


def _focus(scene: Scene, wanted: Wanted) -> Focus:
    """The wanted things as the engine names them; a 404 Problem for what the actor does not see in this run."""
    snapshot, lines = scene.view.snapshot, scene.view.lines
    seen = sorted({snapshot.lines[at].product for at in lines})
    products = {UUID(snapshot.products[at].id): at for at in seen}
    leaders = {UUID(row.leader_id): row.leader_key for row in map(snapshot.products.__getitem__, seen) if row.leader_id}
    supplying = set(scene.supply.supplier.tolist())
    suppliers = {UUID(snapshot.suppliers[at].id): at for at in supplying}
    return Focus(
        product=_named("主导产品", products, wanted.product),
        leader=_named("链主企业", leaders, wanted.leader),
        supplier=_named("供应商", suppliers, wanted.supplier),
        region=wanted.city,
    )


def _named(what: str, known: dict[UUID, Found], wanted: UUID | None) -> Found | None:
    if wanted is None:
        return None
    if wanted not in known:
        raise not_found(what, wanted)
    return known[wanted]
