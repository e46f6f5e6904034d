"""The matching service's web application: the one place that knows all of its features."""

from pathlib import Path

from fastapi import FastAPI

from services.matching.audit.api import router as audit
from services.matching.audit.pages import router as audit_pages
from services.matching.cooperation.api import router as cooperation
from services.matching.cooperation.pages import router as cooperation_pages
from services.matching.disclosure.api import router as disclosure
from services.matching.exports import VOCABULARY
from services.matching.front.pages import router as front_pages
from services.matching.gaps.api import router as gaps
from services.matching.gaps.pages import router as gap_pages
from services.matching.leading.pages import router as leading_pages
from services.matching.map.api import router as city_flows
from services.matching.map.pages import router as map_pages
from services.matching.mirror.api import router as mirror
from services.matching.mirror.currency import told_with_exports
from services.matching.mirror.metrics import gauges as mirror_gauges
from services.matching.network.api import router as network
from services.matching.proposing.api import router as proposing
from services.matching.proposing.pages import router as proposing_pages
from services.matching.rates.api import router as rates
from services.matching.rates.pages import router as rates_pages
from services.matching.runs.api import router as runs
from services.matching.runs.pages import router as run_pages
from services.matching.settings import MatchingSettings
from services.matching.suggestions.api import router as suggestions
from services.matching.suggestions.batch_api import router as suggestion_batches
from services.matching.suggestions.pages import router as suggestion_pages
from services.matching.supplying.api import router as obstacles
from services.matching.supplying.pages import router as supplying_pages
from services.matching.what_if.api import router as what_if
from services.matching.what_if.engine_process import ResidentEngine
from services.matching.what_if.pages import router as what_if_pages
from shared.audit.pages import deeds_of
from shared.clock import Clock, utc_now
from shared.http.application import service_application
from shared.http.exports import exports
from shared.ui.installing import install_pages

ROUTERS = (
    rates,
    city_flows,
    runs,
    gaps,
    obstacles,
    what_if,
    network,
    suggestions,
    proposing,
    suggestion_batches,
    cooperation,
    disclosure,
    mirror,
    audit,
)
PAGES = (
    front_pages,
    rates_pages,
    map_pages,
    suggestion_pages,
    run_pages,
    gap_pages,
    what_if_pages,
    leading_pages,
    proposing_pages,
    supplying_pages,
    cooperation_pages,
    audit_pages,
)
DESCRIPTION = """哪家中小企业适合哪个配套需求，为什么，以及人们怎样决定：本地配套率、匹配任务、诊断、配套建议与审核。

- 每个请求带令牌：`Authorization: Bearer …`；看得到什么由令牌的角色决定，看不到的一律答 404。
- 每个配套率都连同其定义（`definition`）返回；金额是整数元。
- 列表的地址后加 `.xlsx` 或 `.csv`，即导出同样条件下的全部行。
- 审核时用 `If-Match` 带上看到的版本；版本已变答 412，状态不允许答 409。
"""


def create_app(settings: MatchingSettings, clock: Clock = utc_now) -> FastAPI:
    """The application for these settings; its database and its resident engine are closed when it shuts down."""
    engine = ResidentEngine()
    app = service_application(
        "matching",
        "携手 · 匹配服务",
        DESCRIPTION,
        (exports(ROUTERS, VOCABULARY, told_with_exports), *ROUTERS, *PAGES),
        database_url=settings.database_url,
        keys=settings.keys,
        clock=clock,
        closing=(engine.close,),
        metrics=(mirror_gauges,),
    )
    app.state.resident_engine, app.state.deeds = engine, deeds_of(ROUTERS)
    app.state.shows_rates, app.state.outlines_file = settings.shows_rates, settings.outlines_file
    install_pages(app, "matching", Path(__file__).parent)
    return app
