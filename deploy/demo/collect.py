"""The report's figures, read back from the HTTP API after the run."""

from decimal import Decimal
from typing import Any

from deploy.demo.figures import TEN_THOUSAND, RateRow, Report
from deploy.demo.journey import Journey
from shared.http.client import ApiClient

LINES_PREMISES = [
    "输入没有数量或价格，按项数计算：每项需求计 1，不按金额加权。",
    "供给能力没有产能数字，视为不限。",
    "企业没有统一社会信用代码，本次免于核验；结果只说明“可能对口”，不代表资质已经查实。",
    "采购来源不明：现在是否已由本地配套无从得知，现率为 0 只表示没有数据。",
    "本地 = 省内；企业名称只能看出省份的，对更小的范围为“不明”。",
]


def collect(journey: Journey) -> Report:
    """Everything that the report shows, from the catalog's and matching's answers."""
    client, run = journey.client, journey.run
    products = _rate_rows(client, run, "product")
    clusters = [] if journey.in_lines else _rate_rows(client, run, "cluster")
    suggestions = [_flat(item) for item in client.pages("/matching/v1/suggestions", run=run["id"], order="best")]
    diagnosis = client.get(f"/matching/v1/runs/{run['id']}/diagnosis", by="line")
    return Report(
        in_lines=journey.in_lines,
        premises=LINES_PREMISES if journey.in_lines else [],
        definition=_rates(client, run, "cluster", "suggested")["definition"]["sentence"],
        clusters=clusters,
        products=products,
        total=_total(client, run, products),
        diagnosis=diagnosis["total"],
        run=run,
        levers=client.get(f"/matching/v1/runs/{run['id']}/levers")["items"],
        best=[item for item in suggestions if item["state"] == "approved"],
        suggestions=suggestions,
        lines=diagnosis["rows"],
        imports=[_import_row(report) for report in journey.imports],
        supplier_count=len({item["supplier_id"] for item in suggestions}),
        steps=journey.steps,
    )
