"""Pages of the gaps: why spend stays outside, as amounts that add up, what would raise the rate, line by line."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Response

from services.matching.engine.plan import Rule, SpendClass
from services.matching.gaps import service
from services.matching.gaps.api import Overseer, TotalsBy, read_filter
from services.matching.gaps.labels import RULE_LABELS
from services.matching.gaps.rules import AFTER_UNKNOWN, By
from services.matching.gaps.schemas import DiagnosisRow
from services.matching.gaps.service import NearMissFilter
from services.matching.runs import service as runs
from services.matching.suggestions.rules import may_propose
from shared.http.paging import After
from shared.http.sessions import DbSession
from shared.ui.screens import Screen, page_router

router = page_router("/matching")

Group = Annotated[str | None, Query(max_length=200)]
Wanted = Annotated[NearMissFilter, Depends(read_filter)]
GROUPS = (By.CLUSTER, By.PRODUCT, By.LEADER, By.CITY, By.CLASS)
SHOWN = 50
"""Rows of a table on a page; the export has them all."""
LISTED = 20
"""Levers, and cures of one set, on a page."""
_LOST = (SpendClass.UNKNOWN_NOT_MOVED, *AFTER_UNKNOWN)


@router.get("/gaps")
def show_newest(view: Screen, session: DbSession, actor: Overseer) -> Response:
    """The gaps of the run that succeeded last; where runs are started if none did."""
    newest = runs.newest_result(session, actor)
    return view.go(f"/matching/runs/{newest}/gaps" if newest else "/matching/runs")


@router.get("/runs/{run_id}/gaps")
def show_gaps(
    view: Screen, session: DbSession, actor: Overseer, run_id: UUID, by: By = By.CLUSTER, of: Group = None
) -> Response:
    """The diagnosis of all, or of one group, and what would raise the rate."""
    by = by if by in GROUPS else By.CLUSTER
    found = service.diagnosis(session, actor, run_id, by, None, SHOWN)
    row = service.diagnosis_of(session, actor, run_id, by, of) if of else None
    kind = TotalsBy.PRODUCT if by is By.PRODUCT else TotalsBy.CLUSTER
    cures = service.cure_sets(session, actor, run_id, By(kind))
    return view.show(
        "gaps/gaps",
        run_id=run_id,
        by=by,
        groups=GROUPS,
        diagnosis=found,
        row=row or found.total,
        chosen=row,
        steps=_steps(row or found.total),
        shown=SHOWN,
        listed=LISTED,
        levers=service.levers(session, actor, run_id),
        cures=cures,
        cures_by=kind,
        capacity=service.capacity_values(session, actor, run_id, None, None, SHOWN),
    )


@router.get("/runs/{run_id}/near-misses")
def show_near_misses(
    view: Screen, session: DbSession, actor: Overseer, run_id: UUID, wanted: Wanted, after: After = None
) -> Response:
    """The pairs that one rule alone blocks, under filters."""
    page = service.near_misses(session, actor, run_id, wanted, after, SHOWN)
    rules = [(rule, label) for rule, label in RULE_LABELS.items() if rule in _CURABLE]
    values: dict[str, Any] = {
        "page": page,
        "wanted": wanted,
        "rules": rules,
        "after": after,
        "proposes": may_propose(actor),
    }
    return view.show("gaps/near_misses", run_id=run_id, **values)


@router.get("/runs/{run_id}/lines/{need_id}")
def show_line(view: Screen, session: DbSession, actor: Overseer, run_id: UUID, need_id: UUID) -> Response:
    """One line: where its spend is, how it was searched, who is in it, and who is one step away."""
    line = service.line(session, actor, run_id, need_id)
    values: dict[str, Any] = {"line": line, "steps": _steps(line.diagnosis), "proposes": may_propose(actor)}
    return view.show("gaps/line", run_id=run_id, need_id=need_id, **values)


_CURABLE = (Rule.CERTIFICATE, Rule.PARAMETER, Rule.MOQ, Rule.LEAD_TIME, Rule.PRICE)


def _steps(row: DiagnosisRow) -> dict[str, Any]:
    """What counts, what each reason takes from it, and what is left: amounts of the run that add up."""
    amounts = {part.name: part for part in row.parts}
    lost = [amounts[name] for name in _LOST if name in amounts and amounts[name].amount]
    counted = row.spend - sum(part.amount for part in row.parts if part.name is SpendClass.EXCLUDED)
    return {"counted": counted, "lost": lost, "reached": counted - sum(part.amount for part in lost)}
