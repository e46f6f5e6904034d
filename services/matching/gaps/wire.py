"""From diagnoses, near misses, levers and totals to their wire models."""

from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from services.matching.engine.plan import Evidence, Lever, NearMiss, SpendClass, Suggestion
from services.matching.engine.policy import Basis
from services.matching.gaps.labels import CLASS_LABELS, RULE_LABELS
from services.matching.gaps.rules import By as GroupedBy
from services.matching.gaps.rules import Diagnosis, Totals
from services.matching.gaps.schemas import (
    ClusterGain,
    DiagnosisRow,
    EvidenceOut,
    LeverOut,
    NearMissOut,
    Part,
    Party,
    ProductRow,
    Shares,
    TakenOut,
    evidence_out,
)
from services.matching.gaps.sentences import lever_sentence, near_sentence, what_is_lacking
from services.matching.gaps.view import View
from shared.codes.regions import city_of, region, short_name

TARGET_SCALE = 10_000
"""Targets in a snapshot are whole 1/10000."""


def unit_of(view: View) -> str:
    """What the run's amounts count."""
    return "项" if view.policy.basis is Basis.LINES else "元"


def diagnosis_row(view: View, row: Diagnosis, *, of_line: bool = False) -> DiagnosisRow:
    """A diagnosis; that of a line says which part of which product it is."""
    found = DiagnosisRow(
        key=row.group.key,
        id=None if row.group.id is None else UUID(row.group.id),
        name=row.group.name,
        spend=row.spend,
        parts=_parts(row.classes),
        unknown_reasons=_parts(row.unknown_reasons),
    )
    return found.model_copy(update=_line_columns(view, row.lines[0])) if of_line else found


def near_miss_out(view: View, near: NearMiss, counted: dict[int, int]) -> NearMissOut:
    """A near miss with its sentence; `counted` is the rate's denominator by product position."""
    line, capability = view.snapshot.lines[near.line], view.snapshot.capabilities[near.capability]
    product = view.snapshot.products[line.product]
    return NearMissOut(
        need_id=UUID(line.id),
        line=line.key,
        part_name=line.part_name,
        product=product.key,
        product_name=product.name,
        supplier=party(view, near.supplier),
        capability_id=UUID(capability.id),
        capability_name=capability.name,
        rule=near.rule,
        label=RULE_LABELS[near.rule],
        lacking=what_is_lacking(line, near),
        evidence=_evidence(near.evidence),
        score=near.score,
        potential=near.potential,
        gain=gain_of(view, near),
        product_points=_product_points(near, line.product, counted),
        sentence=near_sentence(view.snapshot, near, view.policy.basis),
    )


def gain_of(view: View, near: NearMiss) -> int | None:
    """What curing a near miss brings, exactly, to all that is seen; None where it was not tried."""
    if near.gain is None or view.clusters is None:
        return near.gain
    return sum(gain for at, gain in near.product_gain.items() if view.snapshot.products[at].cluster in view.clusters)


def _product_points(near: NearMiss, product: int, counted: dict[int, int]) -> Decimal | None:
    """What that adds to the rate of the line's own product."""
    return None if near.gain is None else points_of(near.product_gain.get(product, 0), counted.get(product, 0))


def taken_out(view: View, row: Suggestion) -> TakenOut:
    """A pair of the plan."""
    capability = view.snapshot.capabilities[row.capability]
    return TakenOut(
        supplier=party(view, row.supplier),
        capability_id=UUID(capability.id),
        capability_name=capability.name,
        amount=row.amount,
        score=row.score,
        evidence=[_evidence(item) for item in row.evidence],
    )


def lever_out(view: View, lever: Lever, counted: dict[int | None, int]) -> LeverOut:
    """A lever with its sentence; `counted` is the rate's denominator by cluster position."""
    city = lever.city if lever.city and region(lever.city) else None
    return LeverOut(
        rule=lever.rule,
        label=RULE_LABELS[lever.rule],
        what=lever.what,
        city=lever.city,
        city_name=None if city is None else short_name(city),
        suppliers=[party(view, at) for at in lever.suppliers],
        gain=lever.gain,
        clusters=cluster_gains(view, lever.cluster_gain, counted),
        sentence=lever_sentence(view.snapshot, lever, counted, view.policy.basis),
    )


def cluster_gains(view: View, gains: dict[int, int], counted: dict[int | None, int]) -> list[ClusterGain]:
    """What something brings by cluster position, the most first; `counted` is the rate's denominator."""
    rows = [(view.snapshot.clusters[at], gain, counted.get(at, 0)) for at, gain in _most_first(gains)]
    return [
        ClusterGain(key=row.key, id=UUID(row.id), name=row.name, gain=gain, points=points_of(gain, whole))
        for row, gain, whole in rows
    ]


def _most_first(gains: dict[int, int]) -> list[tuple[int, int]]:
    found = [(at, gain) for at, gain in gains.items() if gain]
    return sorted(found, key=lambda item: (-item[1], item[0]))


def counted_by_cluster(view: View) -> dict[int | None, int]:
    """The rate's denominator of each cluster that is seen, by position."""
    clusters = {row.key: at for at, row in enumerate(view.snapshot.clusters)}
    rows = view.totals(GroupedBy.CLUSTER)
    return {None if row.group.key is None else clusters[row.group.key]: row.counted for row in rows}


def counted_by_product(view: View) -> dict[int, int]:
    """The rate's denominator of each product that is seen, by position."""
    return {row.products[0]: row.counted for row in view.totals(GroupedBy.PRODUCT)}


def totals_row(view: View, row: Totals, *, of_product: bool = False) -> ProductRow:
    """The totals of a product, a cluster or all."""
    base = row.local_now + row.approved
    projected = base + row.suggested
    target = None if row.target is None else Decimal(row.target) / TARGET_SCALE
    found = ProductRow(
        key=row.group.key,
        id=None if row.group.id is None else UUID(row.group.id),
        name=row.group.name,
        target=target,
        spend=row.spend,
        excluded=row.excluded,
        counted=row.counted,
        unknown=row.unknown,
        local_now=row.local_now,
        approved=row.approved,
        suggested=row.suggested,
        projected=projected,
        attainable_joint=row.attainable_joint,
        attainable_alone=row.attainable_alone if of_product else None,
        greedy=row.greedy,
        rates=_shares(row, base),
        reached=None if row.target is None else projected * TARGET_SCALE >= row.target * row.counted > 0,
    )
    return found.model_copy(update=_product_columns(view, row.products[0])) if of_product else found


def party(view: View, supplier: int) -> Party:
    """A supplier with the short name of its city."""
    row = view.snapshot.suppliers[supplier]
    city = city_of(row.region) if row.region else None
    return Party(id=UUID(row.id), key=row.key, name=row.name, city=None if city is None else short_name(city))


def _parts(classes: dict[SpendClass, int]) -> list[Part]:
    return [Part(name=name, label=CLASS_LABELS[name], amount=amount) for name, amount in classes.items()]


def _evidence(row: Evidence) -> EvidenceOut:
    return evidence_out(row, RULE_LABELS[row.rule])


def _line_columns(view: View, at: int) -> dict[str, str | None]:
    line = view.snapshot.lines[at]
    product = view.snapshot.products[line.product]
    return {
        "part_code": line.part_code,
        "product": product.key,
        "product_name": product.name,
        **_product_columns(view, line.product),
    }


def _product_columns(view: View, at: int) -> dict[str, str | None]:
    product = view.snapshot.products[at]
    cluster = None if product.cluster is None else view.snapshot.clusters[product.cluster]
    return {
        "leader_name": product.leader_name,
        "cluster": None if cluster is None else cluster.key,
        "cluster_name": None if cluster is None else cluster.name,
    }


def points_of(gain: int, counted: int) -> Decimal | None:
    """Percentage points of a rate, cut to two places; None without denominator."""
    return None if not counted else Decimal(int(Fraction(gain * 10_000, counted))) / 100


def _shares(row: Totals, base: int) -> Shares:
    alone = row.attainable_alone
    return Shares(
        local_now=share_of(row.local_now, row.counted),
        approved=share_of(base, row.counted),
        suggested=share_of(base + row.suggested, row.counted),
        attainable_joint=share_of(base + row.attainable_joint, row.counted),
        attainable_alone=None if alone is None else share_of(base + alone, row.counted),
        greedy=share_of(base + row.greedy, row.counted),
    )


def share_of(part: int, counted: int) -> Decimal | None:
    """A share of 1, rounded down, so that no target is reached by rounding; None without denominator."""
    return Decimal(int(Fraction(part * 10**6, counted))).scaleb(-6) if counted else None
