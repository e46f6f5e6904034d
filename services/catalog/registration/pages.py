"""Pages of applicants: begin, the wizard's steps, and how far the registration is.

Nobody is signed in: the code to follow a registration by stands in a cookie that only these pages read.
"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import BackgroundTasks, Cookie, Depends, File, Query, Request, Response, UploadFile
from sqlmodel import Session
from starlette.background import BackgroundTask

from services.catalog.identity import service as identity
from services.catalog.identity.doors import refuse_other_sites
from services.catalog.registration import applying, contacts, documents
from services.catalog.registration.context import Office
from services.catalog.registration.doors import Address, Means
from services.catalog.registration.helping import begin_for
from services.catalog.registration.proposing import propose, warm_up
from services.catalog.registration.rules import LARGEST_DOCUMENT, DocumentKind, State, Verb
from services.catalog.registration.schemas import EmailCode, NewRegistration, Proof, ProposalRequest
from services.catalog.registration.typed import STEPS, fields_of
from shared.codes.certificates import all_schemes
from shared.codes.regions import all_regions, full_name, province_of
from shared.db.upserts import Row
from shared.http.acting import act_as_service
from shared.http.problems import Problem
from shared.http.sessions import DbSession
from shared.ui.forms import UNTYPED, Form, Typed, parsed, refusals
from shared.ui.screens import BareScreen, View, page_router

PATH = "/catalog/registration"
CODE_COOKIE = "xieshou-registration"
HOME_PROVINCE = "370000"
_MONTH = 30 * 24 * 3600

router = page_router(PATH, dependencies=[Depends(act_as_service)])
OurOwn = Depends(refuse_other_sites)
Kept = Annotated[str, Cookie(alias=CODE_COOKIE, max_length=200)]
Asked = Annotated[str, Query(alias="step", max_length=20)]
CreditCode = Annotated[str, Query(max_length=100)]


@router.get("")
def show_start(view: BareScreen, office: Means, code: Kept = "") -> Response:
    """What it takes, and begin; who has begun goes on."""
    return view.go(f"{PATH}/form") if code else _start(view, office)


@router.post("", dependencies=[OurOwn])
def begin(view: BareScreen, session: DbSession, office: Means, form: Form, address: Address) -> Response:
    """Begin a draft, with a proof of work, or slowly without scripts."""
    try:
        if form["nonce"]:
            proof = Proof(challenge=form["challenge"][:300], nonce=form["nonce"][:100])
            _, code = applying.begin(session, office, NewRegistration(proof=proof), None, address)
        else:
            _, code = begin_for(session, office, address)
    except Problem as problem:
        session.rollback()
        return _start(view, office, problem)
    return _keeping(view, view.go(f"{PATH}/form", said="begun"), code)


@router.post("/resumption", dependencies=[OurOwn])
def resume(view: BareScreen, session: DbSession, office: Means, form: Form, address: Address) -> Response:
    """Go on with a registration by its code."""
    code = form["registration_code"].strip()
    try:
        applying.look(session, office, code, address)
    except Problem as problem:
        session.rollback()
        return _start(view, office, problem)
    return _keeping(view, view.go(f"{PATH}/form"), code)


@router.post("/leaving", dependencies=[OurOwn])
def leave(view: BareScreen) -> Response:
    """Forget the code in this browser; the draft stays."""
    return _keeping(view, view.go(PATH), "")


@router.get("/credit-code")
def check_credit_code(view: BareScreen, credit_code: CreditCode = "") -> Response:
    """What is to be said of a credit code while it is typed."""
    try:
        told = propose(parsed(ProposalRequest, {"credit_code": credit_code}))
    except Problem as problem:
        return view.show("registration/credit_code", problem=problem, regions=[], given=credit_code)
    return view.show("registration/credit_code", problem=None, regions=told.regions, given=credit_code)


@router.get("/form")
def show_form(
    view: BareScreen, session: DbSession, office: Means, address: Address, step: Asked = "", code: Kept = ""
) -> Response:
    """A step of the wizard; how far it is, where nothing can be changed."""
    return _form(view, session, office, address, code, step)


@router.post("/form", dependencies=[OurOwn])
def save(
    view: BareScreen,
    session: DbSession,
    office: Means,
    form: Form,
    address: Address,
    step: Asked = "firm",
    code: Kept = "",
) -> Response:
    """Keep what was typed at a step, and go on to the next, or stay."""
    try:
        before = applying.look(session, office, code, address)
        applying.save(session, office, code, address, form.version, fields_of(step, form, before))
    except Problem as problem:
        return _refused(view, session, office, address, code, step, form, problem)
    following = step if form["stay"] else STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)]
    return view.go(f"{PATH}/form?step={following}", said="kept")


@router.post("/email-code", dependencies=[OurOwn])
def send_code(
    view: BareScreen,
    session: DbSession,
    office: Means,
    form: Form,
    address: Address,
    later: BackgroundTasks,
    code: Kept = "",
) -> Response:
    """Send a code to the contact's address."""
    try:
        letter = contacts.send_code(session, office, code, address)
    except Problem as problem:
        return _refused(view, session, office, address, code, "contact", form, problem)
    response = view.go(f"{PATH}/form?step=contact", said="sent")
    later.add_task(identity.post, office.identity, letter)
    response.background = later
    return response


@router.post("/email-verification", dependencies=[OurOwn])
def verify_email(
    view: BareScreen, session: DbSession, office: Means, form: Form, address: Address, code: Kept = ""
) -> Response:
    """Prove the contact's address."""
    try:
        contacts.verify_code(session, office, code, address, parsed(EmailCode, {"code": form["code"]}).code)
    except Problem as problem:
        return _refused(view, session, office, address, code, "contact", form, problem)
    return view.go(f"{PATH}/form?step=documents", said="proved")


@router.post("/documents", dependencies=[OurOwn])
def add_document(
    view: BareScreen,
    session: DbSession,
    office: Means,
    form: Form,
    address: Address,
    file: Annotated[UploadFile | None, File()] = None,
    code: Kept = "",
) -> Response:
    """Add a document."""
    try:
        kind = DocumentKind(form["kind"]) if form["kind"] in set(DocumentKind) else DocumentKind.OTHER
        content = file.file.read(LARGEST_DOCUMENT + 1) if file else b""
        documents.upload(session, office, code, address, kind, (file and file.filename) or "", content)
    except Problem as problem:
        return _refused(view, session, office, address, code, "documents", form, problem)
    return view.go(f"{PATH}/form?step=documents", said="kept")


@router.post("/documents/{id}/removal", dependencies=[OurOwn])
def remove_document(
    view: BareScreen, session: DbSession, office: Means, form: Form, address: Address, id: UUID, code: Kept = ""
) -> Response:
    """Take a document out again."""
    try:
        documents.remove(session, office, code, address, id)
    except Problem as problem:
        return _refused(view, session, office, address, code, "documents", form, problem)
    return view.go(f"{PATH}/form?step=documents", said="kept")


@router.post("/submission", dependencies=[OurOwn])
def submit(
    view: BareScreen, session: DbSession, office: Means, form: Form, address: Address, code: Kept = ""
) -> Response:
    """Hand it in."""
    try:
        applying.submit(session, office, code, address, form.version)
    except Problem as problem:
        return _refused(view, session, office, address, code, "submission", form, problem)
    return view.go(f"{PATH}/form", said="submitted")


def _keeping(view: View, response: Response, code: str) -> Response:
    """Let the browser keep the code for its pages alone, or forget it."""
    options: dict[str, Any] = {"path": PATH, "httponly": True, "samesite": "lax", "secure": _is_safe(view.request)}
    response.set_cookie(CODE_COOKIE, code, max_age=_MONTH if code else 0, **options)
    return response


def _is_safe(request: Request) -> bool:
    return request.url.scheme == "https"


def _start(view: View, office: Office, problem: Problem | None = None) -> Response:
    status = problem.status if problem else 200
    return view.show("registration/start", status, problem=problem, told=applying.challenge(office))


def _refused(
    view: View, session: Session, office: Office, address: str, code: str, step: str, form: Typed, problem: Problem
) -> Response:
    session.rollback()
    return _form(view, session, office, address, code, step, form, problem)


def _form(
    view: View,
    session: Session,
    office: Office,
    address: str,
    code: str,
    step: str,
    typed: Typed = UNTYPED,
    problem: Problem | None = None,
) -> Response:
    try:
        row = applying.look(session, office, code, address)
    except Problem as gone:
        if gone.status != 404:
            raise
        session.rollback()
        return _keeping(view, _start(view, office, gone if code else None), "")
    session.rollback()
    editable = Verb.SAVE in row["allowed"]
    at = step if step in STEPS else STEPS[0]
    response = view.show(
        "registration/form" if editable else "registration/progress",
        problem.status if problem else 200,
        {"Cache-Control": "no-store"},
        row=row,
        step=at,
        steps=STEPS,
        code=code,
        typed=typed,
        problem=problem,
        wrong=refusals(problem),
        options=_options(at, row),
        State=State,
        Kinds=DocumentKind,
    )
    if editable and at == STEPS[0]:
        response.background = BackgroundTask(warm_up)  # the next step proposes classes
    return response


def _options(step: str, row: Row) -> dict[str, Any]:
    """What a step lets its reader choose from, and what is proposed to it."""
    if step == "firm":
        regions = [each.code for each in all_regions().values() if province_of(each.code) == HOME_PROVINCE]
        provinces = [code for code in all_regions() if code.endswith("0000") and code != HOME_PROVINCE]
        return {"regions": [(code, full_name(code)) for code in [*sorted(regions), *sorted(provinces)]]}
    if step == "makes":
        return {"classes": propose(ProposalRequest(makes=row["makes"])).classes}
    if step == "certificates":
        return {"schemes": [(code, code) for code in all_schemes()]}
    return {}
