"""The report's figures, read back from the HTTP API after the run."""

from decimal import Decimal
from typing import Any

from deploy.demo.figures import TEN_THOUSAND, RateRow, Report
from deploy.demo.journey import Journey

LINES_PREMISES = [
    "输入没有数量或价格，按项数计算：每项需求计 1，不按金额加权。",
    "供给能力没有产能数字，视为不限。",
    "企业没有统一社会信用代码，本次免于核验；结果只说明“可能对口”，不代表资质已经查实。",
    "采购来源不明：现在是否已由本地配套无从得知，现率为 0 只表示没有数据。",
    "本地 = 省内；企业名称只能看出省份的，对更小的范围为“不明”。",
]


COUNTS = ("rows", "created", "changed", "unchanged", "to_be_looked_at", "refused")


def collect(journey: Journey) -> Report:
    """Everything that the report shows, from the catalog's and matching's answers."""
    client, run = journey.client, journey.run
    path = f"/matching/v1/runs/{run['id']}"
    products = client.get(f"{path}/products", by="product")
    clusters = client.get(f"{path}/products", by="cluster")
    suggestions = list(client.pages("/matching/v1/suggestions", run=run["id"], order="best", limit=200))
    diagnosis = client.get(f"{path}/diagnosis", by="cluster")["total"]
    return Report(
        in_lines=journey.in_lines,
        premises=LINES_PREMISES if journey.in_lines else [],
        definition=clusters["definitions"]["suggested"]["sentence"],
        clusters=[_rate_row(row) for row in clusters["items"] if row["key"] is not None],
        products=[_rate_row(row) for row in products["items"]],
        total=_rate_row(clusters["total"]),
        diagnosis=diagnosis["parts"],
        unknown_reasons=[part for part in diagnosis["unknown_reasons"] if part["amount"]],
        run=run,
        levers=client.get(f"{path}/levers")["items"],
        best=[item for item in suggestions if item["state"] == "approved"],
        suggestions=suggestions,
        lines=[_line(row) for row in client.pages(f"{path}/diagnosis", by="line", limit=200)],
        imports=[row for report in journey.imports for row in _import_rows(report)],
        problems=[problem for report in journey.imports for problem in report["problems"]],
        steps=journey.steps,
    )


def _rate_row(row: dict[str, Any]) -> RateRow:
    base, alone = row["local_now"] + row["approved"], row["attainable_alone"]
    return RateRow(
        name=row["name"],
        owner=row["leader_name"] or "",
        spend=row["counted"],
        local_now=row["local_now"],
        moved=row["approved"] + row["suggested"],
        attainable=base + (row["attainable_joint"] if alone is None else alone),
        greedy=base + row["greedy"],
        unknown=row["unknown"],
        target=TEN_THOUSAND // 2 if row["target"] is None else int(Decimal(row["target"]) * TEN_THOUSAND),
    )


def _line(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "classes": {part["class"]: part["amount"] for part in row["parts"]}}


def _import_rows(report: dict[str, Any]) -> list[dict[str, Any]]:
    """One row per sheet and kind; a file of which nothing could be read has no sheet, and counts nothing."""
    sheets = report["sheets"] or [dict.fromkeys(COUNTS, 0) | {"kind": ""}]
    name = report["filename"]
    return [sheet | {"label": name if len(sheets) == 1 else f"{name} · {sheet['kind']}"} for sheet in sheets]
