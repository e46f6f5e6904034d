"""The matching service's web application: the one place that knows all of its features."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.matching import health
from services.matching.gaps import api as gaps
from services.matching.mirror import api as mirror
from services.matching.rates import api as rates
from services.matching.runs import api as runs
from services.matching.settings import MatchingSettings
from services.matching.suggestions import api as suggestions
from shared.db.database import Database
from shared.http.problems import install_problem_handlers
from shared.security.tokens import TokenVerifier

FEATURES = (health, mirror, runs, gaps, suggestions, rates)


def create_app(settings: MatchingSettings) -> FastAPI:
    """Build the application; it holds its database from now until its lifespan ends."""
    database = Database(settings.database_url)
    app = FastAPI(
        title="携手 · 匹配服务",
        description="哪家中小企业适合哪个配套需求，为什么，以及人们怎样决定。",
        version="1",
        docs_url="/matching/docs",
        redoc_url=None,
        openapi_url="/matching/openapi.json",
        lifespan=_lifespan,
    )
    app.state.database = database
    app.state.verifier = TokenVerifier(settings.jwks_file)
    install_problem_handlers(app)
    for feature in FEATURES:
        app.include_router(feature.router)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.database.dispose()
