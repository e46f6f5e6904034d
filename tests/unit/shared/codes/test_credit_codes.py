"""Credit codes: normal form, every kind of fault with its remedy, the bodies unknown to stdnum, made-up codes."""

import pytest
from stdnum.cn import uscc

from shared.codes.credit_code import InvalidCreditCode, check, make, normalise


def complete(stem: str) -> str:
    """A stem of 17 characters with its check character."""
    return stem + uscc.calc_check_digit(stem)


class TestNormalise:
    def test_width_case_spaces_hyphens(self) -> None:
        code = make(7)
        wide = "".join(chr(ord(c) + 0xFEE0) for c in code)
        assert normalise(f" {code[:2].lower()} {code[2:8]}-{code[8:]}\n") == code
        assert check(wide) == code


class TestCheck:
    @pytest.mark.parametrize("body", ["91", "11", "A1", "N1", "Y1", "51", "N2"])
    def test_takes_every_registering_body(self, body: str) -> None:
        assert check(make(12, body=body)) == make(12, body=body)

    @pytest.mark.parametrize(
        "region",
        ["000000", "100000", "370214", "370000", "370200", "371200", "370882", "320594", "440101", "110302", "341400"],
    )
    def test_takes_current_retired_and_zone_regions(self, region: str) -> None:
        assert check(make(3, region=region))[2:8] == region

    @pytest.mark.parametrize("region", ["999999", "990000", "378800", "123456", "010101", "000001"])
    def test_refuses_unknown_regions(self, region: str) -> None:
        with pytest.raises(InvalidCreditCode, match=f"第 3 至 8 位“{region}”不是已知的行政区划"):
            check(complete(f"91{region}000000003"))

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "应为 18 位，这里是 0 位"),
            (make(1)[:-1], "这里是 17 位"),
            (make(1)[:10] + "O" + make(1)[11:], "第 11 位“O”不是允许的字符"),
            ("B" + make(1)[1:], "登记机关或行政区划位有误"),
            (make(1)[:4] + "A" + make(1)[5:], "登记机关或行政区划位有误"),
            (make(1)[:-1] + ("0" if make(1)[-1] != "0" else "1"), "校验位不符"),
            ("9.1E17", "被当作数字存储"),
            ("９.１３７E+１７", "被当作数字存储"),
        ],
    )
    def test_says_what_is_wrong_and_what_to_do(self, text: str, message: str) -> None:
        with pytest.raises(InvalidCreditCode, match=message) as caught:
            check(text)
        assert caught.value.remedy.startswith("请") or "请" in caught.value.remedy


class TestMake:
    def test_serials_are_distinct_and_of_no_region(self) -> None:
        codes = {make(serial) for serial in range(500)}
        assert len(codes) == 500
        assert {code[2:8] for code in codes} == {"000000"}

    def test_refuses_serials_that_do_not_fit(self) -> None:
        with pytest.raises(ValueError, match="nine digits"):
            make(10**9)
