"""The portal: what stands at `/` of the embedded start."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from shared.http.problems import install_problem_handlers

PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>携手</title></head>
<body><h1>携手</h1>
<p>让集群的主导产品更多地由本地中小企业配套。</p>
<ul><li><a href="/catalog/docs">企业与需求目录的接口</a></li><li><a href="/matching/docs">匹配的接口</a></li></ul>
</body></html>"""


def create_portal(lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]]) -> FastAPI:
    """The portal's application; `lifespan` starts and stops the services beside it."""
    app = FastAPI(title="携手", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    install_problem_handlers(app)

    @app.get("/", response_class=HTMLResponse)
    def home() -> str:
        return PAGE

    return app
