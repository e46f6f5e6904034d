"""Pages of cooperations: the list of both sides, and one with its contract and what counts to it."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Response
from sqlmodel import Session

from services.matching.cooperation import service
from services.matching.cooperation.rules import MODE_ZH, Mode
from services.matching.cooperation.schemas import AmendmentIn, ContractIn, CooperationDetail, CooperationOut
from services.matching.suggestions import service as suggestions
from services.matching.suggestions.rules import Verb
from services.matching.suggestions.said import Decision
from services.matching.suggestions.service import Asked, Item
from shared.http.auth import require
from shared.http.paging import After, page_of
from shared.http.problems import Problem
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role
from shared.ui.forms import UNTYPED, Form, Typed, parsed, refusals
from shared.ui.screens import Screen, View, page_router

router = page_router("/matching/cooperations")

Partner = Annotated[Actor, Depends(require(Role.CHAIN_LEADER, Role.SUPPLIER, Role.REVIEWER, Role.CLUSTER_ORGANISATION))]
SHOWN = 50
_TERMS: dict[str, Any] = {"Verb": Verb, "Mode": Mode, "MODE_ZH": MODE_ZH}


@router.get("")
def show_cooperations(view: Screen, session: DbSession, actor: Partner, after: After = None) -> Response:
    """The cooperations that the actor may see, the newest first."""
    found = service.list_cooperations(session, actor, service.Query(), after, SHOWN)
    page = page_of(found, SHOWN, lambda each: [each.suggestion.id], lambda each: CooperationOut.of(each, actor))
    return view.show("cooperation/list", page=page, after=after)


@router.get("/{id}")
def show_cooperation(view: Screen, session: DbSession, actor: Partner, id: UUID) -> Response:
    """One cooperation: what was agreed, its contract, the purchases that count."""
    return _cooperation(view, session, actor, id)


@router.post("/{id}/contract")
def conclude(view: Screen, session: DbSession, actor: Partner, id: UUID, form: Form) -> Response:
    """Register the contract, or correct it with a reason."""
    try:
        _write_down(session, actor, id, form)
    except Problem as problem:
        return _refused(view, session, actor, id, form, problem)
    return view.go(f"/matching/cooperations/{id}", said="contracted")


@router.post("/{id}/withdrawal")
def withdraw(view: Screen, session: DbSession, actor: Partner, id: UUID, form: Form) -> Response:
    """Take it back before a contract."""
    return _moved(view, session, actor, id, form, Verb.WITHDRAW, "/matching/cooperations")


@router.post("/{id}/ending")
def end(view: Screen, session: DbSession, actor: Partner, id: UUID, form: Form) -> Response:
    """End a cooperation."""
    return _moved(view, session, actor, id, form, Verb.END, f"/matching/cooperations/{id}")


def _write_down(session: Session, actor: Actor, id: UUID, form: Typed) -> None:
    fields = ("number", "first_day", "last_day", "amount", "document")
    given: dict[str, Any] = {name: form[name] for name in fields if form[name]}
    given["modes"] = form.all("modes")
    item, now = _item(form, id), datetime.now(UTC)
    if form["verb"] == Verb.AMEND:
        amendment = parsed(AmendmentIn, {**given, "reason": form["reason"]})
        service.amend(session, actor, item, amendment.reason, amendment.terms(), now)
    else:
        service.conclude(session, actor, item, parsed(ContractIn, given).terms(), now)


def _moved(view: View, session: Session, actor: Actor, id: UUID, form: Typed, verb: Verb, following: str) -> Response:
    try:
        said = parsed(Decision, {"reason": form["reason"]})
        suggestions.move(session, actor, _item(form, id), Asked(verb, said.reason), datetime.now(UTC))
    except Problem as problem:
        return _refused(view, session, actor, id, form, problem)
    return view.go(following, said=verb.value)


def _item(form: Typed, id: UUID) -> Item:
    """The cooperation as its reader saw it; a version that is none is an old one."""
    return Item(id, form.version)


def _refused(view: View, session: Session, actor: Actor, id: UUID, form: Typed, problem: Problem) -> Response:
    session.rollback()
    return _cooperation(view, session, actor, id, form, problem)


def _cooperation(
    view: View, session: Session, actor: Actor, id: UUID, typed: Typed = UNTYPED, problem: Problem | None = None
) -> Response:
    found = CooperationDetail.of(service.get(session, actor, id), actor)
    return view.show(
        "cooperation/cooperation",
        problem.status if problem else 200,
        found=found,
        typed=typed,
        problem=problem,
        wrong=refusals(problem),
        **_TERMS,
    )
