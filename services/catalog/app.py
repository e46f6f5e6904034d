"""The catalog's web application; with the command line the only place that knows every feature."""

from fastapi import FastAPI

from services.catalog.capabilities.api import router as capabilities
from services.catalog.clusters.api import router as clusters
from services.catalog.clusters.codes_api import router as codes
from services.catalog.enterprises.api import router as enterprises
from services.catalog.exports import VOCABULARY
from services.catalog.feed.api import router as feed
from services.catalog.feed.metrics import gauges as feed_gauges
from services.catalog.history.api import router as history
from services.catalog.imports.api import router as imports
from services.catalog.imports.steps_api import router as import_steps
from services.catalog.products.api import router as products
from services.catalog.search.api import router as search
from services.catalog.settings import CatalogSettings
from services.catalog.writing.api import router as writing
from shared.http.application import service_application
from shared.http.exports import exports

ROUTERS = (enterprises, clusters, products, capabilities, import_steps, imports, codes, feed, history, writing, search)
DESCRIPTION = """谁能做什么、谁需要什么：企业、证书、集群、主导产品、物料清单、配套需求、采购与供给能力。

- 每个请求带令牌：`Authorization: Bearer …`；看得到哪些行，由令牌的角色决定，看不到的行一律答 404。
- 列表用 `after` 和 `limit` 翻页，`next` 为空即最后一页。金额与数量以字符串传送，不丢失小数。
- 列表的地址后加 `.xlsx` 或 `.csv`，即导出同样条件下的全部行。
- 出错时答 RFC 9457 问题详情（`application/problem+json`）：`type` 稳定不变，`title` 为中文，`errors` 指明字段。
"""


def create_app(settings: CatalogSettings) -> FastAPI:
    """The application for these settings; its database is closed when it shuts down."""
    return service_application(
        "catalog",
        "携手 · 目录服务",
        DESCRIPTION,
        (exports(ROUTERS, VOCABULARY), *ROUTERS),
        database_url=settings.database_url,
        jwks_file=settings.jwks_file,
        metrics=(feed_gauges,),
    )
