"""The portal: what stands at `/` of the embedded start; a browser is sent on to the front page."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI
from fastapi.responses import RedirectResponse

from shared.http.problems import install_problem_handlers

FRONT = "/matching/front"

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_portal(lifespan: Lifespan) -> FastAPI:
    """The portal's application; `lifespan` starts and stops the services beside it."""
    app = FastAPI(title="携手", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    install_problem_handlers(app)

    @app.get("/")
    def home() -> RedirectResponse:
        return RedirectResponse(FRONT, 307)

    return app
