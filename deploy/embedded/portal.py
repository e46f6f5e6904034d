"""The portal: what stands at `/` of the embedded start, for whoever opens it in a browser."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.matching.rates import service as rates
from services.matching.rates.definition import Stage, Terms
from services.matching.rates.schemas import RatesOut
from services.matching.rates.service import Question
from shared.db.database import Database
from shared.http.problems import Problem, install_problem_handlers
from shared.security.actor import Actor, Role

VISITOR = Actor("portal", Role.SERVICE)
"""The portal shows clusters' totals only, never a row of an enterprise, and so asks as a service."""

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_portal(lifespan: Lifespan, matching: Database) -> FastAPI:
    """The portal's application; `lifespan` starts and stops the services beside it, `matching` holds the rates."""
    app = FastAPI(title="携手", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    install_problem_handlers(app)
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
    )

    @app.get("/", response_class=HTMLResponse)
    def home(request: Request) -> str:
        now, base_url = _rates(matching, Stage.LOCAL_NOW), str(request.base_url)
        return templates.get_template("portal.html.j2").render(now=now, base_url=base_url, **_planned(matching))

    return app


def _rates(matching: Database, stage: Stage) -> RatesOut:
    with matching.session() as session:
        return rates.rates(session, VISITOR, Question(Terms(stage=stage)))


def _planned(matching: Database) -> dict[str, RatesOut | str | None]:
    """The suggested rates by cluster, or the reason why there are none yet."""
    try:
        return {"planned": _rates(matching, Stage.SUGGESTED), "reason": None}
    except Problem as problem:
        return {"planned": None, "reason": problem.errors[0].detail if problem.errors else problem.title}
