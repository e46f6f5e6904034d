"""Pages of signing in: password, second factor, one-time links, and the account itself."""

from typing import Annotated
from uuid import UUID

from fastapi import BackgroundTasks, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.catalog.identity import links, second_factor, service, sign_ins
from services.catalog.identity.context import Identity
from services.catalog.identity.doors import (
    From,
    FullSignIn,
    Means,
    OwnSignIn,
    give_cookies,
    refuse_other_sites,
    shown,
    take_cookies,
)
from services.catalog.identity.rules import Stage
from services.catalog.identity.schemas import (
    CodeRequest,
    Completion,
    EmailRequest,
    LinkRequest,
    Proof,
    RoleRequest,
    SignInRequest,
)
from services.catalog.identity.sign_ins import Present
from shared.http.acting import act_as_service
from shared.http.auth import SESSION_COOKIE, cookie_name
from shared.http.problems import Problem
from shared.http.sessions import DbSession
from shared.ui.forms import UNTYPED, Form
from shared.ui.screens import SIGN_IN, BareScreen, Screen, View, local, page_router, with_next

router = page_router("/catalog", dependencies=[Depends(act_as_service)])

Next = Annotated[str, Query(alias="next", max_length=2000)]
OurOwn = Depends(refuse_other_sites)
_STEPS = {Stage.CODE: f"{SIGN_IN}/code", Stage.ENROL: f"{SIGN_IN}/authenticator"}


@router.get("/sign-in")
def show_sign_in(view: BareScreen, following: Next = "/") -> Response:
    """Ask for address and password."""
    return view.show("identity/sign_in", following=local(following), problem=None, typed=UNTYPED)


@router.post("/sign-in", dependencies=[OurOwn])
def sign_in(
    view: BareScreen, session: DbSession, identity: Means, where: From, form: Form, following: Next = "/"
) -> Response:
    """Sign in, and go on to what is lacking, or to where somebody wanted to go."""
    try:
        present = sign_ins.sign_in(session, identity, form.as_model(SignInRequest), where)
    except Problem as problem:
        return view.show("identity/sign_in", problem.status, following=local(following), problem=problem, typed=form)
    return _onward(view, session, identity, present, following)


@router.get("/sign-in/code")
def show_code(view: BareScreen, present: OwnSignIn, following: Next = "/") -> Response:
    """Ask for the authenticator's code."""
    return view.show("identity/code", following=local(following), problem=None, csrf=present.csrf)


@router.post("/sign-in/code")
def pass_code(
    view: BareScreen, session: DbSession, identity: Means, present: OwnSignIn, form: Form, following: Next = "/"
) -> Response:
    """Go on with a sign-in that lacks the code."""
    try:
        second_factor.pass_code(session, identity, present, form.as_model(CodeRequest).code)
    except Problem as problem:
        return view.show(
            "identity/code", problem.status, following=local(following), problem=problem, csrf=present.csrf
        )
    return _onward(view, session, identity, present, following)


@router.get("/sign-in/authenticator")
def show_authenticator(view: BareScreen, present: OwnSignIn, following: Next = "/") -> Response:
    """Ask for the password again, before an authenticator is set up."""
    return _authenticator(view, present, following)


@router.post("/sign-in/authenticator")
def begin_authenticator(
    view: BareScreen, session: DbSession, identity: Means, present: OwnSignIn, form: Form, following: Next = "/"
) -> Response:
    """Show the secret for an authenticator, and ask for its first code."""
    try:
        proof = form.as_model(Proof)
        secret, uri = second_factor.begin_enrolment(session, identity, present, proof.password)
    except Problem as problem:
        return _authenticator(view, present, following, problem)
    return _authenticator(view, present, following, enrolment={"secret": secret, "uri": uri})


@router.post("/sign-in/authenticator/confirmation")
def confirm_authenticator(
    view: BareScreen, session: DbSession, identity: Means, present: OwnSignIn, form: Form, following: Next = "/"
) -> Response:
    """Turn the authenticator on, and tell the recovery codes, this once."""
    try:
        asked = CodeRequest.model_validate({"code": form["code"]})
        codes = second_factor.confirm(session, identity, present, asked.code)
    except Problem as problem:
        enrolment = {"secret": form["secret"], "uri": form["uri"]}
        return _authenticator(view, present, following, problem, enrolment)
    response = view.show("identity/recovery_codes", codes=codes, following=local(following))
    give_cookies(view.request, response, identity, present, sign_ins.look(session, identity, present))
    return response


@router.api_route("/session/renewal", methods=["GET", "POST"])
def renew(
    request: Request,
    view: BareScreen,
    session: DbSession,
    identity: Means,
    following: Next = "/",
    visitor: Annotated[str | None, Query(max_length=1)] = None,
) -> Response:
    """A new token for a sign-in that lasts, and back; what a form has sent is sent there again (307)."""
    again = 307 if request.method == "POST" else 303
    try:
        present = sign_ins.by_secret(session, identity, request.cookies.get(cookie_name(request, SESSION_COOKIE), ""))
        roles = sign_ins.look(session, identity, present)
    except Problem as problem:
        if problem.status not in (401, 403):
            raise
        response = view.go(local(following) if visitor else with_next(SIGN_IN, following))
        take_cookies(request, response)
        return response
    stage = Stage(present.sign_in.stage)
    if stage is not Stage.FULL:
        return view.go(with_next(_STEPS[stage], following))
    response = RedirectResponse(local(following), again)
    give_cookies(request, response, identity, present, roles)
    return response


@router.post("/sign-out")
def sign_out(request: Request, view: BareScreen, session: DbSession, identity: Means, present: OwnSignIn) -> Response:
    """End this sign-in."""
    sign_ins.end_own(session, identity, present, present.sign_in.id)
    response = view.go(SIGN_IN, said="signed_out")
    take_cookies(request, response)
    return response


@router.get("/forgotten")
def show_forgotten(view: BareScreen) -> Response:
    """Ask for the address of an account whose password was forgotten."""
    return view.show("identity/forgotten", problem=None, typed=UNTYPED, sent=False)


@router.post("/forgotten", dependencies=[OurOwn])
def ask_for_reset(
    view: BareScreen, session: DbSession, identity: Means, form: Form, later: BackgroundTasks
) -> Response:
    """Send a link, if there is such an account; the page is the same if there is none."""
    try:
        letter = links.ask_for_reset(session, identity, form.as_model(EmailRequest).email)
    except Problem as problem:
        return view.show("identity/forgotten", problem.status, problem=problem, typed=form, sent=False)
    response = view.show("identity/forgotten", problem=None, typed=UNTYPED, sent=True)
    if letter:
        later.add_task(service.post, identity, letter)
    response.background = later
    return response


@router.get("/link")
def show_link(view: BareScreen) -> Response:
    """Ask for the secret of a one-time link: it stands behind the # of its address, where no server sees it."""
    return view.show("identity/link", problem=None, link=None, token="", typed=UNTYPED)


@router.post("/link", dependencies=[OurOwn])
def inspect_link(view: BareScreen, session: DbSession, identity: Means, form: Form) -> Response:
    """Show what a link is for, and ask for what its bearer has to say."""
    try:
        found = links.read_link(session, identity, form.as_model(LinkRequest).token)
    except Problem as problem:
        return view.show("identity/link", problem.status, problem=problem, link=None, token="", typed=UNTYPED)
    return view.show("identity/link", problem=None, link=found, token=form["token"], typed=UNTYPED)


@router.post("/link/completion", dependencies=[OurOwn])
def complete_link(
    view: BareScreen, session: DbSession, identity: Means, form: Form, later: BackgroundTasks
) -> Response:
    """Do what a link is for, once; then sign in."""
    try:
        _, letter = links.complete(session, identity, form.as_model(Completion))
    except Problem as problem:
        session.rollback()
        over = problem.status == 410
        found = None if over else links.read_link(session, identity, form["token"])
        return view.show("identity/link", problem.status, problem=problem, link=found, token=form["token"], typed=form)
    later.add_task(service.post, identity, letter)
    response = view.go(SIGN_IN, said="link_completed")
    response.background = later
    return response


@router.get("/account")
def show_account(view: Screen, session: DbSession, identity: Means, present: FullSignIn) -> Response:
    """Who I am, as what I act, and where else I am signed in."""
    me = shown(present, sign_ins.look(session, identity, present))
    return view.show("identity/account", me=me, lasting=sign_ins.own_sign_ins(session, identity, present))


@router.post("/account/role")
def act_as(view: BareScreen, session: DbSession, identity: Means, present: FullSignIn, form: Form) -> Response:
    """Go on as another of the account's roles."""
    wanted = form.as_model(RoleRequest)
    sign_ins.act_as(session, present, wanted.role, wanted.enterprise_id)
    return _onward(view, session, identity, present, "/")


@router.post("/account/sign-ins/{id}/end")
def end_sign_in(view: BareScreen, session: DbSession, identity: Means, present: FullSignIn, id: UUID) -> Response:
    """End one of the account's sign-ins."""
    sign_ins.end_own(session, identity, present, id)
    return view.go("/catalog/account", said="ended")


def _onward(view: View, session: DbSession, identity: Identity, present: Present, following: str) -> Response:
    """To the step that a sign-in lacks, else to where somebody wanted to go; with the cookies."""
    roles = sign_ins.look(session, identity, present)
    step = _STEPS.get(Stage(present.sign_in.stage))
    response = view.go(with_next(step, following) if step else local(following))
    give_cookies(view.request, response, identity, present, roles)
    return response


def _authenticator(
    view: View,
    present: Present,
    following: str,
    problem: Problem | None = None,
    enrolment: dict[str, str] | None = None,
) -> Response:
    return view.show(
        "identity/authenticator",
        problem.status if problem else 200,
        following=local(following),
        problem=problem,
        enrolment=enrolment,
        csrf=present.csrf,
        account=present.account,
    )
