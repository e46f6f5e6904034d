"""Pages of a supplier's capabilities: what it can make, each to be added, changed and retired by the firm itself.

What is written here is told to the audit by the same names as over the API.
"""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Response
from sqlmodel import Session

from services.catalog.capabilities import service, typed
from services.catalog.capabilities.rules import Disclosure
from services.catalog.capabilities.schemas import CapabilityFilters
from services.catalog.history import retiring
from services.catalog.history.schemas import Why
from services.catalog.kinds import KINDS
from services.catalog.writing import checks
from services.catalog.writing import service as writing
from shared.http.auth import require
from shared.http.paging import After
from shared.http.problems import Problem
from shared.http.sessions import DbSession
from shared.security.actor import Actor, Role
from shared.ui.forms import Form, Typed, parsed, refusals
from shared.ui.screens import Screen, View, page_router

PATH = "/catalog/capabilities"
PAGE = 50
_KIND = KINDS["capability"]

router = page_router(PATH)
Supplier = Annotated[Actor, Depends(require(Role.SUPPLIER))]


@dataclass(frozen=True)
class Firm:
    """Who acts for its enterprise, in which session and on which page."""

    view: View
    session: Session
    actor: Actor


def read_firm(view: Screen, session: DbSession, actor: Supplier) -> Firm:
    """The firm of a request."""
    return Firm(view, session, actor)


OfFirm = Annotated[Firm, Depends(read_firm)]


@router.get("")
def show_capabilities(firm: OfFirm, after: After = None) -> Response:
    """What the firm can make, the oldest first."""
    filters = CapabilityFilters(supplier=firm.actor.enterprise_id)
    page = service.page(firm.session, firm.actor, filters, after, PAGE)
    rows = [{**row, **typed.shown(row)} for row in page.items]
    return firm.view.show("capabilities/capabilities", rows=rows, page=page, after=after)


@router.get("/new")
def show_empty_form(firm: OfFirm) -> Response:
    """A form for one more."""
    return _form(firm, None)


@router.post("/new")
def create_capability(firm: OfFirm, form: Form) -> Response:
    """Add one; refused, the form with what was typed."""
    try:
        own = {"supplier_id": firm.actor.enterprise_id, "code": form["code"].strip()}
        row = checks.read(_KIND, {**own, **typed.fields_of(form)})
        created = writing.create(firm.session, firm.actor, _KIND, row)
    except Problem as problem:
        firm.session.rollback()
        return _form(firm, None, problem, form)
    return firm.view.go(f"{PATH}/{created['id']}", said="created")


@router.get("/{id}")
def show_capability(firm: OfFirm, id: UUID) -> Response:
    """One as a form."""
    return _form(firm, id)


@router.post("/{id}")
def change_capability(firm: OfFirm, id: UUID, form: Form) -> Response:
    """Change one, if it is still as it was shown; refused, the form as it was typed, and as the record is now."""
    try:
        writing.change(firm.session, firm.actor, _KIND, id, form.version, typed.fields_of(form))
    except Problem as problem:
        return _refused(firm, id, problem, form)
    return firm.view.go(f"{PATH}/{id}", said="changed")


@router.post("/{id}/retirement")
def delete_capability(firm: OfFirm, id: UUID, form: Form) -> Response:
    """Take one out; its history stays."""
    reason = form["reason"].strip()
    try:
        retiring.retire(firm.session, firm.actor, _KIND, id, form.version, parsed(Why, {"reason": reason}).reason)
    except Problem as problem:
        return _refused(firm, id, problem, None, reason)
    return firm.view.go(PATH, said="retired")


@router.get("/{id}/retirement")
def look_back(firm: OfFirm, id: UUID) -> Response:
    """Where a retirement was refused, the address is its own: asked for again, it is the capability."""
    return firm.view.go(f"{PATH}/{id}")


def _refused(firm: Firm, id: UUID, problem: Problem, form: Typed | None, reason: str = "") -> Response:
    if problem.status == 404:
        raise problem
    firm.session.rollback()
    return _form(firm, id, problem, form, reason)


def _form(
    firm: Firm, id: UUID | None, problem: Problem | None = None, form: Typed | None = None, reason: str = ""
) -> Response:
    """The form of a capability (None: of one more) with what was typed, else with what is on record."""
    row = service.get(firm.session, firm.actor, id) if id else None
    recorded = typed.shown(row) if row else {**dict.fromkeys(typed.FORM, ""), "disclosure": Disclosure.SUGGESTED}
    values: dict[str, Any] = {
        "row": row,
        "recorded": recorded,
        "value": {name: form[name] for name in typed.FORM} if form else recorded,
        "is_stale": problem is not None and problem.status == 412,
        "reason": reason,
        "wrong": refusals(problem),
    }
    return firm.view.show("capabilities/capability", problem.status if problem else 200, problem=problem, **values)
