"""The reviewer's pages of registrations: those that wait, and one with all that speaks for it or against it.

What is decided here is told to the audit by the same names as over the API.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import BackgroundTasks, Depends, Query, Response
from sqlmodel import Session

from services.catalog.enterprises import service as enterprises
from services.catalog.registration import deciding, documents, reading, waiting
from services.catalog.registration.context import Office
from services.catalog.registration.doors import Means, download, post_later
from services.catalog.registration.findings import findings
from services.catalog.registration.merging import merge
from services.catalog.registration.pages import HOME_PROVINCE
from services.catalog.registration.proposing import warm_up
from services.catalog.registration.review_api import read_filters
from services.catalog.registration.reviewing import corrections_of, refuse_lost_corrections
from services.catalog.registration.rules import State
from services.catalog.registration.schemas import (
    ClaimDecision,
    Filters,
    MergeRequest,
    RefusalRequest,
    RegistrationSeen,
    Verification,
)
from services.catalog.registration.waiting import Order
from shared.codes.classes import all_classes
from shared.codes.regions import all_regions, cities_of, full_name
from shared.db.upserts import Row
from shared.http.auth import require
from shared.http.paging import After
from shared.http.problems import Problem
from shared.http.sessions import DbSession
from shared.mail.sending import Mail
from shared.security.actor import Actor, Role
from shared.ui.figures import CHINA
from shared.ui.forms import UNTYPED, Form, Typed, parsed, refusals
from shared.ui.screens import GoElsewhere, Screen, View, page_router

PATH = "/catalog/registrations"
PAGE = 50

router = page_router(PATH)
Reviewer = Annotated[Actor, Depends(require(Role.REVIEWER))]
Onlooker = Annotated[Actor, Depends(require(Role.REVIEWER, Role.CLUSTER_ORGANISATION))]
Asked = Annotated[Filters, Depends(read_filters)]
Sorted = Annotated[Order, Query(alias="sort")]


@dataclass(frozen=True)
class Desk:
    """Who reviews, in which session and on which page, and what is done after the answer."""

    view: View
    session: Session
    office: Office
    actor: Actor
    later: BackgroundTasks


def read_desk(view: Screen, session: DbSession, office: Means, actor: Reviewer, later: BackgroundTasks) -> Desk:
    """The desk of a request."""
    return Desk(view, session, office, actor, later)


def read_lookout(view: Screen, session: DbSession, office: Means, actor: Onlooker, later: BackgroundTasks) -> Desk:
    """The same, also for who only looks."""
    return Desk(view, session, office, actor, later)


AtDesk = Annotated[Desk, Depends(read_desk)]
Looking = Annotated[Desk, Depends(read_lookout)]


@router.get("")
def show_registrations(
    desk: Looking, filters: Asked, sort: Sorted = Order.LONGEST_WAITING, after: After = None
) -> Response:
    """The list under its filters; what awaits review, the longest waiting first, where nothing is asked for."""
    if not desk.view.request.query_params:
        raise GoElsewhere(desk.view.here(state=State.SUBMITTED, sort=Order.LONGEST_WAITING))
    response = desk.view.show(
        "registration/desk",
        page=waiting.page(desk.session, desk.actor, filters, sort, desk.office.identity.clock(), after, PAGE),
        counts=waiting.counts(desk.session, desk.actor),
        asked=filters,
        sort=sort,
        after=after,
        cities=_cities(),
        State=State,
    )
    desk.later.add_task(warm_up)  # whoever opens one is shown which classes are likely
    response.background = desk.later
    return response


@router.get("/{id}")
def show_registration(desk: Looking, id: UUID) -> Response:
    """One registration: for reviewers with all its evidence, for organisations what the firm says of its trade."""
    return _seen(desk, id) if desk.actor.role is Role.CLUSTER_ORGANISATION else _one(desk, id)


@router.get("/{id}/documents/{document_id}")
def download_document(desk: AtDesk, id: UUID, document_id: UUID) -> Response:
    """A document as it was sent, to be saved."""
    return download(documents.fetch_for_review(desk.session, desk.office, id, document_id))


@router.get("/{id}/{step}")
def look_back(view: Screen, id: UUID, step: str) -> Response:  # noqa: ARG001
    """Where a decision was refused, the address is that of the decision: asked for again, it is the registration."""
    return view.go(f"{PATH}/{id}")


@router.post("/{id}/review")
def review_registration(desk: AtDesk, id: UUID, form: Form) -> Response:
    """Begin to review."""

    def act(version: int) -> Sequence[Mail]:
        deciding.review(desk.session, desk.actor, id, version)
        return ()

    return _decide(desk, id, form, "review", act)


@router.post("/{id}/return")
def request_corrections(desk: AtDesk, id: UUID, form: Form) -> Response:
    """Return it, with what is to be corrected in each field."""

    def act(version: int) -> Sequence[Mail]:
        asked = corrections_of(form)
        return (deciding.send_back(desk.session, desk.office, desk.actor, id, version, asked)[1],)

    return _decide(desk, id, form, "return", act)


@router.post("/{id}/refusal")
def refuse_registration(desk: AtDesk, id: UUID, form: Form) -> Response:
    """Refuse it for good."""

    def act(version: int) -> Sequence[Mail]:
        refuse_lost_corrections(form)
        asked = parsed(RefusalRequest, {"reason": form["reason"].strip()})
        return (deciding.refuse(desk.session, desk.office, desk.actor, id, version, asked.reason)[1],)

    return _decide(desk, id, form, "refuse", act)


@router.post("/{id}/verification")
def verify_registration(desk: AtDesk, id: UUID, form: Form) -> Response:
    """Take the enterprise in, verified."""

    def act(version: int) -> Sequence[Mail]:
        refuse_lost_corrections(form)
        asked = parsed(Verification, {"reason": form["reason"]})
        return deciding.verify(desk.session, desk.office, desk.actor, id, version, asked.reason)[1]

    return _decide(desk, id, form, "verify", act)


@router.post("/{id}/claim-decision")
def decide_claim(desk: AtDesk, id: UUID, form: Form) -> Response:
    """Uphold a claim, or refuse it."""

    def act(version: int) -> Sequence[Mail]:
        refuse_lost_corrections(form)
        asked = parsed(ClaimDecision, {"upheld": form["upheld"], "reason": form["reason"].strip()})
        return deciding.decide_claim(desk.session, desk.office, desk.actor, id, version, asked)[1]

    return _decide(desk, id, form, "uphold" if form["upheld"] == "true" else "deny", act)


@router.post("/{id}/merger")
def merge_enterprise(desk: AtDesk, id: UUID, form: Form) -> Response:
    """Merge another record of the same firm into the enterprise that the registration became."""

    def act(version: int) -> Sequence[Mail]:
        asked = parsed(MergeRequest, {"merged_id": form["merged_id"], "reason": form["merge_reason"].strip()})
        kept = reading.for_reviewer(desk.session, id)["enterprise_id"]
        merge(desk.session, desk.actor, kept, version, asked)
        return ()

    return _decide(desk, id, form, "merge", act)


def _decide(desk: Desk, id: UUID, form: Typed, said: str, act: Callable[[int], Sequence[Mail]]) -> Response:
    """Act on what was shown at a version; refused, the page as it is now, with what was typed."""
    try:
        letters = act(form.version)
    except Problem as problem:
        if problem.status == 404:
            raise
        desk.session.rollback()
        return _one(desk, id, problem, form)
    response = desk.view.go(f"{PATH}/{id}", said=said)
    post_later(desk.later, desk.office, letters)
    response.background = desk.later
    return response


def _one(desk: Desk, id: UUID, problem: Problem | None = None, typed: Typed = UNTYPED) -> Response:
    row = reading.for_reviewer(desk.session, id)
    today = desk.office.identity.clock().astimezone(CHINA).date()
    record, version = _on_record(desk, row)
    status = problem.status if problem else 200
    values: dict[str, Any] = {
        "row": row,
        "found": findings(row, today),
        "verbs": [] if desk.actor.changes_nothing else row["allowed"],
        "may_merge": row["enterprise_id"] is not None and not desk.actor.changes_nothing,
        "record": record,
        "record_version": version,
        "standings": enterprises.standings(desk.session, {each.id for each in row["similar"]}),
        "path": f"{PATH}/{id}",
        "wrong": refusals(problem),
        "State": State,
    }
    headers = {"Cache-Control": "no-store"}
    return desk.view.show("registration/review", status, headers, problem=problem, typed=typed, **values)


def _seen(desk: Desk, id: UUID) -> Response:
    row = RegistrationSeen.model_validate(reading.for_organisation(desk.session, desk.actor, id))
    place, trade = full_name(row.region or ""), all_classes().get(row.class_code or "")
    headers = {"Cache-Control": "no-store"}
    return desk.view.show("registration/seen", headers=headers, row=row, place=place, trade=trade)


def _on_record(desk: Desk, row: Row) -> tuple[Row | None, int]:
    """The enterprise that it became, or that has its credit code already, and its version."""
    id = row["enterprise_id"] or (row["known"].id if row["known"] else None)
    if id is None:
        return None, 0
    record, version = enterprises.get(desk.session, desk.actor, id)
    return {**record, "place": full_name(record["region"]) if record["region"] else None}, version


def _cities() -> list[tuple[str, str]]:
    """The cities of the home province, as filters."""
    return [(code, all_regions()[code].name) for code in cities_of(HOME_PROVINCE)]
