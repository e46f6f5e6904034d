"""Unified social credit codes (统一社会信用代码, GB 32100-2015): normal form, check, and codes for fictitious firms.

A code has 18 characters: registering body, kind of entity, region of registration (six digits, GB/T 2260), nine
characters of organisation (GB 11714), check character. `stdnum.cn.uscc` computes the check character, but wants a digit
in the first place (the standard allows the bodies A 中央军委, N 农业, Y 其他) and does not look at the region.
"""

import re
import unicodedata
from functools import cache

from stdnum.cn import uscc

from shared.codes.regions import all_regions, retired_regions

FICTITIOUS_REGION = "000000"
"""No real firm is registered there, so made-up firms carry it."""

_NATIONAL = "100000"
"""The national administration registers firms under this."""

_MUNICIPALITIES = ("11", "12", "31", "50")
_RETIRED_PREFECTURES = (
    *("3414", "5221", "5222", "5224", "6321", "6521", "6522"),
    *("5421", "5422", "5423", "5424", "5426"),
)
"""Prefectures renumbered after 2010 (巢湖, 遵义地区, 铜仁, 毕节, 海东, 吐鲁番, 哈密; 昌都 to 林芝): codes live on."""

_MUNICIPAL_ZONES = ("1103", "1203", "3103", "5003", "5009")
"""Zones of the municipalities that register firms themselves: 110302 北京经济技术开发区, 500903 两江新区."""

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_LENGTH = 18
_FORM = re.compile(rf"[0-9ANY][0-9{_ALPHABET[10:]}]\d{{6}}[{_ALPHABET}]{{10}}")
_SEPARATORS = re.compile(r"[\s\u200b\ufeff\-‐‑–—−_·.'`\"‘’“”]+")
_SCIENTIFIC = re.compile(r"\d+([.]\d+)?E\+?\d+")


class InvalidCreditCode(ValueError):
    """A text that is no credit code: what is wrong, and what to do about it, in Chinese."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def normalise(text: str) -> str:
    """The text in half width and upper case, without spaces, hyphens and quotation marks; not checked."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def check(text: str) -> str:
    """The normalised code; raises InvalidCreditCode for a wrong length, character, region or check character."""
    _refuse_lost_digits(text)
    code = normalise(text)
    if len(code) != _LENGTH:
        raise InvalidCreditCode(
            f"统一社会信用代码应为 18 位，这里是 {len(code)} 位", "请按营业执照核对，补全 18 位代码"
        )
    _check_characters(code)
    _check_region(code[2:8])
    if uscc.calc_check_digit(code[:-1]) != code[-1]:
        raise InvalidCreditCode(
            "统一社会信用代码的校验位不符，其中至少一位有误", "请按营业执照逐位核对（常见：0 与 O、1 与 I、8 与 B）"
        )
    return code


def make(serial: int, region: str = FICTITIOUS_REGION, body: str = "91") -> str:
    """A valid code for a fictitious firm: `body` (two characters), `region`, `serial` as the organisation."""
    if not 0 <= serial < 10**9:
        raise ValueError(f"serial must have at most nine digits: {serial}")
    stem = f"{body}{region}{serial:09d}"
    return check(stem + uscc.calc_check_digit(stem))


def _refuse_lost_digits(text: str) -> None:
    """Excel shows a long number as 9.1E+17 and keeps 15 digits of it: such a code cannot be repaired."""
    if _SCIENTIFIC.fullmatch(unicodedata.normalize("NFKC", text).strip().upper()):
        raise InvalidCreditCode(
            "统一社会信用代码被当作数字存储，已丢失末几位", "请把该列设为“文本”格式后，按营业执照重新填写"
        )


def _check_characters(code: str) -> None:
    for place, character in enumerate(code, start=1):
        if character not in _ALPHABET:
            raise InvalidCreditCode(
                f"统一社会信用代码第 {place} 位“{character}”不是允许的字符",
                "代码只用数字和大写字母，不含 I、O、S、V、Z；请核对是否应为 1、0、5、U、2",
            )
    if not _FORM.fullmatch(code):
        raise InvalidCreditCode(
            "统一社会信用代码的登记机关或行政区划位有误：第 1 位应为数字或 A、N、Y，第 3 至 8 位应为数字",
            "请按营业执照逐位核对",
        )


def _check_region(region: str) -> None:
    if region != FICTITIOUS_REGION and not _is_registration_region(region):
        raise InvalidCreditCode(
            f"统一社会信用代码第 3 至 8 位“{region}”不是已知的行政区划", "请按营业执照逐位核对第 3 至 8 位"
        )


def _is_registration_region(code: str) -> bool:
    """Whether the place of registration inside a code can be one: its prefecture must be known.

    The last two digits are free: development zones (320594 苏州工业园区), 市辖区 (440101) and counties retired long ago
    register firms under digits that GB/T 2260 does not list.
    """
    return code == _NATIONAL or code in retired_regions() or code[:4] in _registering_prefectures()


@cache
def _registering_prefectures() -> frozenset[str]:
    current = {code[:4] for code in all_regions()}
    retired = {code[:4] for code in retired_regions()}
    counties = {f"{province}02" for province in _MUNICIPALITIES}
    return frozenset(current | retired | counties | {*_RETIRED_PREFECTURES, *_MUNICIPAL_ZONES})
