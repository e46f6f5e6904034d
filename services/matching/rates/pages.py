"""Pages of the rates: the board by any definition and over time, and two definitions side by side.

A definition is saved from the board that shows it: the address says its terms, the form its name.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query, Response
from sqlmodel import Session

from services.matching.engine.policy import Basis, Scope
from services.matching.rates import comparing, history, saved, service
from services.matching.rates.api import Reader, Reviewer
from services.matching.rates.asking import BOARD, Asked, read_asked
from services.matching.rates.definition import EXCLUSIONS, By, Stage
from services.matching.rates.history import Course
from services.matching.rates.schemas import (
    ComparisonIn,
    OccasionOut,
    RateRow,
    SavedIn,
    SavedOut,
    SideIn,
    TermsIn,
)
from shared.http.paging import After, part_of
from shared.http.problems import Problem
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role
from shared.ui.forms import UNTYPED, Form, Typed, parsed, refusals
from shared.ui.screens import Screen, View, page_router

router = page_router(BOARD)

InForm = Annotated[Asked, Depends(read_asked)]
_OCCASIONS = 24
_BARS = 24
_ROWS = 100
"""Rows of the table on a page; the export has them all."""
_LINES = 8
_CHOICES: dict[str, Any] = {
    "bys": list(By),
    "bases": list(Basis),
    "scopes": list(Scope),
    "stages": list(Stage),
    "exclusions": EXCLUSIONS,
}


@router.get("")
def show_rates(view: Screen, actor: Reader, session: DbSession, asked: InForm, after: After = None) -> Response:
    """The rates by the definition that the form says, as a picture and a table, and how they have become so."""
    return _board(view, session, actor, asked, after=after)


@router.post("")
def save_definition(view: Screen, actor: Reviewer, session: DbSession, asked: InForm, form: Form) -> Response:
    """Save the definition that the address says with the name that the form says."""
    try:
        wanted = parsed(SavedIn, {"name": form["name"], "terms": asked.to_save()})
        saved.save(session, actor, wanted, datetime.now(UTC))
    except Problem as problem:
        session.rollback()
        return _board(view, session, actor, asked, form, problem)
    return view.go(asked.address(), said="saved")


@router.get("/definitions/{definition_id}")
def open_definition(view: Screen, _: Reader, session: DbSession, definition_id: UUID, by: By = By.CLUSTER) -> Response:
    """The board by a saved definition, as it says today."""
    return view.go(Asked.of(saved.terms_of(session, definition_id), by).address())


@router.post("/definitions/{definition_id}/retirement")
def retire_definition(
    view: Screen, actor: Reviewer, session: DbSession, definition_id: UUID, asked: InForm, form: Form
) -> Response:
    """Forget a saved definition; the board stays as it is."""
    try:
        saved.retire(session, definition_id, form.version)
    except Problem as problem:
        session.rollback()
        return _board(view, session, actor, asked, UNTYPED, problem)
    return view.go(asked.address(), said="retired")


@router.get("/comparison")
def show_comparison(
    view: Screen,
    actor: Reader,
    session: DbSession,
    by: By = By.CLUSTER,
    left: Annotated[str, Query(max_length=80)] = "actual/value/cluster",
    right: Annotated[str, Query(max_length=80)] = "suggested/value/cluster",
    period: Annotated[str | None, Query(max_length=6)] = None,
) -> Response:
    """The same groups by two definitions; each is a saved one or a stage, a basis and a scope."""
    wanted, compared, problem = None, None, None
    try:
        wanted = ComparisonIn(by=by, left=_side(left, period), right=_side(right, period))
        compared = comparing.compare(session, actor, wanted)
    except Problem as refused:
        problem = refused
    chosen = [side.terms for side in (wanted.left, wanted.right) if side.terms] if wanted else []
    return view.show(
        "rates/comparison",
        problem.status if problem else 200,
        compared=compared,
        problem=problem,
        asked={"by": by, "left": left, "right": right, "period": period},
        sides=_sides([(each.stage, each.basis, each.scope) for each in chosen]),
        kept=saved.list_saved(session),
        exported=[_exported(side, by) for side in (wanted.left, wanted.right)] if compared and wanted else [],
        bys=list(By),
    )


def _board(
    view: View,
    session: Session,
    actor: Actor,
    asked: Asked,
    typed: Typed = UNTYPED,
    refused: Problem | None = None,
    after: str | None = None,
) -> Response:
    rates, course, problem = None, None, refused
    try:
        rates = service.rates(session, actor, asked.question())
        course = _course(session, actor, asked)
    except Problem as meaningless:
        problem = problem or meaningless
    rows = rates.rows if rates else []
    drawn, (shown, following) = _greatest(rows), part_of(rows, after, _ROWS)
    kept = saved.list_saved(session)
    opened = _opened(kept, asked) if rates else None
    wrong = refusals(problem)
    if problem and problem.kind == saved.NAME_TAKEN:
        wrong["name"] = problem.detail
    return view.show(
        "rates/board",
        problem.status if problem else 200,
        asked=asked,
        rates=rates,
        drawn=drawn,
        bars=_bars(drawn),
        shown=shown,
        after=after,
        following=following,
        course=course,
        kept=kept,
        opened=opened,
        side=str(opened.id) if opened else f"{asked.stage}/{asked.basis}/{asked.scope}",
        saves=actor.role is Role.REVIEWER and not actor.changes_nothing,
        typed=typed,
        problem=problem,
        wrong=wrong,
        export=urlencode(asked.of_api()),
        export_history=urlencode({name: said for name, said in asked.of_api().items() if name != "run"}),
        **_CHOICES,
    )


def _opened(kept: Sequence[SavedOut], asked: Asked) -> SavedOut | None:
    """The saved definition that the form says, if one does."""
    terms = asked.terms()
    return next((each for each in kept if each.terms.terms() == terms), None)


def _sides(chosen: Sequence[tuple[Stage, Basis, Scope]]) -> list[tuple[str, Stage, Basis, Scope]]:
    """What can be chosen for a side beside the saved definitions: what is usual, and what was chosen."""
    usual = _usual_sides()
    offered = dict.fromkeys([*usual, *chosen])
    return [(f"{stage}/{basis}/{scope}", stage, basis, scope) for stage, basis, scope in offered]


def _usual_sides() -> list[tuple[Stage, Basis, Scope]]:
    """What is usually compared; what says a radius or counts what is usually left out is saved first."""
    scopes = (Scope.CLUSTER, Scope.CITY, Scope.PROVINCE)
    actual = [(Stage.ACTUAL, basis, scope) for basis in Basis for scope in scopes]
    return actual + [(stage, Basis.VALUE, Scope.CLUSTER) for stage in Stage if stage is not Stage.ACTUAL]


def _side(text: str, period: str | None) -> SideIn:
    """One side as the form says it: `stage/basis/scope`, or the id of a saved definition."""
    stage, _, rest = text.partition("/")
    basis, _, scope = rest.partition("/")
    if not rest:
        return parsed(SideIn, {"definition": text})
    terms = parsed(TermsIn, {"stage": stage, "basis": basis, "scope": scope, "period": period})
    return SideIn(terms=terms)


def _exported(side: SideIn, by: By) -> tuple[str, str]:
    """Where the list of one side is exported: its address and its query."""
    if side.terms is None:
        return f"/matching/v1/rates/definitions/{side.definition}/rates", urlencode({"by": by})
    return "/matching/v1/rates", urlencode(Asked.of(side.terms.terms(), by).of_api())


def _greatest(rows: Sequence[RateRow]) -> list[RateRow]:
    """As many as a picture holds, those with the greatest totals, in the order of all."""
    greatest = sorted(range(len(rows)), key=lambda at: rows[at].denominator, reverse=True)[:_BARS]
    return [rows[at] for at in sorted(greatest)]


def _bars(drawn: Sequence[RateRow]) -> dict[str, Any]:
    """The rows as bars in per cent, with the target where all have the same."""
    targets = {row.target for row in drawn}
    target = targets.pop() if len(targets) == 1 else None
    return {
        "kind": "bars",
        "unit": "%",
        "places": 1,
        "categories": [row.name for row in drawn],
        "series": [{"name": "", "values": [_percent(row.rate) for row in drawn]}],
        "target": _percent(target),
    }


def _course(session: Session, actor: Actor, asked: Asked) -> dict[str, Any] | None:
    """The points over time that these terms have left, oldest first; None where there are none that the actor sees."""
    try:
        found = history.list_points(session, actor, Course(asked.terms(), asked.by), None, _OCCASIONS, greatest=_LINES)
    except Problem:
        return None
    occasions = [occasion for _, occasion in reversed(found)]
    return _lines(occasions) if len(occasions) > 1 else None


def _lines(occasions: list[OccasionOut]) -> dict[str, Any]:
    """The groups' shares at each occasion, the greatest first."""
    newest = sorted(occasions[-1].rows, key=lambda row: row.denominator, reverse=True)
    told = [{row.key: row.rate for row in occasion.rows} for occasion in occasions]
    return {
        "kind": "lines",
        "unit": "%",
        "places": 1,
        "occasions": occasions,
        "categories": [occasion.at.isoformat() for occasion in occasions],
        "series": [{"name": row.name, "values": [_percent(rates.get(row.key)) for rates in told]} for row in newest],
    }


def _percent(share: Decimal | None) -> float | None:
    """A share as per cent for a picture, where a float is enough."""
    return None if share is None else round(float(share) * 100, 2)
