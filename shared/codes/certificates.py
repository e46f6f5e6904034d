"""Certificate schemes: how people write them, and which satisfies which (data: `data/certificate_schemes.csv`).

"Satisfies" says that a valid certificate of one scheme shows everything that another one asks (IATF 16949 → ISO 9001);
it is transitive. GB/T standards that adopt an ISO standard identically are aliases of it.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz, process

from shared.codes.tables import read_table, split_cell


@dataclass(frozen=True)
class Scheme:
    """A certificate scheme: its `code` is what is stored and sent, `name` the Chinese name."""

    code: str
    name: str
    aliases: tuple[str, ...]
    satisfies: tuple[str, ...]
    note: str


class UnknownScheme(ValueError):
    """A text that names no scheme: a message in Chinese and the nearest schemes' codes."""

    def __init__(self, message: str, nearest: list[str]) -> None:
        super().__init__(message)
        self.message = message
        self.nearest = nearest


@cache
def all_schemes() -> dict[str, Scheme]:
    """Every scheme by code, in the order of the table."""
    return {
        row["code"]: Scheme(
            row["code"],
            row["name"],
            tuple(split_cell(row["aliases"])),
            tuple(split_cell(row["satisfies"])),
            row["note"],
        )
        for row in read_table("shared.codes", "certificate_schemes")
    }


def find_scheme(text: str) -> Scheme:
    """The scheme that `text` names, in any width, spacing and case, with or without the year of its edition.

    "ISO9001", "GB/T19001-2016", "iso 9001:2015", "16949 认证" are understood. Raises UnknownScheme.
    """
    folded = _fold(text)
    found = _by_alias().get(folded) or _by_alias().get(_plain(folded))
    if found is None:
        nearest = [
            _by_alias()[alias].code
            for alias, _, _ in process.extract(_plain(folded), list(_by_alias()), scorer=fuzz.ratio, limit=5)
        ]
        raise UnknownScheme(f"没有名为“{text.strip()}”的证书体系", list(dict.fromkeys(nearest))[:3])
    return found


def satisfies(held: str, asked: str) -> bool:
    """Whether a certificate of scheme `held` shows what scheme `asked` asks for (both codes)."""
    return asked == held or asked in _reach(held)


def search(q: str, limit: int = 20) -> list[Scheme]:
    """Schemes of which the code, the name or an alias contains `q`."""
    wanted = _fold(q)
    found = (s for s in all_schemes().values() if any(wanted in _fold(n) for n in (s.code, s.name, *s.aliases)))
    return [scheme for scheme, _ in zip(found, range(limit), strict=False)]


_NOISE = re.compile(r"[\s\-_/·.（）()“”\"《》]+")
_EDITION = re.compile(r"[:：\-—](19|20)\d\d(版)?")
_WORDS_BEFORE = re.compile(r"^(已?(通过|具有|具备|取得|获得?|持有?))+")
_WORDS_AFTER = re.compile(r"(认证|证书|资质|标准|贯标|体系)+$")
_SYSTEM_NAME = re.compile(r"(?<=[0-9A-Z])[^0-9A-Z]+体系$")


def _fold(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text).upper()
    return _NOISE.sub("", _EDITION.sub("", normal)).replace("Ü", "U")


def _plain(folded: str) -> str:
    """Without what people put around the name: 通过 ISO 14001 环境管理体系认证证书 → ISO14001."""
    bare = _SYSTEM_NAME.sub("", _WORDS_BEFORE.sub("", re.sub(r"(认证|证书)+$", "", folded)))
    return _WORDS_AFTER.sub("", bare) or folded


@cache
def _by_alias() -> dict[str, Scheme]:
    names: dict[str, Scheme] = {}
    for scheme in all_schemes().values():
        for name in (scheme.code, scheme.name, *scheme.aliases):
            names.setdefault(_fold(name), scheme)
            names.setdefault(_plain(_fold(name)), scheme)
    return names


@cache
def _reach(held: str) -> frozenset[str]:
    """Every scheme that `held` satisfies, over any number of steps; the table has no cycles (a test sees to it)."""
    direct = all_schemes()[held].satisfies if held in all_schemes() else ()
    return frozenset(direct).union(*(_reach(code) for code in direct))
