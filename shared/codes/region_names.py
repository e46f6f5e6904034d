"""How the names of regions are written: with and without suffix, with levels left out, at the start of an address.

Strings only; which region a name means is told by `shared.codes.regions`.
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import product

_NOISE = re.compile(r"[^\w]|_")
_COUNTRY = re.compile(r"^(中华人民共和国|中国)")
_PEOPLES = (
    "壮族|回族|维吾尔|(?<!内)蒙古族?|藏族|羌族|彝族|布依族|苗族|侗族|哈尼族|傣族|白族|景颇族|傈僳族|朝鲜族|土家族|哈萨克族?|柯尔克孜族?|"
    "满族|瑶族|畲族|黎族|土族|撒拉族|保安族|东乡族|裕固族|仡佬族|水族|毛南族|仫佬族|拉祜族|佤族|布朗族|纳西族|普米族|怒族|独龙族|"
    "达斡尔族?|鄂温克族?|鄂伦春|锡伯|塔吉克|各族"
)
_SUFFIX = re.compile(
    rf"(?:(?:{_PEOPLES})*(?:自治区|自治州|自治县|自治旗)|特别行政区|新区|地区|省|市|区|县|旗|盟|林区|特区)$"
)


_SHORTEST = 2
_ADDRESS_PART = re.compile(r"[市区县旗镇乡路街号园村]|开发|高新|新城|大道|街道")
_ZONE = re.compile(r"开发|高新|新区|保税|示范|经济|技术|产业|功能|度假|管理|自贸|物流|园")
_COUNTY_NAME = re.compile(r"^[^路街号村镇乡]{1,6}?[区县旗]")


def fold(text: str) -> str:
    """Half width, without spaces, punctuation and the country's name."""
    return _COUNTRY.sub("", _NOISE.sub("", unicodedata.normalize("NFKC", text)))


def shorten(name: str) -> str:
    """The name without its kind: 青岛市 → 青岛, 恩施土家族苗族自治州 → 恩施; names of two characters stay (莒县)."""
    short = _SUFFIX.sub("", name)
    return short if len(short) >= _SHORTEST else name


def forms(names: Sequence[str]) -> set[str]:
    """Every way of writing the region at the end of `names` (province first): upper levels may be left out."""
    *above, own = names
    ways = [(name, shorten(name), "") for name in above] + [(own, shorten(own))]
    return {"".join(parts) for parts in product(*ways)}


def continues_address(rest: str) -> bool:
    """Whether what follows a region's name looks like the rest of an address (a street, a zone, a town)."""
    return _ADDRESS_PART.search(rest) is not None


def names_county(rest: str) -> bool:
    """Whether it starts with what looks like a county's name and is no development zone (高新区, 保税区)."""
    county = _COUNTY_NAME.match(rest)
    return county is not None and not _ZONE.search(county.group())
