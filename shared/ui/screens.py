"""What a page route is made with: who looks, in which language, and how the answer is shown.

`Screen` asks for somebody who has signed in, `VisitorScreen` knows who looks where that can be known, `BareScreen`
asks for nobody at all: signing in is done on one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from shared.http.auth import SESSION_COOKIE, BearerToken, CurrentActor, SaidCsrf, cookie_name, read_bearer
from shared.http.problems import Problem
from shared.security.actor import Actor
from shared.ui.languages import Language
from shared.ui.rendering import Environments

LANGUAGE_COOKIE = "xieshou-language"
SAID_COOKIE = "xieshou-said"
RENEWAL = "/catalog/session/renewal"
SIGN_IN = "/catalog/sign-in"
_YEAR = 365 * 24 * 3600
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

Asked = Annotated[Language | None, Query(alias="lang", description="页面的语言")]


class GoElsewhere(Exception):
    """The answer is another page: its address, and whether what was sent is to be sent there again."""

    def __init__(self, address: str, *, again: bool = False) -> None:
        super().__init__(address)
        self.address = address
        self.status = 307 if again else 303


@dataclass(frozen=True)
class View:
    """One look at a page: the request, who looks (None: a visitor), and the language."""

    request: Request
    actor: Actor | None
    language: Language

    @property
    def csrf(self) -> str:
        """What forms say in their hidden field; "" for a visitor, who has nothing that others could abuse."""
        return getattr(self.request.state, "csrf", None) or ""

    @property
    def path(self) -> str:
        """The page's path, without its query."""
        return self.request.url.path

    @property
    def is_fragment(self) -> bool:
        """Whether a page asks for a part of itself (htmx)."""
        return self.request.headers.get("HX-Request") == "true"

    def here(self, **changes: Any) -> str:
        """The page's address with some parameters of its query changed, or taken away (None)."""
        kept = [(name, value) for name, value in self.request.query_params.multi_items() if name not in changes]
        told = [*kept, *((name, str(value)) for name, value in changes.items() if value is not None)]
        told = [(name, value) for name, value in told if name != "lang" or "lang" in changes]
        return self.path + ("?" + urlencode(told) if told else "")

    def show(
        self, template: str, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
    ) -> Response:
        """The page of a template; of a fragment where the template is one."""
        said = self.request.cookies.get(SAID_COOKIE)
        text = _environments(self.request)[self.language].get_template(template).render(view=self, said=said, **values)
        response = HTMLResponse(text, status, {"Content-Security-Policy": POLICY, **(headers or {})})
        response.headers["Vary"] = "Cookie, HX-Request"
        if said and status == 200:
            response.delete_cookie(SAID_COOKIE, path="/")
        if self.request.query_params.get("lang"):
            response.set_cookie(LANGUAGE_COOKIE, self.language, max_age=_YEAR, path="/", samesite="lax", httponly=True)
        return response

    def go(self, address: str, said: str = "") -> Response:
        """To another page after something was done; `said` is the key of the message that it is to show, once."""
        if self.is_fragment:
            response = Response(status_code=204, headers={"HX-Redirect": address})
        else:
            response = RedirectResponse(address, 303)
        if said:
            response.set_cookie(SAID_COOKIE, said, max_age=60, path="/", samesite="lax", httponly=True)
        return response


def page_router(prefix: str, **options: Any) -> APIRouter:
    """A router for pages, which are no part of the API's description."""
    return APIRouter(prefix=prefix, include_in_schema=False, **options)


def language_of(request: Request) -> Language:
    """The language that somebody chose, now or before; Chinese else."""
    chosen = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    return Language.ENGLISH if chosen == Language.ENGLISH else Language.CHINESE


def renewal(request: Request, **more: str) -> str:
    """The address that gives a browser a new token and sends it back to where it was going."""
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{RENEWAL}?{urlencode({'next': request.url.path + query, **more})}"


def local(address: str) -> str:
    """An address of this system that somebody may be sent to; the home page for any other."""
    ours = address.startswith("/") and not address.startswith("//") and "\\" not in address and address.isprintable()
    return address if ours else "/"


def with_next(address: str, following: str) -> str:
    """The address of a step, and where to go after it."""
    return f"{address}?{urlencode({'next': local(following)})}"


def drop_empty_fields(request: Request) -> None:
    """Go to the address without the filters that a form has left empty."""
    given = request.query_params.multi_items()
    if request.method == "GET" and any(not value for _, value in given):
        kept = urlencode([(name, value) for name, value in given if value])
        raise GoElsewhere(quote(request.url.path) + (f"?{kept}" if kept else ""))


def read_bare(request: Request, _: Annotated[None, Depends(drop_empty_fields)], lang: Asked = None) -> View:
    """A view of somebody who need not be known."""
    return View(request, None, lang or language_of(request))


async def read_visitor(
    request: Request, credentials: BearerToken, said: SaidCsrf, bare: Annotated[View, Depends(read_bare)]
) -> View:
    """A view of whoever looks; who has a sign-in but no token that holds is sent to get one."""
    try:
        actor = await read_bearer(request, credentials, said)
    except Problem as problem:
        if problem.status != 401:
            raise
        if request.cookies.get(cookie_name(request, SESSION_COOKIE)):
            raise GoElsewhere(renewal(request, visitor="1")) from problem
        return bare
    return View(request, actor, bare.language)


def read_signed_in(actor: CurrentActor, bare: Annotated[View, Depends(read_bare)]) -> View:
    """A view of somebody who has signed in; others are sent to do so."""
    return View(bare.request, actor, bare.language)


BareScreen = Annotated[View, Depends(read_bare)]
VisitorScreen = Annotated[View, Depends(read_visitor)]
Screen = Annotated[View, Depends(read_signed_in)]
PageActor = CurrentActor
"""Who looks at a page, for its service; `Annotated[Actor, Depends(require(Role.…))]` where a role is needed."""


def _environments(request: Request) -> Environments:
    found: Environments = request.app.state.page_environments
    return found
