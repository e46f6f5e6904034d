"""Pages of imports: send a file, say what its columns are, look at what would become of it, write it, take it back."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, File, Query, Response, UploadFile
from sqlmodel import Session

from services.catalog.imports import service
from services.catalog.imports.checking.ownership import IMPORTERS, OWNERS
from services.catalog.imports.files.reading import MAX_BYTES
from services.catalog.imports.headings.mapping import Mapping
from services.catalog.imports.outcomes import Mode, Outcome
from services.catalog.imports.schemas import ImportDraft, ImportReport, JobState, Reason
from services.catalog.imports.states import State, Step
from services.catalog.imports.stepwise import jobs, steps, undoing
from services.catalog.imports.templates import TEMPLATES, ImportKind
from shared.http.auth import require
from shared.http.paging import After
from shared.http.problems import Problem
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role
from shared.ui.forms import Form, Typed, parsed
from shared.ui.screens import Screen, View, page_router

router = page_router("/catalog/imports")

Importer = Annotated[Actor, Depends(require(*IMPORTERS))]
Only = Annotated[Outcome | None, Query(alias="outcome")]
ROWS_SHOWN = 50
IMPORTS_SHOWN = 20
_TERMS: dict[str, Any] = {"State": State, "Outcome": Outcome, "TEMPLATES": TEMPLATES}


@router.get("")
def show_imports(view: Screen, session: DbSession, actor: Importer, after: After = None) -> Response:
    """Send a file, get a template, and what was sent before."""
    return _imports(view, session, actor, after)


@router.post("")
def upload(
    view: Screen, session: DbSession, actor: Importer, form: Form, file: Annotated[UploadFile | None, File()] = None
) -> Response:
    """Keep a file for the next steps; one that cannot be read is refused at once, with what to do."""
    try:
        kind = ImportKind(form["kind"]) if form["kind"] in set(ImportKind) else None
        content = file.file.read(MAX_BYTES + 1) if file else b""
        draft = steps.upload(session, actor, (file and file.filename) or "", content, kind)
    except Problem as problem:
        session.rollback()
        return _imports(view, session, actor, None, form, problem)
    return view.go(f"/catalog/imports/{draft.id}")


@router.get("/{id}")
def show_import(
    view: Screen, session: DbSession, actor: Importer, id: UUID, outcome: Only = None, after: After = None
) -> Response:
    """An import where it is now: its columns, what would become of its rows, what became of them."""
    return _import(view, session, actor, id, outcome, after)


@router.get("/{id}/progress")
def show_progress(view: Screen, session: DbSession, actor: Importer, id: UUID) -> Response:
    """How far a step is; once it is done the whole page is read again."""
    report = service.get(session, actor, id)
    if not _goes_on(report):
        return view.go(f"/catalog/imports/{id}")
    return view.show("imports/progress", report=report)


@router.post("/{id}/mapping")
def map_columns(view: Screen, session: DbSession, actor: Importer, id: UUID, form: Form) -> Response:
    """Say which columns fill which fields, and look at what would become of the rows."""
    try:
        steps.map_columns(session, actor, id, _mapping(steps.draft(session, actor, id), form))
        _take(session, actor, id, Step.PREVIEW)
    except Problem as problem:
        return _refused(view, session, actor, id, form, problem)
    return view.go(f"/catalog/imports/{id}")


@router.post("/{id}/preview")
def preview(view: Screen, session: DbSession, actor: Importer, id: UUID, form: Form) -> Response:
    """Look at what would become of the rows."""
    return _step(view, session, actor, id, form, Step.PREVIEW)


@router.post("/{id}/apply")
def apply(view: Screen, session: DbSession, actor: Importer, id: UUID, form: Form) -> Response:
    """Write what the preview said."""
    return _step(view, session, actor, id, form, Step.APPLY)


@router.post("/{id}/cancel")
def cancel(view: Screen, session: DbSession, actor: Importer, id: UUID, form: Form) -> Response:
    """Give an import up."""
    return _step(view, session, actor, id, form, Step.CANCEL)


@router.post("/{id}/undo")
def undo(view: Screen, session: DbSession, actor: Importer, id: UUID, form: Form) -> Response:
    """Take back all that an import wrote."""
    return _step(view, session, actor, id, form, Step.UNDO)


def _step(view: View, session: Session, actor: Actor, id: UUID, form: Typed, step: Step) -> Response:
    try:
        _take(session, actor, id, step, parsed(Reason, {"reason": form["reason"]}).reason)
    except Problem as problem:
        return _refused(view, session, actor, id, form, problem)
    return view.go(f"/catalog/imports/{id}", said=step.value)


def _take(session: Session, actor: Actor, id: UUID, step: Step, reason: str = "") -> None:
    """Take a step at once, or leave it to a worker where it takes long."""
    if step is Step.CANCEL:
        steps.cancel(session, actor, id)
    elif jobs.is_big(session, id, step):
        said = {Step.APPLY: {"mode": Mode.VALID_ROWS.value}, Step.UNDO: {"reason": reason}}.get(step, {})
        jobs.ask(session, actor, id, step, **said)
    elif step is Step.PREVIEW:
        steps.preview(session, actor, id)
    elif step is Step.APPLY:
        steps.apply(session, actor, id, Mode.VALID_ROWS)
    else:
        undoing.undo(session, actor, id, reason)


def _mapping(draft: ImportDraft, form: Typed) -> Mapping:
    """What a person chose for each sheet that our own headings do not explain: a field for each of its columns."""
    chosen = [_sheet(draft.filename, at, guess, form) for at, guess in enumerate(draft.sheets) if form[f"kind-{at}"]]
    return parsed(Mapping, {"source": "", "sheet": chosen})


def _sheet(filename: str, at: int, guess: Any, form: Typed) -> dict[str, Any]:
    columns = {
        form[f"field-{at}-{place}"]: column.heading
        for place, column in enumerate(guess.columns)
        if form[f"field-{at}-{place}"]
    }
    return {"file": filename, "sheet": guess.sheet, "target": [{"kind": form[f"kind-{at}"], "columns": columns}]}


def _goes_on(report: ImportReport) -> bool:
    return report.progress is not None or (report.job is not None and report.job.state is not JobState.FAILED)


def _imports(
    view: View,
    session: Session,
    actor: Actor,
    after: str | None,
    typed: Typed | None = None,
    problem: Problem | None = None,
) -> Response:
    kinds = (
        list(ImportKind) if actor.role is Role.REVIEWER else [each for each in ImportKind if each in OWNERS[actor.role]]
    )
    status = problem.status if problem else 200
    page = service.page(session, actor, after, IMPORTS_SHOWN)
    return view.show(
        "imports/imports", status, page=page, after=after, kinds=kinds, problem=problem, typed=typed, **_TERMS
    )


def _refused(view: View, session: Session, actor: Actor, id: UUID, form: Typed, problem: Problem) -> Response:
    session.rollback()
    return _import(view, session, actor, id, None, None, form, problem)


def _import(
    view: View,
    session: Session,
    actor: Actor,
    id: UUID,
    outcome: Outcome | None,
    after: str | None,
    typed: Typed | None = None,
    problem: Problem | None = None,
) -> Response:
    report = service.get(session, actor, id)
    goes_on = _goes_on(report)
    uploaded = report.state is State.UPLOADED and not goes_on
    return view.show(
        "imports/import",
        problem.status if problem else 200,
        report=report,
        draft=steps.draft(session, actor, id) if uploaded else None,
        rows=None if uploaded or goes_on else service.page_rows(session, actor, id, outcome, after, ROWS_SHOWN),
        outcome=outcome,
        after=after,
        goes_on=goes_on,
        typed=typed,
        problem=problem,
        **_TERMS,
    )
