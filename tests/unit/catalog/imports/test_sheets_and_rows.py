"""What the user reads about headings and rows: the exact place, value, cause and remedy of each problem."""

from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook

from services.catalog.imports.files.reading import read_file
from services.catalog.imports.outcomes import FileProblem, Outcome, Problem
from services.catalog.imports.plan import Plan, plan_import
from services.catalog.imports.templates import ImportKind
from shared.codes.credit_code import make
from tests.spreadsheets import Sheets, csv_bytes, saved, xlsx

FIRM = make(7)
ENTERPRISE = ["统一社会信用代码", "企业名称", "角色", "所在地区", "行业类别", "从业人员", "营业收入（万元）"]


def plan(sheets: Sheets | bytes, filename: str = "数据.xlsx", **options: Any) -> Plan:
    content = sheets if isinstance(sheets, bytes) else xlsx(sheets)
    return plan_import(filename, read_file(filename, content), **options)


def problems(sheets: Sheets | bytes, filename: str = "数据.xlsx", **options: Any) -> list[Problem]:
    made = plan(sheets, filename, **options)
    return [*made.problems, *(problem for row in made.all_rows for problem in row.problems)]


def one(sheets: Sheets | bytes, filename: str = "数据.xlsx", **options: Any) -> tuple[Any, ...]:
    """The one problem of a file: sheet, row, column, value, message, remedy."""
    (found,) = problems(sheets, filename, **options)
    return found.sheet, found.row, found.column, found.value, found.message, found.remedy


def firm(**changes: Any) -> list[Any]:
    values = dict.fromkeys(ENTERPRISE) | {
        "统一社会信用代码": FIRM,
        "企业名称": "岱岳精工有限公司（虚构）",
        "角色": "供应商",
    }
    return list((values | changes).values())


def enterprises(**changes: Any) -> Sheets:
    return {"企业": [ENTERPRISE, firm(**changes)]}


class TestHeadings:
    def test_a_missing_required_column_names_the_misspelt_one(self) -> None:
        found = problems({"企业": [["统一社会信用代码", "企业名", "角色"], [FIRM, "x", "供应商"]]})
        assert [(p.row, p.column, p.message, p.remedy) for p in found] == [
            (1, "企业名称", "缺少必需的列“企业名称”", "是否写成了“企业名”？请改为“企业名称”"),
            (1, "企业名", "不认识的列“企业名”，未导入", "是否为“企业名称”？"),
        ]

    def test_a_missing_required_column_refuses_every_row(self) -> None:
        made = plan({"集群": [["集群编码", "集群名称"], ["J1", "a"], ["J2", "b"]]})
        assert [row.outcome for row in made.all_rows] == [Outcome.REFUSED] * 2
        assert [p.column for p in made.problems] == ["层级", "所含城市"]
        assert made.problems[0].remedy == "请补上这一列；模板“集群”可从 templates 接口下载"

    def test_an_unknown_column_is_named_and_the_rows_go_on(self) -> None:
        sheets = {"企业": [["统一社会信用代码", "企业名称", "角色", "从业人数"], [FIRM, "x", "供应商", 30]]}
        assert one(sheets) == ("企业", 1, "从业人数", "从业人数", "不认识的列“从业人数”，未导入", "是否为“从业人员”？")
        assert [row.outcome for row in plan(sheets).all_rows] == [None]

    def test_two_columns_with_one_heading(self) -> None:
        sheets = {"企业": [["统一社会信用代码", "企业名称", "角色", "企业名称"], [FIRM, "甲", "供应商", "乙"]]}
        assert one(sheets) == (
            "企业",
            1,
            "企业名称",
            "企业名称",
            "有 2 列的表头都是“企业名称”（B、D 列）",
            "请只保留一列，或改正写错的表头",
        )
        assert plan(sheets).all_rows[0].outcome is Outcome.REFUSED

    def test_merged_headings(self) -> None:
        book = Workbook()
        book.active.title = "集群成员"
        book.active.append(["集群编码", "统一社会信用代码", None])
        book.active.merge_cells("B1:C1")
        book.active.append(["J1", FIRM, "x"])
        assert one(saved(book)) == (
            "集群成员",
            1,
            "统一社会信用代码",
            "统一社会信用代码",
            "表头有合并单元格 B1:C1，分不清各列是什么",
            "请取消合并，让每一列在同一行各有一个表头",
        )

    def test_headings_are_compared_without_width_spaces_and_stars(self) -> None:
        made = plan(
            {
                "企业": [
                    ["统一社会信用代码 ", "企业名称*", "角 色（必填）", "营业收入(万元)"],
                    [FIRM, "x", "供应商", 500],
                ]
            }
        )
        assert made.problems == []
        assert made.all_rows[0].values["revenue_wan"] == 500

    def test_a_title_above_the_headings(self) -> None:
        sheets = {"企业": [["2026 年企业登记表（虚构）"], [], ENTERPRISE, firm()]}
        (row,) = plan(sheets).all_rows
        assert (row.number, row.outcome, row.problems) == (4, None, [])

    def test_the_row_of_notes_is_not_data(self) -> None:
        (row,) = plan({"企业": [ENTERPRISE, ["填写说明（本行不导入）：18 位"], firm()]}).all_rows
        assert row.number == 3

    def test_blank_rows_between_are_skipped(self) -> None:
        assert [row.number for row in plan({"企业": [ENTERPRISE, [], firm(), ["-", " "]]}).all_rows] == [3]


class TestKinds:
    @pytest.mark.parametrize("title", ["企业", " 企业 ", "1-企业", "企业表", "企业 (2)", "企业2026", "enterprises"])
    def test_the_sheet_title_tells(self, title: str) -> None:
        assert list(plan({title: [ENTERPRISE, firm()]}).rows) == [ImportKind.ENTERPRISES]

    def test_the_file_name_tells_for_csv(self) -> None:
        assert list(plan(csv_bytes([["集群编码", "统一社会信用代码"], ["J1", FIRM]]), "集群成员.csv").rows) == [
            ImportKind.CLUSTER_MEMBERS
        ]

    def test_the_headings_tell_where_they_leave_no_doubt(self) -> None:
        assert list(plan({"Sheet1": [ENTERPRISE, firm()]}).rows) == [ImportKind.ENTERPRISES]

    def test_the_caller_tells(self) -> None:
        made = plan({"Sheet1": [["集群编码", "统一社会信用代码"], ["J1", FIRM]]}, kind=ImportKind.CLUSTER_MEMBERS)
        assert list(made.rows) == [ImportKind.CLUSTER_MEMBERS]

    def test_the_caller_tells_beside_empty_sheets(self) -> None:
        sheets = {"Sheet1": [["集群编码", "统一社会信用代码"], ["J1", FIRM]], "Sheet2": [], "Sheet3": [[" "]]}
        assert list(plan(sheets, kind=ImportKind.CLUSTER_MEMBERS).rows) == [ImportKind.CLUSTER_MEMBERS]

    def test_a_sheet_with_headings_alone_is_noted(self) -> None:
        made = plan({"企业": [ENTERPRISE]})
        assert (made.all_rows, made.notes) == ([], ["“企业”：只有表头，没有数据行"])

    def test_kinds_come_in_the_order_of_import_whatever_the_order_of_sheets(self) -> None:
        made = plan({"集群成员": [["集群编码", "统一社会信用代码"], ["J1", FIRM]], "企业": [ENTERPRISE, firm()]})
        assert list(made.rows) == [ImportKind.ENTERPRISES, ImportKind.CLUSTER_MEMBERS]

    def test_a_sheet_with_our_headings_and_an_unclear_title_is_a_problem(self) -> None:
        sheets = {"企业": [ENTERPRISE, firm()], "表二": [["产品编码", "零部件编码", "颜色"], ["P", "Q", "红"]]}
        (found,) = problems(sheets)
        assert (found.sheet, found.code, found.message) == ("表二", "unknown_sheet", "看不出工作表“表二”是哪一种数据")
        assert plan(sheets).unread

    def test_a_foreign_sheet_is_noted(self) -> None:
        made = plan({"企业": [ENTERPRISE, firm()], "封面": [["某市工业和信息化局（虚构）"]]})
        assert (made.notes, made.unread) == (["工作表“封面”不是导入模板，没有导入"], False)

    def test_a_file_of_which_nothing_is_known(self) -> None:
        with pytest.raises(FileProblem, match="看不出文件里是哪一种数据"):
            plan({"Sheet1": [["a", "b"], [1, 2]]})

    def test_a_file_without_data(self) -> None:
        with pytest.raises(FileProblem, match="文件里没有数据"):
            plan({"Sheet1": []})


class TestCellsInTheirPlace:
    def test_a_good_row(self) -> None:
        sheets = enterprises(所在地区="青岛市城阳区", 行业类别="汽车零部件及配件制造", 从业人员="１２０")
        (row,) = plan(sheets).all_rows
        assert row.outcome is None
        assert row.values == {
            "credit_code": FIRM,
            "name": "岱岳精工有限公司（虚构）",
            "roles": ["supplier"],
            "region": "370214",
            "class_code": "3670",
            "staff": 120,
            "revenue_wan": None,
        }

    def test_a_credit_code_that_lost_its_digits(self) -> None:
        assert one(enterprises(统一社会信用代码=913700001234567890)) == (
            "企业",
            2,
            "统一社会信用代码",
            "9.13700001234568e+17",
            "长编码被当作数字存储，末几位已经丢失",
            "请把这一列设为“文本”格式，再按原件重新填写",
        )

    def test_a_credit_code_in_scientific_notation_in_a_csv(self) -> None:
        rows = [ENTERPRISE, firm(统一社会信用代码="9.137E+17")]
        assert one(csv_bytes(rows), "企业.csv")[2:5] == (
            "统一社会信用代码",
            "9.137E+17",
            "长编码被当作数字存储，末几位已经丢失",
        )

    def test_which_digit_of_a_credit_code_fails(self) -> None:
        wrong = FIRM[:10] + "O" + FIRM[11:]
        assert one(enterprises(统一社会信用代码=wrong)) == (
            "企业",
            2,
            "统一社会信用代码",
            wrong,
            "统一社会信用代码第 11 位“O”不是允许的字符",
            "代码只用数字和大写字母，不含 I、O、S、V、Z；请核对是否应为 1、0、5、U、2",
        )

    def test_a_credit_code_with_a_wrong_check_digit(self) -> None:
        wrong = FIRM[:-1] + ("1" if FIRM[-1] != "1" else "2")
        assert one(enterprises(统一社会信用代码=wrong))[4] == "统一社会信用代码的校验位不符，其中至少一位有误"

    def test_a_short_credit_code(self) -> None:
        assert one(enterprises(统一社会信用代码=FIRM[:15]))[4:] == (
            "统一社会信用代码应为 18 位，这里是 15 位",
            "请按营业执照核对，补全 18 位代码",
        )

    def test_a_credit_code_with_spaces_and_full_width(self) -> None:
        written = f" {FIRM[:9]} {FIRM[9:]}".translate(str.maketrans("0123456789", "０１２３４５６７８９")).lower()
        assert plan(enterprises(统一社会信用代码=written)).all_rows[0].values["credit_code"] == FIRM

    def test_a_required_cell_is_blank(self) -> None:
        assert one(enterprises(企业名称=None)) == ("企业", 2, "企业名称", None, "“企业名称”不能为空", "请填写")

    def test_an_enterprise_without_any_code(self) -> None:
        assert one(enterprises(统一社会信用代码=None))[4:] == (
            "“统一社会信用代码”不能为空",
            "请填写 18 位统一社会信用代码，设为文本格式",
        )

    def test_an_unknown_region_with_the_nearest(self) -> None:
        _, _, column, value, message, remedy = one(enterprises(所在地区="青导市"))
        assert (column, value, message) == ("所在地区", "青导市", "没有名为“青导市”的地区")
        assert remedy.startswith("是否为：")
        assert "青岛市" in remedy

    def test_a_retired_region_is_mapped_and_noted(self) -> None:
        made = plan(enterprises(所在地区="371202"))
        assert made.all_rows[0].values["region"] == "370116"
        (note,) = made.notes
        assert note.startswith("“企业”：莱城区（371202）已于")
        assert note.endswith("按山东省济南市莱芜区记（1 行）")

    def test_an_unknown_class_with_the_nearest(self) -> None:
        _, _, _, _, message, remedy = one(enterprises(行业类别="汽车零部件制造业"))
        assert message == "没有名为“汽车零部件制造业”的行业类别（GB/T 4754-2017）"
        assert "3670 汽车零部件及配件制造" in remedy

    def test_an_unknown_role(self) -> None:
        assert one(enterprises(角色="经销商"))[4:] == ("不在可选的值之内", "请填写其中之一：链主企业、供应商")

    def test_text_in_a_number_cell(self) -> None:
        assert one(enterprises(从业人员="约一百"))[2:] == ("从业人员", "约一百", "应为数字", "请填写数字，不要写文字")

    def test_a_retired_city_of_a_cluster_is_noted(self) -> None:
        heads = ["集群编码", "集群名称", "层级", "所含城市"]
        made = plan({"集群": [heads, ["J", "样例（虚构）", "省级", "青岛、莱芜市"]]})
        assert made.all_rows[0].values["cities"] == ["370100", "370200"]
        (note,) = made.notes
        assert note.endswith("按山东省济南市记（1 行）")

    def test_a_formula_without_value_and_an_error_value(self) -> None:
        book = Workbook()
        book.active.title = "企业"
        book.active.append(ENTERPRISE)
        book.active.append(firm(从业人员="=50*2"))
        book.active["E2"].value, book.active["E2"].data_type = "#N/A", "e"
        found = {p.column: (p.row, p.code, p.message, p.remedy) for p in problems(saved(book))}
        assert found == {
            "行业类别": (2, "error_value", "单元格是公式的错误值（如 #N/A、#REF!）", "请改正公式，或换成数值后再导入"),
            "从业人员": (
                2,
                "formula_without_value",
                "单元格是公式，文件里没有它的结果",
                "请在 Excel 中打开、重新计算并保存，或换成数值",
            ),
        }

    def test_rows_of_formulas_without_values_at_the_end(self) -> None:
        book = Workbook()
        book.active.title = "企业"
        for cells in (ENTERPRISE, firm(), ["=A2"]):
            book.active.append(cells)
        found = [(p.row, p.code) for p in problems(saved(book)) if p.column == ENTERPRISE[0]]
        assert found == [(3, "formula_without_value")]

    def test_several_problems_of_one_row_are_all_told(self) -> None:
        found = problems(enterprises(企业名称="", 从业人员="多", 所在地区="火星"))
        assert [p.column for p in found] == ["企业名称", "所在地区", "从业人员"]


class TestRowsAsAWhole:
    def test_a_certificate_that_ends_before_it_starts(self) -> None:
        heads = ["统一社会信用代码", "证书体系", "证书编号", "有效期起", "有效期止"]
        rows = [heads, [FIRM, "IATF 16949", "XG-1", date(2027, 5, 1), "2024-04-30"]]
        assert one({"资质证书": rows})[1:] == (
            2,
            "有效期止",
            "2024-04-30",
            "有效期止早于有效期起（2027-05-01）",
            "请核对两个日期",
        )

    def test_required_certificates_with_their_days(self) -> None:
        heads = ["产品编码", "零部件编码", "零部件名称", "所需证书"]
        asked = "IATF 16949@2026-12-31；ISO/TS 16949＠2027/6/30、GB/T 19001"
        (row,) = plan({"配套需求": [heads, ["P", "L", "连杆", asked]]}).all_rows
        assert [(each["scheme"], each["on_date"]) for each in row.values["certificates"]] == [
            ("IATF 16949", "2026-12-31"),
            ("IATF 16949", "2027-06-30"),
            ("ISO 9001", None),
        ]

    def test_a_day_without_its_certificate(self) -> None:
        heads = ["产品编码", "零部件编码", "零部件名称", "所需证书"]
        assert one({"配套需求": [heads, ["P", "L", "连杆", "IATF 16949；@2026-12-31"]]})[4] == "没有名为“”的证书体系"

    def test_amounts_that_only_units_or_products_make_too_large(self) -> None:
        heads = ["供应商统一社会信用代码", "产品或工艺", "年剩余产能", "产能单位"]
        assert one({"供给能力": [heads, [FIRM, "轴承座", "2亿", "万元"]]})[2] == "年剩余产能"
        assert one({"供给能力": [heads, [FIRM, "轴承座", 200_000_000, "万元"]]})[4] == "数值过大"
        heads = ["产品编码", "零部件编码", "零部件名称", "年需求量", "单价（元）"]
        assert one({"配套需求": [heads, ["P", "L", "连杆", 2_000_000, 900_000]]})[4] == "年需求量与单价的乘积过大"

    def test_dates_as_serial_numbers(self) -> None:
        heads = ["统一社会信用代码", "证书体系", "证书编号", "有效期起", "有效期止"]
        (row,) = plan({"资质证书": [heads, [FIRM, "ISO9001", "XG-1", 45413, 46507.0]]}).all_rows
        assert (row.values["valid_from"], row.values["valid_until"]) == (date(2024, 5, 1), date(2027, 4, 30))

    def test_an_unknown_certificate_scheme(self) -> None:
        heads = ["统一社会信用代码", "证书体系", "证书编号", "有效期止"]
        _, _, _, value, message, remedy = one({"资质证书": [heads, [FIRM, "IATF 16494", "X", "2027-01-01"]]})
        assert (value, message) == ("IATF 16494", "没有名为“IATF 16494”的证书体系")
        assert "IATF 16949" in remedy

    def test_an_unknown_unit_is_not_guessed(self) -> None:
        heads = ["产品编码", "零部件编码", "零部件名称", "计量单位"]
        _, _, _, value, message, remedy = one({"配套需求": [heads, ["P", "L", "连杆", "千刻"]]})
        assert (value, message) == ("千刻", "没有名为“千刻”的计量单位")
        assert "千克" in remedy

    def test_a_negative_quantity(self) -> None:
        heads = ["产品编码", "零部件编码", "零部件名称", "单位用量"]
        assert one({"物料清单": [heads, ["P", "L", "连杆", -4]]})[2:] == (
            "单位用量",
            "-4",
            "不能为负数",
            "请核对后填写正数",
        )

    def test_a_parameter_that_cannot_be_read_is_quoted(self) -> None:
        heads = ["产品编码", "零部件编码", "零部件名称", "参数要求"]
        _, _, _, _, message, remedy = one({"配套需求": [heads, ["P", "L", "连杆", "外径 100~250 mm；壁厚 好"]]})
        assert "壁厚好" in message
        assert remedy

    def test_a_part_of_itself(self) -> None:
        heads = ["产品编码", "上级编码", "零部件编码", "零部件名称"]
        assert one({"物料清单": [heads, ["P", "L", "L", "连杆"]]})[4:] == (
            "部件的上级是它自己",
            "请填写真正的上级编码；直接属于产品的留空",
        )

    def test_a_reversal_must_be_negative_in_both(self) -> None:
        heads = ["链主统一社会信用代码", "单据号", "零部件编码", "期间", "数量", "金额（元，不含税）"]
        row = [FIRM, "F1", "L", "2025Q3", 10, -500]
        assert one({"采购台账": [heads, row]})[4:] == (
            "数量与金额一正一负",
            "请核对；红字单据的数量与金额应都为负数",
        )

    def test_capacity_without_a_unit(self) -> None:
        heads = ["供应商统一社会信用代码", "产品或工艺", "年剩余产能"]
        assert one({"供给能力": [heads, [FIRM, "连杆精锻", 5000]]})[2:] == (
            "产能单位",
            None,
            "填了年剩余产能，没有填产能单位",
            "请填写件、套、吨 …，或 元、万元",
        )

    def test_capacity_in_ten_thousands_is_kept_in_yuan(self) -> None:
        heads = ["供应商统一社会信用代码", "产品或工艺", "年剩余产能", "产能单位"]
        (row,) = plan({"供给能力": [heads, [FIRM, "来图铸造加工", 350.5, "万元"]]}).all_rows
        assert (row.values["spare_capacity"], row.values["capacity_unit"]) == (3505000, "元")

    def test_an_accounting_line_is_no_capability(self) -> None:
        heads = ["供应商统一社会信用代码", "产品或工艺"]
        assert one({"供给能力": [heads, [FIRM, "分部间抵销"]]})[2:] == (
            "产品或工艺",
            "分部间抵销",
            "是报表的汇总、抵销或调整项，不是产品",
            "不作为供给能力导入；若确是产品，请写明产品名称",
        )

    def test_what_cannot_be_decided_is_kept_aside(self) -> None:
        heads = ["供应商统一社会信用代码", "产品或工艺"]
        (row,) = plan({"供给能力": [heads, [FIRM, "原料药分部"]]}).all_rows
        assert row.outcome is Outcome.TO_BE_LOOKED_AT
        assert row.problems[0].remedy == "已留待人工判断；若是产品，请写明具体名称后再导入"


class TestRepeatedRows:
    def test_equal_rows_count_once(self) -> None:
        made = plan({"企业": [ENTERPRISE, firm(), firm()]})
        assert [row.outcome for row in made.all_rows] == [None, Outcome.REPEATED]
        assert made.notes == ["“企业”：1 行与前面的行相同，已合并"]

    def test_contradicting_rows_are_all_refused_and_name_each_other(self) -> None:
        found = problems({"企业": [ENTERPRISE, firm(), firm(从业人员=9), firm(从业人员=8)]})
        assert [(p.row, p.message) for p in found] == [
            (2, "与第 3 行、第 4 行是同一条记录，内容却不同"),
            (3, "与第 2 行、第 4 行是同一条记录，内容却不同"),
            (4, "与第 2 行、第 3 行是同一条记录，内容却不同"),
        ]

    def test_contradictions_are_found_across_sheets(self) -> None:
        found = problems({"企业": [ENTERPRISE, firm()], "企业2": [ENTERPRISE, firm(从业人员=9)]})
        assert [(p.sheet, p.row, p.message) for p in found] == [
            ("企业", 2, "与“企业2”第 2 行是同一条记录，内容却不同"),
            ("企业2", 2, "与“企业”第 2 行是同一条记录，内容却不同"),
        ]
