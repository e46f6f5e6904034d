"""Words of a Chinese technical text: cut by rjieba, synonyms and material grades brought to one spelling.

The order is fixed, so that one text always gives one list of words:
1. normalise; 2. replace the terms of the tables that have three characters or more (or Latin letters), the longest
first, in one pass, each by its own word, kept whole; 3. cut what lies between; 4. replace short terms, which are only
safe as whole words (电机 must not be found inside 发电机); 5. drop noise: single characters that mean little
alone, bare numbers, filler.
"""

import re
from functools import cache

import rjieba

from shared.codes.materials import all_materials
from shared.codes.tables import read_table, split_cell
from shared.text.normalise import normalise

_TELLING_CHARACTERS = frozenset("泵阀轴铝铜钢铁镁锌钛胶漆轮管板模簧齿缸膜纱布纸盐糖酒药茶灯箱柜线缆绳链网瓶罐桶")
"""Single characters that name a thing or a material by themselves."""

_TOKEN = re.compile(r"[a-z0-9]+(?:[-./+#][a-z0-9]+)*#?|[\u4e00-\u9fff]+")
_NUMBER = re.compile(r"[\d.,/-]+")
_LONG_ENOUGH = 3
_LATIN = re.compile(r"[a-z0-9]")


def words(text: str) -> list[str]:
    """The words of `text` in their order, synonyms unified; the same text gives the same words for ever."""
    normal, found, start = normalise(text), [], 0
    for match in _long_terms().finditer(normal):
        found += _cut(normal[start : match.start()])
        found.append(_canonical()[match.group()])
        start = match.end()
    found += _cut(normal[start:])
    return found


def synonyms() -> dict[str, str]:
    """Every spelling of the tables, normalised, with the one word that stands for it."""
    return dict(_canonical())


def _cut(text: str) -> list[str]:
    pieces = (piece for token in _TOKEN.findall(text) for piece in _cut_token(token))
    unified = (_canonical().get(piece, piece) for piece in pieces)
    return [word for word in unified if _tells(word)]


def _cut_token(token: str) -> list[str]:
    return [token] if _LATIN.match(token) else list(_cutter().cut(token))


def _tells(word: str) -> bool:
    if len(word) == 1:
        return word in _TELLING_CHARACTERS
    return word not in _filler() and (word in _grades() or not _NUMBER.fullmatch(word))


@cache
def _canonical() -> dict[str, str]:
    """Synonyms before grades: the trade's word decides where both tables know a spelling."""
    terms = {
        normalise(name): normalise(material.grade)
        for material in all_materials().values()
        for name in (material.grade, *material.aliases)
    }
    for row in read_table("shared.text", "synonyms"):
        terms |= {normalise(name): normalise(row["word"]) for name in (row["word"], *split_cell(row["synonyms"]))}
    return terms


@cache
def _filler() -> frozenset[str]:
    """Words that stand in every text and tell nothing (`data/filler.csv`)."""
    return frozenset(row["word"] for row in read_table("shared.text", "filler"))


@cache
def _grades() -> frozenset[str]:
    return frozenset(normalise(grade) for grade in all_materials())


@cache
def _cutter() -> rjieba.Jieba:
    """A cutter of our own that knows the tables' short words; the dictionary of the process stays as it is."""
    cutter = rjieba.Jieba()
    for term in sorted(_canonical()):
        if 1 < len(term) < _LONG_ENOUGH and not _LATIN.search(term):
            cutter.add_word(term, None, None)
    return cutter


@cache
def _long_terms() -> re.Pattern[str]:
    """The terms that are safe to find inside a text; Latin ones only where no letter or digit goes on."""
    terms = [term for term in _canonical() if len(term) >= _LONG_ENOUGH or (_LATIN.search(term) and len(term) > 1)]
    terms = [term for term in terms if not _NUMBER.fullmatch(term)]
    longest_first = sorted(terms, key=lambda term: (-len(term), term))
    return re.compile("|".join(map(_bounded, longest_first)))


def _bounded(term: str) -> str:
    before = r"(?<![a-z0-9])" if _LATIN.match(term[0]) else ""
    after = r"(?![a-z0-9])" if _LATIN.match(term[-1]) else ""
    return f"{before}{re.escape(term)}{after}"
