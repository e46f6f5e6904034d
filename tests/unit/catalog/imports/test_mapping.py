"""Mapping files: foreign headings to fields, one sheet to several kinds; what is said of a wrong mapping."""

from pathlib import Path

import pytest

from services.catalog.imports.files.reading import read_file
from services.catalog.imports.headings.mapping import Mapping, parse_mapping
from services.catalog.imports.outcomes import FileProblem, Outcome
from services.catalog.imports.plan import Plan, plan_import
from services.catalog.imports.templates import ImportKind
from tests.spreadsheets import csv_bytes, xlsx

SHIPPED = Path(__file__).parents[4] / "deploy" / "demo" / "mappings" / "listed_companies.toml"

# the shape of the public data, with made-up content
COMPANIES = [
    ["证券代码", "企业名称", "简称", "所在地", "主营产品", "营收占比"],
    ["990001", "泰山虚构精工股份有限公司", "虚构精工", "山东", "胎圈钢丝", "0.8"],
    ["990001", "泰山虚构精工股份有限公司", "虚构精工", "山东", "平衡项目", "0.0"],
    ["990001", "泰山虚构精工股份有限公司", "虚构精工", "山东", "钢丝绳", "-1.4e-05"],
    ["990001", "泰山虚构精工股份有限公司", "虚构精工", "山东", "废料", "0.01"],
    ["990002", "胶东虚构制冷股份有限公司", "虚构制冷", "青岛", "商用冷柜", "1.0"],
]
PARTS = [["产品", "系统", "零部件", "来源"], ["拖拉机", "底盘", "轮毂", "样例"], ["拖拉机", "底盘", "半轴", "样例"]]


def shipped() -> Mapping:
    return parse_mapping(SHIPPED.read_bytes())


def plan(filename: str, rows: list[list[str]], mapping: Mapping) -> Plan:
    return plan_import(filename, read_file(filename, csv_bytes(rows, "utf-8")), mapping=mapping)


class TestTheShippedMapping:
    def test_companies_become_enterprises_and_capabilities(self) -> None:
        made = plan("suppliers.csv", COMPANIES, shipped())
        firms = [row.values for row in made.rows[ImportKind.ENTERPRISES] if row.outcome is None]
        assert [(firm["source_key"], firm["name"], firm["region"]) for firm in firms] == [
            ("证券代码:990001", "泰山虚构精工股份有限公司", "370000"),
            ("证券代码:990002", "胶东虚构制冷股份有限公司", "370200"),
        ]
        assert [(row.values.get("name"), row.outcome) for row in made.rows[ImportKind.CAPABILITIES]] == [
            ("胎圈钢丝", None),
            ("平衡项目", Outcome.REFUSED),
            ("钢丝绳", Outcome.REFUSED),
            ("废料", Outcome.TO_BE_LOOKED_AT),
            ("商用冷柜", None),
        ]
        assert made.rows[ImportKind.CAPABILITIES][0].values["supplier"] == "key:证券代码:990001"
        assert made.notes == ["“企业”：3 行与前面的行相同，已合并"]

    def test_a_refused_line_is_told_with_the_sources_own_heading(self) -> None:
        refused = plan("suppliers.csv", COMPANIES, shipped()).rows[ImportKind.CAPABILITIES][2]
        (problem,) = refused.problems
        assert (problem.row, problem.column, problem.value, problem.code, problem.message) == (
            4,
            "主营产品",
            "钢丝绳",
            "share_not_positive",
            "营收占比为零或负数，是账务调整而不是在售的产品",
        )

    def test_parts_become_products_bills_and_needs(self) -> None:
        made = plan("needs.csv", PARTS, shipped())
        lines = [row.values for row in made.rows[ImportKind.BOM_LINES] if row.outcome is None]
        assert [(line["parent"], line["part_code"], line["sourcing"]) for line in lines] == [
            ("", "底盘", "made"),
            ("底盘", "轮毂", "bought"),
            ("底盘", "半轴", "bought"),
        ]
        assert [row.values["part_code"] for row in made.rows[ImportKind.NEEDS]] == ["轮毂", "半轴"]
        assert [row.outcome for row in made.rows[ImportKind.PRODUCTS]] == [None, Outcome.REPEATED]


class TestMappingInGeneral:
    def test_columns_are_put_together(self) -> None:
        mapping = parse_mapping(
            """
            [[sheet]]
            file = "*.xlsx"
            sheet = "清单"
            [[sheet.target]]
            kind = "products"
            columns = { code = "{厂}-{型号}", name = "型号" }
            """.encode()
        )
        book = xlsx({"清单": [["厂", "型号"], ["甲", "T1"], ["", "T2"]], "封面": [["x"]]})
        rows = plan_import("a.xlsx", read_file("a.xlsx", book), mapping=mapping).rows[ImportKind.PRODUCTS]
        assert rows[0].values["code"] == "甲-T1"
        assert [(problem.column, problem.message) for problem in rows[1].problems] == [
            ("厂 + 型号", "“产品编码”不能为空")
        ]

    def test_a_later_row_that_differs_is_kept_aside(self) -> None:
        rows = [*COMPANIES[:2], ["990001", "泰山虚构精工股份有限公司", "虚构精工", "烟台", "钢帘线", "0.1"]]
        later = plan("suppliers.csv", rows, shipped()).rows[ImportKind.ENTERPRISES][1]
        assert later.outcome is Outcome.TO_BE_LOOKED_AT
        assert later.problems[0].message == "与第 2 行是同一条记录，所在地区不同；已按前者导入"

    def test_a_heading_that_the_file_does_not_have(self) -> None:
        made = plan("suppliers.csv", [["证券代码", "企业名称", "简称", "所在地", "主营产品名", "营收占比"]], shipped())
        assert [(p.sheet, p.row, p.column, p.message, p.remedy) for p in made.problems] == [
            (
                "suppliers",
                1,
                "主营产品",
                "映射文件所用的列“主营产品”不在表中",
                "是否为“主营产品名”？请改正映射文件或表头",
            )
        ]

    def test_two_columns_with_a_mapped_heading(self) -> None:
        made = plan("needs.csv", [["产品", "系统", "零部件", "系统"], ["拖拉机", "底盘", "轮毂", "车身"]], shipped())
        assert {p.message for p in made.problems} == {"有 2 列的表头都是“系统”（B、D 列）"}
        assert {row.outcome for row in made.rows[ImportKind.BOM_LINES]} == {Outcome.REFUSED}

    def test_sheets_that_the_mapping_does_not_speak_of_are_read_by_their_own_headings(self) -> None:
        made = plan("集群.csv", [["集群编码", "集群名称", "层级", "所含城市"], ["J", "x", "省级", "青岛"]], shipped())
        assert [row.outcome for row in made.rows[ImportKind.CLUSTERS]] == [None]


@pytest.mark.parametrize(
    ("written", "message", "remedy"),
    [
        ("[[sheet]\n", "映射文件不是 UTF-8 的 TOML", "请按说明核对映射文件"),
        ("source = " + "1" * 5000, "映射文件不是 UTF-8 的 TOML", "请按说明核对映射文件"),
        ("source = " + "[" * 5000, "映射文件不是 UTF-8 的 TOML", "请按说明核对映射文件"),
        (
            "source = '证券代码'",
            "映射文件缺少 sheet",
            "至少要有一个 [[sheet]]，其中至少一个 [[sheet.target]] 写明 kind",
        ),
        (
            "[[sheet]]\nfile = '*'\n[[sheet.target]]\nkind = 'suppliers'",
            "映射文件：sheet.0.target.0.kind 的值“suppliers”不是数据种类",
            "可用的种类：enterprises、certificates、titles、relations、preferences、clusters、cluster_members、products、bom_lines、"
            "needs、purchases、capabilities",
        ),
        (
            "[[sheet]]\n[[sheet.target]]\nkind = 'products'\ncolumns = { cod = '产品', name = '产品' }",
            "映射文件：products 没有字段“cod”",
            "是否为“code”？",
        ),
        (
            "[[sheet]]\n[[sheet.target]]\nkind = 'capabilities'\ncolumns = { name = '产品' }",
            "映射文件：capabilities 缺少必需的字段 supplier",
            "请在 columns 中写明来源的列，或在 constants 中给出固定的值",
        ),
        (
            "sheets = 1\n[[sheet]]\n[[sheet.target]]\nkind = 'products'",
            "映射文件：不认识的项 sheets",
            "请删去，或核对拼写",
        ),
        (
            "[[sheet]]\n[[sheet.target]]\nkind = 'products'\ncolumns = { code = 1, name = '产品' }",
            "映射文件：sheet.0.target.0.columns.code 应为文字",
            "请用引号写成文字",
        ),
    ],
)
def test_a_mapping_that_cannot_be_used(written: str, message: str, remedy: str) -> None:
    with pytest.raises(FileProblem) as caught:
        parse_mapping(written.encode())
    assert caught.value.message.startswith(message)
    assert caught.value.remedy == remedy
