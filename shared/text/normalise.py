"""Normal forms of text as people write it in spreadsheets: width, case, brackets, dashes, spaces, 繁/简; firms' names.

NFKC (Unicode Standard Annex 15) unifies full and half width and unit squares (㎡ → m2). What it leaves apart on purpose
but people mix (dashes, multiplication signs, brackets, diameter signs, traditional characters) is unified here.
"""

import re
import unicodedata
from functools import cache

from shared.codes.regions import COUNTY, all_regions, short_name
from shared.codes.tables import read_table

_ALIKE = {
    "-": "—–‐‑−―─",
    "~": "〜∼〰",
    "(": "【〔「『[{〖",
    ")": "】〕」』]}〗",
    '"': "“”„",
    "'": "‘’`´",
    ",": "、",
    ".": "。",
    "·": "•⋅・∙",
    "x": "×✕✖╳",
    "φ": "∅ØøΦ⌀ϕ",
    "≥": "⩾≧",
    "≤": "⩽≦",
    "": "\u200b\u200c\ufeff\u00ad",
}
_SPACES = re.compile(r"\s+")
_SPACE_IN_CHINESE = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_LEGAL_FORM = re.compile(
    r"(股份)?有限(责任)?公司|股份公司|集团公司|总公司|分公司|公司|\((集团|中国)\)|集团|[(（]普通合伙[)）]|厂$"
)
_SHORTEST_CORE = 2


def unify(text: str) -> str:
    """The text in one width, one kind of bracket, dash and sign, simplified, with single spaces; case is kept."""
    folded = unicodedata.normalize("NFKC", text).translate(_table())
    if not unicodedata.is_normalized("NFKC", folded):
        folded = unicodedata.normalize("NFKC", folded)
    return _SPACE_IN_CHINESE.sub("", _SPACES.sub(" ", folded)).strip()


def normalise(text: str) -> str:
    """The text unified and in lower case; idempotent: normalise(normalise(t)) == normalise(t)."""
    lowered = unify(text).lower()
    return lowered if unicodedata.is_normalized("NFKC", lowered) else unify(lowered)


def company_core(name: str) -> str:
    """What tells a firm from others: its name without legal form and without leading place names.

    "山东省青岛市携手示例机械有限公司" → "携手示例机械". If nothing would be left, the normalised name itself.
    """
    whole = normalise(name).replace(" ", "")
    core = _LEGAL_FORM.sub("", whole)
    core = core.replace("(", "").replace(")", "")
    stripped = _places().sub("", core)
    return stripped if len(stripped) >= _SHORTEST_CORE else core or whole


@cache
def _table() -> dict[int, str]:
    """One table for single characters: signs that look alike, and traditional characters."""
    alike = {ord(other): sign for sign, others in _ALIKE.items() for other in others}
    simplified = {ord(row["traditional"]): row["simplified"] for row in read_table("shared.text", "traditional")}
    return simplified | alike


@cache
def _places() -> re.Pattern[str]:
    """Any number of place names at the start: 山东, 山东省, 青岛市; a county only with its suffix (市南区, 莒县)."""
    names: set[str] = {"中国"}
    for code, region in all_regions().items():
        names |= {region.name} if region.level == COUNTY else {region.name, short_name(code)}
    longest_first = sorted(names, key=lambda item: (-len(item), item))
    return re.compile("^(?:" + "|".join(map(re.escape, longest_first)) + ")+")
