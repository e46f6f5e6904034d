"""Titles that enterprises hold (专精特新, 小巨人, 单项冠军 …): who awards them, for how long (data: `data/titles.csv`).

Three years are usual: 优质中小企业梯度培育管理暂行办法 (工信部企业〔2022〕63号) for the innovative, specialised
and little giants, 高新技术企业认定管理办法 (国科发火〔2016〕32号) for high technology. A certificate's day goes first.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

from rapidfuzz import fuzz, process

from shared.codes.tables import read_table, split_cell


class Level(StrEnum):
    """Who awards a title."""

    NATIONAL = "national"
    PROVINCIAL = "provincial"
    CITY = "city"


LEVEL_NAMES = {Level.NATIONAL: "国家级", Level.PROVINCIAL: "省级", Level.CITY: "市级"}


@dataclass(frozen=True)
class TitleScheme:
    """A title: its `code`, its Chinese name, the levels that award it (the usual one first), its usual years."""

    code: str
    name: str
    aliases: tuple[str, ...]
    levels: tuple[Level, ...]
    years: int | None
    note: str


class UnknownTitle(ValueError):
    """A text that names no title: a message in Chinese and the nearest titles' names."""

    def __init__(self, message: str, nearest: list[str]) -> None:
        super().__init__(message)
        self.message = message
        self.nearest = nearest


@cache
def all_titles() -> dict[str, TitleScheme]:
    """Every title by code, in the order of the gradient."""
    return {
        row["code"]: TitleScheme(
            row["code"],
            row["name"],
            tuple(split_cell(row["aliases"])),
            tuple(map(Level, split_cell(row["levels"]))),
            int(row["years"]) if row["years"] else None,
            row["note"],
        )
        for row in read_table("shared.codes", "titles")
    }


def find_title(text: str) -> tuple[TitleScheme, Level]:
    """The title that a text names, and its level: the one that the text says (省级单项冠军), else the usual one.

    Raises UnknownTitle, also for a level that does not award the title.
    """
    level, bare = _split(_fold(text))
    found = _by_alias().get(_fold(text)) or _by_alias().get(bare)
    if found is None:
        nearest = [_by_alias()[name].name for name, _, _ in process.extract(bare, list(_by_alias()), scorer=fuzz.ratio)]
        raise UnknownTitle(f"没有名为“{text.strip()}”的称号", list(dict.fromkeys(nearest))[:3])
    if level is not None and level not in found.levels:
        levels = [f"{LEVEL_NAMES[each]}{found.name}" for each in found.levels]
        raise UnknownTitle(f"没有{LEVEL_NAMES[level]}的{found.name}", levels)
    return found, level or found.levels[0]


def usual_expiry(code: str, issued: date) -> date | None:
    """The last day of a title issued on a day, by its usual years; None where these differ."""
    years = all_titles()[code].years
    if years is None:
        return None
    try:
        return issued.replace(year=issued.year + years) - timedelta(days=1)
    except ValueError:  # 29 February
        return date(issued.year + years, 2, 28)


_LEVEL = re.compile(r"^(国家级?|全国|省级?|山东省|市级?)|[(（](国家级?|省级?|市级?)[)）]$")
_SIGNS = re.compile(r"[\s\-_·“”\"'《》]+")


def _fold(text: str) -> str:
    return _SIGNS.sub("", unicodedata.normalize("NFKC", text))


def _split(folded: str) -> tuple[Level | None, str]:
    """The level that a text says and the rest of it."""
    said = _LEVEL.search(folded)
    if said is None:
        return None, folded
    word, rest = said.group().strip("()（）"), _LEVEL.sub("", folded, count=1)
    level = Level.CITY if "市" in word else Level.PROVINCIAL if "省" in word else Level.NATIONAL
    return level, rest


@cache
def _by_alias() -> dict[str, TitleScheme]:
    return {
        _fold(name): scheme for scheme in all_titles().values() for name in (scheme.code, scheme.name, *scheme.aliases)
    }
