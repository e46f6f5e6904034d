"""From what the engine found in a supply network to its wire models."""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from services.matching.engine.policy import Basis
from services.matching.engine.supply_graph.concentration import HIGH, MODERATE, Concentration, GroupedBy
from services.matching.engine.supply_graph.critical import CriticalFirm
from services.matching.engine.supply_graph.drawing import Drawing, Extent, Node
from services.matching.engine.supply_graph.interdiction import WorstSet
from services.matching.engine.supply_graph.losses import Loss
from services.matching.engine.supply_graph.outage import Damage, Outage
from services.matching.engine.supply_graph.sources import SingleSource
from services.matching.engine.supply_graph.supply import place_of
from services.matching.engine.supply_graph.tiers import TieredFirm
from services.matching.network.scene import Scene
from services.matching.network.schemas import (
    ConcentrationOut,
    CriticalFirmOut,
    DamageOut,
    ExtentOut,
    Firm,
    Level,
    LinkOut,
    LostLine,
    NetworkOut,
    NodeOut,
    OutageOut,
    PartLine,
    SingleSourceOut,
    TierRow,
    TiersOut,
    WorstSetOut,
)
from shared.codes.regions import city_of, region, short_name

Key = TypeVar("Key")

WORST_LINES = 10


def head(scene: Scene, notes: list[str]) -> dict[str, Any]:
    """The fields of every answer."""
    return {"run": scene.view.run_id, "stage": scene.stage, "unit": unit_of(scene), "notes": notes}


def unit_of(scene: Scene) -> str:
    """What the run's amounts count."""
    return "项" if scene.view.policy.basis is Basis.LINES else "元"


def network_out(scene: Scene, picture: Drawing) -> NetworkOut:
    """A picture."""
    shown, total = picture.shown, picture.total
    part = f"图中有 {shown.lines} / {total.lines} 条零部件、{shown.suppliers} / {total.suppliers} 家供应商。"
    return NetworkOut(
        **head(scene, [part] if shown != total else []),
        nodes=[_node(row) for row in picture.nodes],
        links=[LinkOut(source=r.source, target=r.target, stage=r.stage, amount=r.amount) for r in picture.links],
        shown=_extent(shown),
        total=_extent(total),
    )


def source_out(scene: Scene, row: SingleSource) -> SingleSourceOut:
    """A line with one source."""
    return SingleSourceOut(
        line=part_line(scene, row.line),
        supplier=firm(scene, row.supplier),
        amount=row.amount,
        spend=scene.view.snapshot.lines[row.line].spend,
        unnamed=row.unnamed,
        certain=row.certain,
    )


def critical_out(scene: Scene, row: CriticalFirm) -> CriticalFirmOut:
    """A firm's loss with its worst lines and a sentence."""
    who, loss, unit = firm(scene, row.supplier), row.loss, unit_of(scene)
    back = loss.supplied - loss.stopped
    return CriticalFirmOut(
        firm=who,
        supplied=loss.supplied,
        recovered=back,
        stopped=loss.stopped,
        least=row.cut,
        together=row.together,
        lines=len(loss.line),
        worst=_worst(scene, loss),
        sentence=f"若{who.name}停供：其供应的 {loss.supplied} {unit}中，他家可接 {back} {unit}，"
        f"停供 {loss.stopped} {unit}",
    )


def worst_set_out(scene: Scene, found: WorstSet) -> WorstSetOut:
    """Firms whose joint loss is great."""
    firms = [firm(scene, at) for at in found.suppliers]
    return WorstSetOut(firms=firms, stopped=found.stopped, at_most=found.at_most)


def concentration_out(scene: Scene, row: Concentration, by: GroupedBy | None) -> ConcentrationOut:
    """A group's concentration; without `by`, that of everything."""
    first = scene.view.snapshot.lines[row.lines[0]]
    leader = scene.view.snapshot.products[first.product].leader_name
    return ConcentrationOut(
        key=row.key[-1] if row.key else None,
        name=_group_name(row, by, first.part_name, leader),
        leader_name=leader if by in (GroupedBy.PART, GroupedBy.LEADER) else None,
        named=row.named,
        unnamed=row.unnamed,
        count=row.count,
        suppliers=row.suppliers,
        cities=row.cities,
        least=row.least,
        most=row.most,
        level=Level.HIGH if row.suppliers > HIGH else Level.MODERATE if row.suppliers >= MODERATE else Level.LOW,
        greatest=firm(scene, row.greatest),
        lines=len(row.lines),
    )


def outage_out(scene: Scene, out: Outage, code: str, name: str, note: str) -> OutageOut:
    """A region's outage with a sentence."""
    loss, unit = out.loss, unit_of(scene)
    coarse = f"另有 {len(out.coarse)} 家供应商的所在地只登记到更大的区域，未计入停供。"
    back = loss.supplied - loss.stopped
    return OutageOut(
        **head(scene, [note, coarse] if out.coarse else [note]),
        region=code,
        region_name=name,
        suppliers=[firm(scene, at) for at in out.suppliers],
        coarse=len(out.coarse),
        lost=loss.supplied,
        recovered=back,
        stopped=loss.stopped,
        clusters=_clusters(scene, out.by_cluster(scene.supply)),
        products=_products(scene, out.by_product),
        sentence=f"若{name}的 {len(out.suppliers)} 家供应商全部停供：{loss.supplied} {unit}中，他处可接 {back} {unit}，"
        f"停供 {loss.stopped} {unit}",
    )


def tiers_out(scene: Scene, found: list[TieredFirm], limit: int) -> TiersOut:
    """The firms by tier."""
    names = names_of(scene)
    rows = [
        TierRow(key=r.firm, name=names[r.firm], tier=r.tier, in_circle=r.in_circle, buys=r.buys, sells=r.sells)
        for r in found[:limit]
    ]
    depth = max((row.tier for row in found), default=0)
    return TiersOut(**head(scene, []), depth=depth, firms=len(found), items=rows)


def names_of(scene: Scene) -> dict[str, str]:
    """The names of leaders and suppliers by key."""
    snapshot = scene.view.snapshot
    names = {row.leader_key: row.leader_name or "" for row in snapshot.products if row.leader_key}
    return names | {row.key: row.name for row in snapshot.suppliers}


def firm(scene: Scene, supplier: int) -> Firm:
    """A supplier with its city."""
    row = scene.view.snapshot.suppliers[supplier]
    city = _city(place_of(row))
    return Firm(id=UUID(row.id), key=row.key, name=row.name, city=city, city_name=short_name(city) if city else None)


def part_line(scene: Scene, at: int) -> PartLine:
    """A line with its product and leader."""
    row = scene.view.snapshot.lines[at]
    product = scene.view.snapshot.products[row.product]
    return PartLine(
        need_id=UUID(row.id),
        key=row.key,
        part_name=row.part_name,
        product_name=product.name,
        leader_name=product.leader_name,
    )


def _worst(scene: Scene, loss: Loss) -> list[LostLine]:
    rows = zip(loss.line.tolist(), loss.lost.tolist(), loss.recovered.tolist(), strict=True)
    ordered = sorted(rows, key=lambda row: (row[2] - row[1], -row[1], row[0]))
    return [
        LostLine(line=part_line(scene, line), lost=lost, recovered=back, stopped=lost - back)
        for line, lost, back in ordered[:WORST_LINES]
    ]


def _group_name(row: Concentration, by: GroupedBy | None, part: str, leader: str | None) -> str:
    if by is GroupedBy.REGION:
        code = row.key[0]
        return short_name(code) if code and region(code) else "所在市不明"
    names = {GroupedBy.PART: part, GroupedBy.LEADER: leader or "未写明链主"}
    return "合计" if by is None else names[by]


def _clusters(scene: Scene, damage: Mapping[int | None, Damage]) -> list[DamageOut]:
    rows = scene.view.snapshot.clusters
    return [
        _damage(row, "未归入集群") if at is None else _damage(row, rows[at].name, rows[at].key, rows[at].id)
        for at, row in _by_stopped(damage)
    ]


def _products(scene: Scene, damage: Mapping[int, Damage]) -> list[DamageOut]:
    rows = scene.view.snapshot.products
    return [_damage(row, rows[at].name, rows[at].key, rows[at].id) for at, row in _by_stopped(damage)]


def _by_stopped(damage: Mapping[Key, Damage]) -> list[tuple[Key, Damage]]:
    """The worst first; equal ones as they came, which is the order of their first line."""
    return sorted(damage.items(), key=lambda item: (-item[1].stopped, -item[1].lost))


def _damage(row: Damage, name: str, key: str | None = None, uuid: str | None = None) -> DamageOut:
    return DamageOut(
        key=key,
        id=None if uuid is None else UUID(uuid),
        name=name,
        lost=row.lost,
        recovered=row.recovered,
        stopped=row.stopped,
    )


def _node(row: Node) -> NodeOut:
    uuid = None if row.uuid is None else UUID(row.uuid)
    return NodeOut(
        id=row.id,
        kind=row.kind,
        key=row.key,
        name=row.name,
        uuid=uuid,
        city=_city(row.region),
        amount=row.amount,
        unnamed=row.unnamed,
    )


def _city(place: str | None) -> str | None:
    return city_of(place) if place else None


def _extent(row: Extent) -> ExtentOut:
    return ExtentOut(lines=row.lines, suppliers=row.suppliers, spend=row.spend)
