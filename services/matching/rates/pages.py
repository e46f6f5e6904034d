"""Pages of the rates: the board by any definition and over time, and two definitions side by side."""

from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Query, Response
from sqlmodel import Session

from services.matching.engine.policy import Basis, Scope
from services.matching.rates import comparing, history, saved, service
from services.matching.rates.api import Reader
from services.matching.rates.asking import Asked, read_asked
from services.matching.rates.definition import EXCLUSIONS, By, Stage
from services.matching.rates.history import Course
from services.matching.rates.schemas import ComparisonIn, OccasionOut, RatesOut, SideIn, TermsIn
from shared.http.problems import Problem
from shared.http.sessions import DbSession
from shared.security.actor import Actor
from shared.ui.forms import parsed, refusals
from shared.ui.screens import Screen, page_router

router = page_router("/matching/rates")

_OCCASIONS = 24
_BARS = 24
_LINES = 8
_CHOICES: dict[str, Any] = {
    "bys": list(By),
    "bases": list(Basis),
    "scopes": list(Scope),
    "stages": list(Stage),
    "exclusions": EXCLUSIONS,
}


@router.get("")
def show_rates(
    view: Screen, actor: Reader, session: DbSession, asked: Annotated[Asked, Depends(read_asked)]
) -> Response:
    """The rates by the definition that the form says, as a picture and a table, and how they have become so."""
    try:
        rates = service.rates(session, actor, asked.question())
        problem, course = None, _course(session, actor, asked)
    except Problem as refused:
        rates, problem, course = None, refused, None
    return view.show(
        "rates/board",
        problem.status if problem else 200,
        asked=asked,
        rates=rates,
        bars=_bars(rates) if rates else None,
        course=course,
        problem=problem,
        wrong=refusals(problem),
        export=urlencode(asked.of_api()),
        **_CHOICES,
    )


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
    try:
        wanted = ComparisonIn(by=by, left=_side(left, period), right=_side(right, period))
        compared, problem = comparing.compare(session, actor, wanted), None
    except Problem as refused:
        compared, problem = None, refused
    sides = [(f"{stage}/{basis}/{scope}", stage, basis, scope) for stage, basis, scope in _usual_sides()]
    return view.show(
        "rates/comparison",
        problem.status if problem else 200,
        compared=compared,
        problem=problem,
        asked={"by": by, "left": left, "right": right, "period": period},
        sides=sides,
        kept=saved.list_saved(session),
        bys=list(By),
    )


def _usual_sides() -> list[tuple[Stage, Basis, Scope]]:
    """What is usually compared; other definitions are saved first."""
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


def _bars(rates: RatesOut) -> dict[str, Any]:
    """The rows as bars in per cent, with the target where all have the same; where they are many, the greatest."""
    greatest = sorted(rates.rows, key=lambda row: row.denominator, reverse=True)[:_BARS]
    drawn = [row for row in rates.rows if row in greatest]
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
        found = history.list_points(session, actor, Course(asked.terms(), asked.by), None, _OCCASIONS)
    except Problem:
        return None
    occasions = [occasion for _, occasion in reversed(found)]
    return _lines(occasions) if len(occasions) > 1 else None


def _lines(occasions: list[OccasionOut]) -> dict[str, Any]:
    """The greatest groups' shares at each occasion."""
    newest = sorted(occasions[-1].rows, key=lambda row: row.denominator, reverse=True)[:_LINES]
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
