"""Pages of the runs: the list, starting one, how it goes, what came of it, and two beside each other."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Response

from services.matching.engine.policy import Basis, Mode, Policy, Scope
from services.matching.gaps import service as gaps
from services.matching.gaps.rules import By
from services.matching.runs import service
from services.matching.runs.rules import FINISHED, RunStatus
from services.matching.runs.schemas import RunOut, RunRequest
from shared.http.auth import require
from shared.http.paging import After, page_of
from shared.http.problems import Problem
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role
from shared.ui.forms import UNTYPED, Form, Typed, parsed, refusals
from shared.ui.screens import Screen, View, page_router

router = page_router("/matching/runs")

Overseer = Annotated[Actor, Depends(require(Role.REVIEWER, Role.CLUSTER_ORGANISATION))]
Requester = Annotated[Actor, Depends(require(Role.REVIEWER))]
One = Annotated[UUID, Query()]
PAGE = 20
SETTINGS = ("mode", "basis", "scope", "radius_km", "mode_target", "supplier_cap", "minimum_share", "newcomer_share")
"""What the form asks of a policy; the rest is as usual, or said over the API."""


@router.get("")
def show_runs(view: Screen, session: DbSession, actor: Overseer, after: After = None) -> Response:
    """The runs, the newest first, and the form that starts one."""
    return _runs(view, session, actor, after)


@router.post("")
def start_run(view: Screen, session: DbSession, actor: Requester, form: Form) -> Response:
    """Start a run, and go to where it can be watched."""
    try:
        asked = parsed(RunRequest, {"policy": _given(form), "note": form["note"]})
        run = service.request_run(session, actor, asked.policy.given(), asked.note, datetime.now(UTC))
    except Problem as problem:
        session.rollback()
        return _runs(view, session, actor, None, problem, form)
    return view.go(f"/matching/runs/{run.id}", said="started")


@router.get("/comparison")
def compare_runs(view: Screen, session: DbSession, actor: Overseer, a: One, b: One) -> Response:
    """Two runs beside each other: what they were told, what came of them, the rates by cluster."""
    runs = [RunOut.of(service.get_run(session, actor, each), actor) for each in (a, b)]
    tables = [gaps.products(session, actor, each, By.CLUSTER) for each in (a, b)]
    names = {row.key: row.name for table in tables for row in table.items}
    rows = [{row.key: row for row in table.items} for table in tables]
    told = [_flat(run.policy) for run in runs]
    differing = [name for name in told[0] | told[1] if told[0].get(name) != told[1].get(name)]
    return view.show(
        "runs/comparison",
        runs=runs,
        told=[(name, told[0].get(name), told[1].get(name)) for name in differing],
        rows=[(name, rows[0].get(key), rows[1].get(key)) for key, name in names.items()],
        totals=[table.total for table in tables],
        definition=tables[0].definitions["suggested"],
        unit=tables[0].unit,
    )


@router.get("/{run_id}")
def show_run(view: Screen, session: DbSession, actor: Overseer, run_id: UUID) -> Response:
    """One run: how it goes, by which policy, and what came of it."""
    return _run(view, session, actor, run_id)


@router.get("/{run_id}/progress")
def show_progress(view: Screen, session: DbSession, actor: Overseer, run_id: UUID) -> Response:
    """The part of the page that moves; when the run has ended the whole page is to be read anew."""
    run = RunOut.of(service.get_run(session, actor, run_id), actor)
    headers = {"HX-Refresh": "true"} if run.status in FINISHED else {}
    return view.show("runs/progress", headers=headers, run=run, ended=run.status in FINISHED)


@router.post("/{run_id}/cancellation")
def cancel_run(view: Screen, session: DbSession, actor: Requester, run_id: UUID) -> Response:
    """Stop a run that has not ended."""
    try:
        service.cancel_run(session, actor, run_id, datetime.now(UTC))
    except Problem as problem:
        if problem.status == 404:
            raise
        session.rollback()
        return _run(view, session, actor, run_id, problem)
    return view.go(f"/matching/runs/{run_id}", said="cancelled")


def _runs(
    view: View,
    session: DbSession,
    actor: Actor,
    after: str | None,
    problem: Problem | None = None,
    typed: Typed = UNTYPED,
) -> Response:
    views = service.list_runs(session, actor, after, PAGE)
    page = page_of(views, PAGE, lambda each: [each.run.id], lambda each: RunOut.of(each, actor))
    usual = Policy()
    values: dict[str, Any] = {
        "page": page,
        "after": after,
        "done": [run for run in page.items if run.status == RunStatus.SUCCEEDED],
        "starts": actor.role is Role.REVIEWER and not actor.changes_nothing,
        "asked": {name: typed[name] or getattr(usual, name) for name in SETTINGS},
        "modes": list(Mode),
        "bases": [Basis.VALUE, Basis.LINES],
        "scopes": list(Scope),
        "wrong": {name.removeprefix("policy/"): said for name, said in refusals(problem).items()},
    }
    return view.show("runs/runs", problem.status if problem else 200, problem=problem, typed=typed, **values)


def _run(view: View, session: DbSession, actor: Actor, run_id: UUID, problem: Problem | None = None) -> Response:
    run = RunOut.of(service.get_run(session, actor, run_id), actor)
    succeeded = run.status == RunStatus.SUCCEEDED
    values: dict[str, Any] = {
        "run": run,
        "ended": run.status in FINISHED,
        "cancels": run.status not in FINISHED and actor.role is Role.REVIEWER and not actor.changes_nothing,
        "table": gaps.products(session, actor, run_id, By.CLUSTER) if succeeded else None,
        "told": _flat(run.policy),
        "snapshot_told": actor.sees_everything,
    }
    return view.show("runs/run", problem.status if problem else 200, problem=problem, **values)


def _given(form: Typed) -> dict[str, str]:
    """What of the policy is told otherwise than usual: lines mode has other usual values than the form shows."""
    usual = Policy()
    given = {name: form[name] for name in SETTINGS if form[name]}
    return {name: value for name, value in given.items() if value != str(getattr(usual, name))}


def _flat(policy: Mapping[str, Any]) -> dict[str, Any]:
    """A policy's settings by name; weights among them by theirs."""
    weights = {f"weights.{name}": value for name, value in policy.get("weights", {}).items()}
    return {name: value for name, value in policy.items() if name != "weights"} | weights
