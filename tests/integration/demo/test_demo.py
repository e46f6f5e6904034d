"""The demo on small input: what it says is what the arithmetic by hand gives."""

from copy import deepcopy
from pathlib import Path

import pytest
from openpyxl import load_workbook

from deploy.demo.inputs import NoInput, find_inputs

from .conftest import SHEETS, Demo, Played, write


def test_two_makers_raise_the_rate_as_far_as_caps_and_capacities_let(played: Played) -> None:
    report = played.report
    # spend 1000 × 1000 元; the cap lets Jinan have 60 % = 600 pieces, Weifang has 300 pieces: 900,000 元
    [cluster] = report.clusters
    assert (cluster.spend, cluster.local_now, cluster.moved) == (1_000_000, 0, 900_000)
    assert report.headline() == (
        "示例动力集群：把一年 90.00 万元的采购转给本地企业，"
        "本地配套率从 0.00% 升到 90.00%（+90.0 个百分点），越过 50% 的目标。"
    )
    assert sum(part["amount"] for part in report.diagnosis) == 1_000_000
    assert [item["state"] for item in report.suggestions] == ["approved", "approved"]
    assert "口径：本地配套率（建议）：按采购金额（不含税）" in played.printed


def test_firms_have_registered_and_wait_for_a_reviewer(played: Played) -> None:
    assert "登记了 5 份虚构企业的申请。网页的“企业登记审核”里可以看到。" in played.printed


def test_the_page_is_self_contained_and_has_the_headline(played: Played) -> None:
    page = (played.out / "report.html").read_text("utf-8")
    assert played.report.headline() in page
    assert "http" not in page.replace("http://www.w3.org", ""), "the page is self-contained"


def test_half_a_capacity_moves_the_plan_by_as_much(demo: Demo, tmp_path: Path) -> None:
    halved = deepcopy(SHEETS)
    halved["供给能力"][1][3] = "300"
    report, _ = demo(write(tmp_path / "in", halved))
    assert report.total.moved == 600_000


def test_a_broken_cell_is_named_and_the_rest_goes_on(demo: Demo, tmp_path: Path) -> None:
    broken = deepcopy(SHEETS)
    broken["供给能力"][2][3] = "三百"
    report, _ = demo(write(tmp_path / "in", broken))
    assert report.total.moved == 600_000
    [problem] = report.problems
    assert (problem["row"], problem["column"], problem["value"]) == (3, "年剩余产能", "三百")
    assert problem["message"] in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_the_workbook_recomputes_from_its_lines(played: Played) -> None:
    book = load_workbook(played.out / "suggestions.xlsx")
    headings, line = [[cell.value for cell in row] for row in book["需求"].iter_rows()]
    amounts = dict(zip(headings, line, strict=True))
    assert amounts["采购额"] == sum(amounts[part["label"]] for part in played.report.diagnosis)
    assert amounts["本次建议"] == sum(row[12] for row in book["建议"].iter_rows(min_row=2, values_only=True))
    assert book["汇总"]["B4"].value.startswith("=SUMIFS(")


def test_without_quantities_it_counts_lines_and_says_so(demo: Demo, tmp_path: Path) -> None:
    folder = write(
        tmp_path / "in",
        {
            "makers": [
                ["代号", "公司", "地点", "产品", "占比"],
                ["1", "示例曲轴公司（虚构）", "山东", "曲轴", "0.7"],
                ["1", "示例曲轴公司（虚构）", "山东", "平衡项目", "0.3"],
                ["2", "示例租赁公司（虚构）", "青岛", "曲轴", "-0.1"],
            ],
            "parts": [["整机", "部件"], ["示例柴油机", "曲轴"], ["示例柴油机", "喷油器"]],
        },
    )
    (folder / "mapping.toml").write_text(MAPPING, "utf-8")
    report, printed = demo(folder)
    assert report.in_lines
    assert (report.total.spend, report.total.moved) == (2, 1)
    assert len(report.suggestions) == 1
    refused = {(problem["row"], problem["value"]) for problem in report.problems}
    assert refused == {(3, "平衡项目"), (4, "曲轴")}
    for premise in ("每项需求计 1", "视为不限", "免于核验", "来源不明"):
        assert premise in printed


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoInput, match=r"没有 \.xlsx 或 \.csv 文件"):
        find_inputs(tmp_path)


MAPPING = """
source = "代号"

[[sheet]]
file = "makers.csv"
[[sheet.target]]
kind = "enterprises"
[sheet.target.columns]
source_key = "代号"
name = "公司"
region = "地点"
[sheet.target.constants]
roles = "供应商"
[[sheet.target]]
kind = "capabilities"
[sheet.target.columns]
supplier_source_key = "代号"
name = "产品"
share = "占比"

[[sheet]]
file = "parts.csv"
[[sheet.target]]
kind = "products"
[sheet.target.columns]
code = "整机"
name = "整机"
[[sheet.target]]
kind = "bom_lines"
[sheet.target.columns]
product = "整机"
part_code = "部件"
part_name = "部件"
[[sheet.target]]
kind = "needs"
[sheet.target.columns]
product = "整机"
part_code = "部件"
part_name = "部件"
"""
