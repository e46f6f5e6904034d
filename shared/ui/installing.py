"""Give a service its pages: templates, assets, and problems that people can read."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from shared.http.problems import Problem
from shared.ui.assets import serve_assets
from shared.ui.rendering import environments
from shared.ui.screens import GoElsewhere, View, language_of, renewal


def install_pages(app: FastAPI, name: str, folder: Path) -> None:
    """Let the service `name`, whose features lie in `folder`, show pages."""
    app.state.page_environments = environments(name, folder)
    app.state.show_problem = show_problem
    app.add_exception_handler(GoElsewhere, go_elsewhere)
    serve_assets(app, name)


async def go_elsewhere(_: Request, error: Any) -> Response:
    """To the page that the exception names."""
    there: GoElsewhere = error
    return RedirectResponse(there.address, there.status)


def show_problem(request: Request, problem: Problem) -> Response | None:
    """A problem as a page, where a person asked for one; None where a program did.

    Who is not known, or whose token is over, is sent to get a new one: with what the form says, to be sent again.
    """
    navigates = "text/html" in request.headers.get("accept", "") or request.headers.get("HX-Request") == "true"
    of_api = "/v1/" in request.url.path
    if not navigates or (of_api and (problem.status != 401 or request.method != "GET")):
        return None
    if problem.status == 401 and problem.kind == "unauthorised":
        return RedirectResponse(renewal(request), 303 if request.method in ("GET", "HEAD") else 307)
    view = View(request, None, language_of(request))
    return view.show("ui/problem", problem.status, problem.headers, problem=problem)
