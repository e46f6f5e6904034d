"""Use cases of the gaps: why a run's spend stays outside, line by line, and what would raise the rate."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from services.matching.engine.plan import CapacityValue, Funnel, NearMiss, Rule
from services.matching.engine.what_if.capacity import MOST_TRIED
from services.matching.engine.what_if.cures import MOST_SETS
from services.matching.gaps import remedies, wire
from services.matching.gaps.labels import RULE_LABELS
from services.matching.gaps.remedy_schemas import CapacityValuesOut, CureSetsOut
from services.matching.gaps.rules import By, diagnose, most_removed
from services.matching.gaps.schemas import (
    DiagnosisOut,
    DiagnosisRow,
    FunnelOut,
    LeversOut,
    LineOut,
    NearMissOut,
    ProductsOut,
    Removed,
)
from services.matching.gaps.sentences import line_sentence
from services.matching.gaps.view import View, view_of
from services.matching.rates import service as rates
from services.matching.rates.definition import Period, Stage
from services.matching.rates.schemas import DefinitionOut
from shared.codes.regions import city_of
from shared.http.paging import PageOf, part_of
from shared.http.problems import not_found
from shared.security.actor import Actor

AS_RECORDED = "以匹配任务的快照和方案为准，不反映其后的审核与导入。"
SOUGHT = f"只列最优方案距目标差额最大的至多 {MOST_SETS} 个；其余可在推演中逐个求。"
TRIED = f"逐项重新求解；只试算在最优方案中承接金额最大的 {MOST_TRIED} 项供给能力，未列出的再增产能不增加配套。"


@dataclass(frozen=True)
class NearMissFilter:
    """Which near misses are asked for; all that is set must hold."""

    rule: Rule | None = None
    product: UUID | None = None
    supplier: UUID | None = None
    city: str | None = None

    def keeps(self, view: View, near: NearMiss) -> bool:
        """Whether a near miss is one of those."""
        if self.rule is not None and near.rule != self.rule:
            return False
        supplier = view.snapshot.suppliers[near.supplier]
        if self.supplier is not None and UUID(supplier.id) != self.supplier:
            return False
        if self.city is not None and (city_of(supplier.region) if supplier.region else None) != self.city:
            return False
        return self.product is None or self._is_of_product(view, near)

    def _is_of_product(self, view: View, near: NearMiss) -> bool:
        return UUID(view.snapshot.products[view.snapshot.lines[near.line].product].id) == self.product


def diagnosis(session: Session, actor: Actor, run_id: UUID, by: By, after: str | None, limit: int) -> DiagnosisOut:
    """Where every 元 of the run is, by cluster, product or line; a page of it with the total of all."""
    view = view_of(session, actor, run_id)
    rows = view.diagnoses(by)
    shown, following = part_of(rows, after, limit)
    return DiagnosisOut(
        run=run_id,
        by=by,
        unit=wire.unit_of(view),
        items=[wire.diagnosis_row(view, row, of_line=by is By.LINE) for row in shown],
        total=wire.diagnosis_row(view, view.diagnosis()),
        next=following,
    )


def diagnosis_of(session: Session, actor: Actor, run_id: UUID, by: By, key: str) -> DiagnosisRow | None:
    """Where every 元 of one group is; None where there is no such group."""
    view = view_of(session, actor, run_id)
    row = next((row for row in view.diagnoses(by) if row.group.key == key), None)
    return None if row is None else wire.diagnosis_row(view, row)


def lines_of(session: Session, actor: Actor, run_id: UUID, product_key: str) -> list[DiagnosisRow]:
    """Where every 元 of one product's lines is, as far as the actor sees them."""
    view = view_of(session, actor, run_id)
    lines, products = view.snapshot.lines, view.snapshot.products
    own = [at for at in view.lines if products[lines[at].product].key == product_key]
    rows = diagnose(view.snapshot, view.plan, By.LINE, own)
    return [wire.diagnosis_row(view, row, of_line=True) for row in rows]


def line(session: Session, actor: Actor, run_id: UUID, need_id: UUID) -> LineOut:
    """One line of a run: its diagnosis, its funnel with a sentence, and the pairs, where the actor may know them."""
    view = view_of(session, actor, run_id)
    at = next((at for at in view.lines if view.snapshot.lines[at].id == str(need_id)), None)
    if at is None:
        raise not_found("零部件需求", need_id)
    funnel = next(row for row in view.plan.funnels if row.line == at)
    near = [row for row in view.plan.near_misses if row.line == at]
    taken = [row for row in view.plan.suggestions if row.line == at]
    counted = wire.counted_by_product(view)
    return LineOut(
        run=run_id,
        unit=wire.unit_of(view),
        diagnosis=wire.diagnosis_row(view, diagnose(view.snapshot, view.plan, By.LINE, [at])[0], of_line=True),
        funnel=_funnel(funnel),
        sentence=line_sentence(view.snapshot, view.plan, at, view.policy.basis),
        taken=[wire.taken_out(view, row) for row in taken] if view.names_suppliers else None,
        near_misses=[wire.near_miss_out(view, row, counted) for row in near] if view.names_suppliers else None,
    )


def near_misses(
    session: Session, actor: Actor, run_id: UUID, wanted: NearMissFilter, after: str | None, limit: int
) -> PageOf[NearMissOut]:
    """The pairs that one rule alone blocks: those that bring most first, then by their potential."""
    view = view_of(session, actor, run_id)
    seen = set(view.lines)
    found = [row for row in view.plan.near_misses if row.line in seen and wanted.keeps(view, row)]
    gains = {id(row): wire.gain_of(view, row) for row in found}
    found.sort(key=lambda row: (-(gains[id(row)] or 0), -row.potential, row.line, row.capability))
    shown, following = part_of(found, after, limit)
    counted = wire.counted_by_product(view)
    return PageOf(items=[wire.near_miss_out(view, row, counted) for row in shown], next=following)


def levers(session: Session, actor: Actor, run_id: UUID) -> LeversOut:
    """What curing near misses together would bring, the longest lever first."""
    view = view_of(session, actor, run_id)
    counted = wire.counted_by_cluster(view)
    return LeversOut(
        run=run_id,
        unit=wire.unit_of(view),
        definition=definition_of(view, Stage.SUGGESTED),
        items=[wire.lever_out(view, lever, counted) for lever in view.levers()],
    )


def cure_sets(session: Session, actor: Actor, run_id: UUID, by: By) -> CureSetsOut:
    """The smallest sets of cures that the run found, by product or cluster, for those that lack most."""
    view = view_of(session, actor, run_id)
    rows = view.plan.cluster_cures if by is By.CLUSTER else view.plan.cures
    return CureSetsOut(
        run=run_id,
        by=by,
        unit=wire.unit_of(view),
        definition=definition_of(view, Stage.ATTAINABLE),
        items=[remedies.cure_set_out(view, row) for row in remedies.seen_cure_sets(view, rows)],
        notes=[AS_RECORDED, SOUGHT],
    )


def capacity_values(
    session: Session, actor: Actor, run_id: UUID, supplier: UUID | None, after: str | None, limit: int
) -> CapacityValuesOut:
    """The capabilities of which more capacity brings something to what is seen, the most first."""
    view = view_of(session, actor, run_id)
    found = [row for row in view.plan.capacity_values if _is_of(view, row, supplier) and _brings(view, row)]
    found.sort(key=lambda row: -remedies.seen_gain(view, row))
    shown, following = part_of(found, after, limit)
    counted = wire.counted_by_cluster(view)
    return CapacityValuesOut(
        run=run_id,
        unit=wire.unit_of(view),
        definition=definition_of(view, Stage.ATTAINABLE),
        items=[remedies.capacity_value_out(view, row, counted) for row in shown],
        next=following,
        notes=[AS_RECORDED, TRIED],
    )


def _is_of(view: View, row: CapacityValue, supplier: UUID | None) -> bool:
    owner = view.snapshot.capabilities[row.capability].supplier
    return supplier is None or UUID(view.snapshot.suppliers[owner].id) == supplier


def _brings(view: View, row: CapacityValue) -> bool:
    """Whether anything comes of it for what is seen; a single 元 is told to those who see everything."""
    return remedies.seen_gain(view, row) > 0 or (view.clusters is None and row.step_gain > 0)


def products(session: Session, actor: Actor, run_id: UUID, by: By) -> ProductsOut:
    """Per product or cluster: spend, local now, approved, suggested, attainable and greedy, with the definitions."""
    view = view_of(session, actor, run_id)
    rows = view.totals(by)
    return ProductsOut(
        run=run_id,
        by=by,
        unit=wire.unit_of(view),
        definitions=_definitions(view, by),
        items=[wire.totals_row(view, row, of_product=by is By.PRODUCT) for row in rows],
        total=wire.totals_row(view, view.total()),
        notes=[AS_RECORDED],
    )


def _definitions(view: View, by: By) -> dict[str, DefinitionOut]:
    stages = {
        "local_now": Stage.LOCAL_NOW,
        "approved": Stage.APPROVED,
        "suggested": Stage.SUGGESTED,
        "attainable_joint": Stage.ATTAINABLE,
    }
    found = {name: definition_of(view, stage) for name, stage in stages.items()}
    if by is By.PRODUCT:
        found["attainable_alone"] = definition_of(view, Stage.ATTAINABLE, alone=True)
    return found


def definition_of(view: View, stage: Stage, *, alone: bool = False) -> DefinitionOut:
    """The definition of a rate of the run. Without purchases to tell origins it is of the period of the run's day."""
    period = Period.parse(view.snapshot.period or str(view.snapshot.as_of.year))
    return rates.definition_of_run(view.policy, period, view.run_id, stage, alone=alone)


def _funnel(funnel: Funnel) -> FunnelOut:
    return FunnelOut(
        retrieved=funnel.retrieved,
        eligible=funnel.eligible,
        taken=funnel.taken,
        removed=[Removed(rule=rule, label=RULE_LABELS[rule], count=count) for rule, count in most_removed(funnel)],
        class_guessed=funnel.class_guessed,
    )
