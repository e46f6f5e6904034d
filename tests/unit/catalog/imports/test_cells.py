"""Cleaning of single cells: what is understood, and for what is not, the exact words that the user reads."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from services.catalog.imports.cleaning import cells
from services.catalog.imports.outcomes import CellProblem


def problem(cleaner: Callable[[Any], Any], cell: Any) -> tuple[str, str, str]:
    with pytest.raises(CellProblem) as caught:
        cleaner(cell)
    return caught.value.code, caught.value.message, caught.value.remedy


class TestNumbers:
    @pytest.mark.parametrize(
        ("cell", "value"),
        [
            (1200.0, "1200"),
            ("1200", "1200"),
            ("1,234,567.5", "1234567.5"),
            ("１２３４．５", "1234.5"),
            ("1 200", "1200"),
            ("  88 ", "88"),
            ("¥3.5", "3.5"),
            (0.30000000000000004, "0.3"),
            (1e3, "1000"),
            ("1.2E+3", "1200"),
            (0, "0"),
        ],
    )
    def test_numbers_as_people_write_them(self, cell: object, value: str) -> None:
        assert cells.number(3)(cell) == Decimal(value)
        assert str(cells.number(3)(cell)) == value

    @pytest.mark.parametrize(
        ("cell", "expected"),
        [
            ("约五百", ("not_a_number", "应为数字", "请填写数字，不要写文字")),
            ("12.3.4", ("not_a_number", "应为数字", "请填写数字，不要写文字")),
            ("1,23", ("not_a_number", "应为数字", "请填写数字，不要写文字")),
            ("500件", ("unit_in_number", "数字后面带有单位或文字", "请只填数字，单位写在计量单位列")),
            ("100~200", ("range_for_number", "应为一个数字，这里是范围", "请填写一个数字，不要写范围")),
            (True, ("not_a_number", "应为数字", "请填写数字，并把这一列设为“数值”格式")),
            (date(2025, 1, 1), ("not_a_number", "应为数字", "请填写数字，并把这一列设为“数值”格式")),
            (-3.0, ("negative", "不能为负数", "请核对后填写正数")),
            ("-3", ("negative", "不能为负数", "请核对后填写正数")),
            (1e12, ("too_large", "数值过大", "请核对单位和位数")),
            (0.0001, ("too_fine", "小数位数过多，最多 3 位", "请改用更小的计量单位，或四舍五入后填写")),
        ],
    )
    def test_what_is_no_number(self, cell: object, expected: tuple[str, str, str]) -> None:
        assert problem(cells.number(3), cell) == expected

    def test_what_rounds_away_next_to_nothing_is_rounded(self) -> None:
        assert cells.number(3)("1234.56789") == Decimal("1234.568")

    def test_zero_is_refused_where_it_means_nothing(self) -> None:
        assert problem(cells.number(6, zero=False), 0.0) == ("zero", "应大于零", "请填写大于零的数字")

    def test_whole_numbers(self) -> None:
        assert cells.whole("1,280 人") == 1280
        assert cells.whole(45.0) == 45
        assert problem(cells.whole, 4.5) == ("not_whole", "应为整数", "请填写整数，不带小数")


class TestMoney:
    @pytest.mark.parametrize(
        ("cell", "value"),
        [
            ("12.5", "12.5"),
            ("3.5万元", "35000"),
            ("3.5 万", "35000"),
            ("２亿元", "200000000"),
            ("88元", "88"),
            (1.005, "1.01"),
        ],
    )
    def test_money_in_yuan(self, cell: object, value: str) -> None:
        assert cells.money(2)(cell) == Decimal(value)

    @pytest.mark.parametrize(
        ("cell", "value"), [("3000", "3000"), ("3000万元", "3000"), ("1.2亿元", "12000"), ("50000元", "5")]
    )
    def test_money_in_a_column_of_ten_thousands(self, cell: object, value: str) -> None:
        assert cells.money(2, "万元")(cell) == Decimal(value)

    @pytest.mark.parametrize(("cell", "value"), [("-120.5", "-120.5"), ("(120.50)", "-120.5"), (-3.0, "-3"), (7, "7")])
    def test_reversals_in_a_ledger(self, cell: object, value: str) -> None:
        assert cells.signed(cells.money(2))(cell) == Decimal(value)

    def test_text_is_no_money(self) -> None:
        assert problem(cells.money(2), "面议") == ("not_a_number", "应为数字", "请填写数字，不要写文字")


class TestShares:
    @pytest.mark.parametrize(
        ("cell", "value"), [("80%", "0.8"), ("80 ％", "0.8"), (0.8, "0.8"), ("100%", "1"), (0, "0")]
    )
    def test_shares(self, cell: object, value: str) -> None:
        assert str(cells.share(cell)) == value

    @pytest.mark.parametrize("cell", [80, "120%", "-5%"])
    def test_what_is_no_share(self, cell: object) -> None:
        assert problem(cells.share, cell) == (
            "not_a_share",
            "应在 0% 到 100% 之间",
            "请填写百分数（如 80%）或不大于 1 的小数（如 0.8）",
        )

    def test_a_fraction_may_be_negative_and_tiny(self) -> None:
        assert cells.fraction("-1.4e-05") == Decimal("-0.000014")
        assert cells.fraction("-9.53%") == Decimal("-0.0953")


class TestCodes:
    @pytest.mark.parametrize(
        ("cell", "value"),
        [("ＡＢ－12", "AB-12"), (1001.0, "1001"), (" x 1 ", "x 1"), ("GB/T 5782", "GB/T 5782"), ("00123", "00123")],
    )
    def test_codes(self, cell: object, value: str) -> None:
        assert cells.code(cell) == value

    @pytest.mark.parametrize("cell", [9.137020012345679e17, 913702001234567000, "9.13702E+17"])
    def test_a_long_code_that_was_stored_as_a_number_has_lost_digits(self, cell: object) -> None:
        assert problem(cells.code, cell) == (
            "lost_digits",
            "长编码被当作数字存储，末几位已经丢失",
            "请把这一列设为“文本”格式，再按原件重新填写",
        )

    def test_a_formula_as_text(self) -> None:
        assert problem(cells.code, "=VLOOKUP(A2,B:C,2,0)") == (
            "formula_text",
            "单元格是公式的文字，不是内容",
            "请把公式换成它的结果后再导入",
        )

    def test_a_text_that_is_too_long(self) -> None:
        assert problem(cells.text(5), "一二三四五六") == ("too_long", "文字过长：6 字，最多 5 字", "请缩短文字")


class TestDates:
    @pytest.mark.parametrize(
        "cell",
        [
            date(2027, 4, 30),
            datetime(2027, 4, 30, 8, 30),
            "2027-04-30",
            "2027/4/30",
            "2027.4.30",
            "2027年4月30日",
            "20270430",
            "２０２７－０４－３０",
            46507.0,
            "46507",
            "2027-04-30 00:00:00",
        ],
    )
    def test_one_day_in_many_forms(self, cell: object) -> None:
        assert cells.day(cell) == date(2027, 4, 30)

    def test_a_day_that_does_not_exist(self) -> None:
        assert problem(cells.day, "2027-02-30") == ("no_date", "没有这一天", "请核对年、月、日")

    @pytest.mark.parametrize("cell", ["长期", "2027", "30/4/2027", 3.0])
    def test_what_is_no_date(self, cell: object) -> None:
        assert problem(cells.day, cell) == ("no_date", "不是日期", "请填写如 2027-04-30 的日期")


class TestPeriods:
    @pytest.mark.parametrize(
        ("cell", "value"),
        [
            ("2025", "2025"),
            (2025.0, "2025"),
            ("2025年度", "2025"),
            ("2025Q3", "2025Q3"),
            ("2025 q3", "2025Q3"),
            ("2025年第三季度", "2025Q3"),
            ("2025年3季度", "2025Q3"),
            ("2025-07", "2025-07"),
            ("2025/7", "2025-07"),
            ("2025年7月", "2025-07"),
            (2025.7, "2025-07"),
            ("2025.10", "2025-10"),
            ("202507", "2025-07"),
            (202507.0, "2025-07"),
            (date(2025, 7, 1), "2025-07"),
            ("2025-07-15", "2025-07"),
        ],
    )
    def test_periods(self, cell: object, value: str) -> None:
        assert cells.period(cell) == value

    @pytest.mark.parametrize("cell", [2025.10, "2025.1"])
    def test_a_month_that_may_have_lost_its_nought(self, cell: object) -> None:
        assert problem(cells.period, cell)[0] == "ambiguous_period"

    @pytest.mark.parametrize("cell", ["去年", "2025Q5", "2025-13", "25年", "2025上半年"])
    def test_what_is_no_period(self, cell: object) -> None:
        assert problem(cells.period, cell) == ("no_period", "不是年度、季度或月份", "请填写如 2025、2025Q3 或 2025-07")


class TestWords:
    @pytest.mark.parametrize(
        ("cell", "value"), [("是", True), ("Y", True), ("√", True), (True, True), ("否", False), (0.0, False)]
    )
    def test_truths(self, cell: object, value: bool) -> None:
        assert cells.truth(cell) is value

    def test_neither_yes_nor_no(self) -> None:
        assert problem(cells.truth, "部分") == ("not_yes_or_no", "应为“是”或“否”", "请填写 是 或 否")

    def test_a_word_out_of_a_list(self) -> None:
        tier = cells.one_of({"世界级": "world", "国家级": "national", "全国级": "national"})
        assert tier(" 国家级 ") == "national"
        assert problem(tier, "市级") == ("not_in_list", "不在可选的值之内", "请填写其中之一：世界级、国家级")

    def test_lists_in_one_cell(self) -> None:
        assert cells.parts("青岛、烟台；潍坊,威海\n日照") == ["青岛", "烟台", "潍坊", "威海", "日照"]

    @pytest.mark.parametrize("cell", [None, "", "  ", "-", "—", "/", "——"])
    def test_blanks(self, cell: object) -> None:
        assert cells.is_blank(cell)  # type: ignore[arg-type]
