"""The application of a service: what both services have in common before any feature is added."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import PlainTextResponse
from fastapi.routing import APIRoute
from sqlalchemy import text
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from shared.clock import Clock, utc_now
from shared.db.database import Database
from shared.http.auth import require
from shared.http.envelope import Envelope, page_policy
from shared.http.fences import fence
from shared.http.idempotency import Idempotency, KeptAnswer
from shared.http.limits import Bounds, Limits
from shared.http.literals import literal_addresses
from shared.http.openapi import described, operation_id
from shared.http.parameters import refuse_unknown_parameters
from shared.http.problems import documented, install_problem_handlers
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.http.sharing import Shared, Sharing
from shared.http.texts import refuse_unfit_text
from shared.http.traffic import Allowance, Traffic
from shared.observability.metrics import MEDIA_TYPE, Gauges, exposition
from shared.security.actor import Actor, Role
from shared.security.tokens import TokenVerifier

#: A statement of a request that takes longer is given up, and its caller asked to come again (503).
STATEMENT_SECONDS = 120


class ServiceApplication(FastAPI):
    """A FastAPI application behind the layers that every request of a service passes.

    They lie outside of Starlette's own, so that its answers (404, 405, 500) are wrapped like all others.
    """

    def build_middleware_stack(self) -> ASGIApp:
        """Ours around FastAPI's."""
        known = Idempotency(super().build_middleware_stack(), self.state.database)
        bounded = Traffic(Limits(known, self.state.bounds), self.state.allowance)
        return Envelope(Sharing(bounded, self.state.shared) if self.state.shared else bounded)

    def openapi(self) -> dict[str, Any]:
        """The API's description; made once, when it is asked for."""
        if self.openapi_schema is None:
            routers = [each.original_router for each in self.router.routes if hasattr(each, "original_router")]
            routes = [route for part in (*routers, self.router) for route in part.routes]
            described(super().openapi(), [route for route in routes if isinstance(route, APIRoute)])
        return self.openapi_schema or {}


def service_application(
    name: str,
    title: str,
    description: str,
    routers: Iterable[APIRouter],
    *,
    database_url: str,
    keys: Path | str,
    clock: Clock = utc_now,
    closing: Iterable[Callable[[], None]] = (),
    metrics: Iterable[Gauges] = (),
    bounds: Bounds = Bounds(),  # noqa: B008 - frozen
    allowance: Allowance = Allowance(),  # noqa: B008 - frozen
    shared: Shared | None = None,
) -> FastAPI:
    """The application of the service `name` with its routes under /`name`.

    Its database is open from now until its lifespan ends, when `closing` are called. /`name`/docs is the API's
    documentation, served without any outside host; /`name`/health needs no token. /`name`/metrics tells `metrics`.
    `keys` is the file or the address of the published keys. What is `shared` may be asked by pages of others.
    """
    database = Database(database_url, statement_seconds=STATEMENT_SECONDS)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        for close in closing:
            close()
        database.dispose()

    app = ServiceApplication(
        title=title,
        description=description,
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=f"/{name}/openapi.json",
        lifespan=lifespan,
        responses=documented(401, 403, 422),
        dependencies=[Depends(refuse_unknown_parameters), Depends(refuse_unfit_text)],
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
    )
    app.state.bounds, app.state.allowance, app.state.shared = bounds, allowance, shared
    app.state.database = database
    app.state.verifier = TokenVerifier(keys, clock)
    install_problem_handlers(app)
    app.add_exception_handler(KeptAnswer, answer_again)
    parts = list(routers)
    for router in (literal_addresses(parts), *parts):
        app.include_router(fence(router))
    app.add_api_route(
        f"/{name}/health", get_health, summary="服务与数据库是否可用", tags=["运行"], responses=documented(503)
    )
    app.state.metrics = tuple(metrics)
    app.add_api_route(
        f"/{name}/metrics",
        read_metrics,
        summary="运行指标（Prometheus 文本格式）",
        tags=["运行"],
        response_class=PlainTextResponse,
    )
    _serve_documentation(app, name)
    return app


async def answer_again(_: Request, kept: Any) -> Response:
    """The answer that a repeated request got before."""
    answered: KeptAnswer = kept
    return answered.response()


def get_health(session: DbSession) -> Response:
    """200 when the database answers; without it the problem handler says 503."""
    session.execute(text("SELECT 1"))
    return json_response({"status": "ok"})


def read_metrics(
    request: Request, session: DbSession, _: Annotated[Actor, Depends(require(Role.REVIEWER, Role.SERVICE))]
) -> Response:
    """The service's metrics; a scraper brings a token of the role `service`."""
    return Response(exposition(session, request.app.state.metrics), media_type=MEDIA_TYPE)


def _serve_documentation(app: FastAPI, name: str) -> None:
    """Swagger UI from the installed package: FastAPI's own page loads it from a host that a ministry cannot reach."""
    assets = f"/{name}/docs-assets"
    app.mount(assets, StaticFiles(directory=str(files("fastapi_offline") / "static")))

    page = get_swagger_ui_html(
        openapi_url=f"/{name}/openapi.json",
        title=app.title,
        swagger_js_url=f"{assets}/swagger-ui-bundle.js",
        swagger_css_url=f"{assets}/swagger-ui.css",
        swagger_favicon_url=f"{assets}/favicon.png",
    )
    page.headers["Content-Security-Policy"] = page_policy(bytes(page.body).decode())

    @app.get(f"/{name}/docs", include_in_schema=False)
    def documentation() -> Response:
        return page
