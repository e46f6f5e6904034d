"""The reviewer's pages: the queue, with decisions on many at once, and one suggestion with all its evidence."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Response
from sqlmodel import Session

from services.matching.clock import CHINA
from services.matching.suggestions import lookers, service
from services.matching.suggestions.api import read_query
from services.matching.suggestions.choices import choices
from services.matching.suggestions.events import ASSIGN
from services.matching.suggestions.rules import REVIEWING, State, Verb, verbs_for
from services.matching.suggestions.said import WITH_TERMS, AssignmentBatch, Batch, Deferral
from services.matching.suggestions.schemas import CapacityOut, shown, shown_with_history
from services.matching.suggestions.service import Asked, Order
from shared.http.auth import require
from shared.http.paging import After, page_of
from shared.http.problems import Problem
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role
from shared.ui.forms import UNTYPED, Form, Typed, parsed, refusals
from shared.ui.screens import GoElsewhere, Screen, View, page_router

router = page_router("/matching/suggestions")

Overseer = Annotated[Actor, Depends(require(Role.REVIEWER, Role.CLUSTER_ORGANISATION))]
Reviewer = Annotated[Actor, Depends(require(*sorted(REVIEWING)))]
Asking = Annotated[service.Query, Depends(read_query)]
Done = Annotated[UUID | None, Query()]
Place = Annotated[str, Query(max_length=40)]
PAGE = 50
_DEFERRED_BY = timedelta(days=30)


@dataclass(frozen=True)
class Desk:
    """Who looks, in which session and on which page."""

    view: View
    session: Session
    actor: Actor

    @property
    def decides(self) -> bool:
        """Whether the actor may do more than look."""
        return self.actor.role in REVIEWING and not self.actor.changes_nothing


def read_desk(view: Screen, session: DbSession, actor: Overseer) -> Desk:
    """The desk of a request."""
    return Desk(view, session, actor)


def read_reviewers_desk(desk: Annotated[Desk, Depends(read_desk)], actor: Reviewer) -> Desk:  # noqa: ARG001
    """The desk of a request that decides."""
    return desk


AtDesk = Annotated[Desk, Depends(read_desk)]
Reviewing = Annotated[Desk, Depends(read_reviewers_desk)]


@router.get("")
def show_queue(desk: AtDesk, query: Asking, after: After = None, done: Done = None) -> Response:
    """The list under its filters; what awaits review, the best first, where nothing is asked for."""
    if not desk.view.request.query_params:
        raise GoElsewhere(desk.view.here(state=State.PROPOSED, order=Order.BEST))
    return _queue(desk, query, after, done)


@router.post("")
def decide_many(desk: Reviewing, query: Asking, form: Form, after: After = None) -> Response:
    """One decision on all that is ticked, or on none; then the list again, from where it may be undone.

    Or all of it is given to one reviewer.
    """
    now = datetime.now(UTC)
    try:
        if form["verb"] == ASSIGN:
            given = _assignment(form, _ticked(form))
            service.assign_all(desk.session, desk.actor, given.read(), given.assignee, now)
            return desk.view.go(desk.view.here(done=None), said=ASSIGN)
        batch = _batch(form)
        asked = Asked(batch.verb, batch.reason, until=batch.until)
        service.refuse_unsaid(asked, now.astimezone(CHINA).date())
        rows = service.decide_all(desk.session, desk.actor, batch.read(), asked, now)
    except Problem as problem:
        desk.session.rollback()
        return _queue(desk, query, after, None, problem, form)
    return desk.view.go(desk.view.here(done=rows[0].id), said=batch.verb)


@router.get("/lookers")
def show_lookers(desk: AtDesk, place: Place = lookers.QUEUE) -> Response:
    """Who else is where this page is; it asks now and again."""
    return desk.view.show("suggestions/lookers", place=place, others=_others(desk, place))


@router.get("/{suggestion_id}")
def show_suggestion(desk: AtDesk, suggestion_id: UUID) -> Response:
    """One suggestion with all its evidence and its history."""
    return _one(desk, suggestion_id)


@router.post("/{suggestion_id}")
def decide_one(desk: Reviewing, suggestion_id: UUID, form: Form) -> Response:
    """One decision on one suggestion, or who looks after it; refused, the page as it is now, with what was typed."""
    now, shown_at = datetime.now(UTC), [{"id": suggestion_id, "version": form["version"]}]
    try:
        if form["verb"] == ASSIGN:
            given = _assignment(form, shown_at)
            service.assign(desk.session, desk.actor, given.read()[0], given.assignee, now)
            return desk.view.go(desk.view.path, said=ASSIGN)
        read = parsed(Batch, {"verb": form["verb"], "items": shown_at})
        said = parsed(Deferral, {"reason": form["reason"], "until": form["until"] or None})
        asked = Asked(read.verb, said.reason, until=said.until)
        service.move(desk.session, desk.actor, read.read()[0], asked, now)
    except Problem as problem:
        if problem.status == 404:
            raise
        desk.session.rollback()
        return _one(desk, suggestion_id, problem, form)
    return desk.view.go(desk.view.path, said=read.verb)


def _queue(
    desk: Desk,
    query: service.Query,
    after: str | None,
    done: UUID | None,
    problem: Problem | None = None,
    typed: Typed = UNTYPED,
) -> Response:
    rows = service.list_suggestions(desk.session, desk.actor, query, after, PAGE)
    page = page_of(rows, PAGE, query.order.key, lambda row: shown(row, desk.actor))
    values: dict[str, Any] = {
        "page": page,
        "query": query,
        "after": after,
        "sums": service.sums(desk.session, desk.actor, query),
        "choices": choices(desk.session, desk.actor, query.cluster),
        "done": service.done(desk.session, desk.actor, done) if done else None,
        "ticked": {each.partition(":")[0] for each in typed.all("item")},
        "refused": service.batch_refusals(problem) if problem else {},
        "wrong": refusals(problem),
        "until": typed["until"] or _usual_day(),
        "place": lookers.QUEUE,
        "others": _others(desk, lookers.QUEUE),
        "decides": desk.decides,
        "reviewers": _reviewers(desk),
    }
    status = problem.status if problem else 200
    return desk.view.show("suggestions/queue", status, problem=problem, typed=typed, **values)


def _one(desk: Desk, id: UUID, problem: Problem | None = None, typed: Typed = UNTYPED) -> Response:
    row = service.get(desk.session, desk.actor, id)
    detail = shown_with_history(row, service.history(desk.session, id), desk.actor)
    values: dict[str, Any] = {
        "row": detail,
        "verbs": _verbs(row, desk.actor) if desk.decides else [],
        "stock": CapacityOut.of(row, service.stock_of(desk.session, row), desk.actor),
        "until": typed["until"] or _usual_day(),
        "wrong": refusals(problem),
        "place": str(id),
        "others": _others(desk, str(id)),
        "decides": desk.decides,
        "reviewers": _reviewers(desk, row.assignee),
    }
    status = problem.status if problem else 200
    return desk.view.show("suggestions/suggestion", status, problem=problem, typed=typed, **values)


def _batch(form: Typed) -> Batch:
    """What was ticked, each with the version at which it was shown, and what is to become of it."""
    values = {"verb": form["verb"], "reason": form["reason"], "until": form["until"] or None}
    return parsed(Batch, {**values, "items": _ticked(form)})


def _assignment(form: Typed, items: list[dict[str, Any]]) -> AssignmentBatch:
    """Who is to look after these; where nobody is chosen, nobody."""
    return parsed(AssignmentBatch, {"assignee": form["assignee"] or None, "items": items})


def _ticked(form: Typed) -> list[dict[str, Any]]:
    pairs = (each.partition(":") for each in form.all("item"))
    return [{"id": id, "version": version} for id, _, version in pairs]


def _reviewers(desk: Desk, assignee: str | None = None) -> list[tuple[str, str]]:
    """Whom the actor may give a suggestion to beside itself, as options; who only reads may give it to nobody."""
    if not desk.decides:
        return []
    known = {*lookers.reviewers(desk.session), assignee} - {None, desk.actor.subject}
    return [(each, each) for each in sorted(filter(None, known))]


def _verbs(row: service.Suggestion, actor: Actor) -> list[Verb]:
    """What the actor may do with a reason alone."""
    return [each for each in verbs_for(State(row.state), actor.role) if each not in WITH_TERMS]


def _others(desk: Desk, place: str) -> list[str]:
    return lookers.look_in(desk.session, desk.actor, place, datetime.now(UTC))


def _usual_day() -> str:
    """The day that a deferral proposes."""
    return (datetime.now(CHINA).date() + _DEFERRED_BY).isoformat()
