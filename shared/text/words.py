"""Words of a Chinese technical text: cut by rjieba, synonyms and material grades brought to one spelling.

The order is fixed, so that one text always gives one list of words:
1. normalise; 2. replace the terms of the tables that have three characters or more (or Latin letters), the longest
first, in one pass, each by its own word, kept whole; 3. cut what lies between; 4. replace short terms, which are only
safe as whole words (电机 must not be found inside 发电机); 5. drop noise: single characters that mean little
alone, bare numbers, filler.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

import rjieba

from shared.codes.tables import read_table, split_cell
from shared.codes.taxonomy import NodeKind, nodes_of
from shared.text.normalise import normalise

_TELLING_CHARACTERS = frozenset("泵阀轴铝铜钢铁镁锌钛胶漆轮管板模簧齿缸膜纱布纸盐糖酒药茶灯箱柜线缆绳链网瓶罐桶")
"""Single characters that name a thing or a material by themselves."""

_TOKEN = re.compile(r"[a-z0-9]+(?:[-./+#][a-z0-9]+)*#?|[\u4e00-\u9fff]+")
_NUMBER = re.compile(r"[\d.,/-]+")
_LONG_ENOUGH = 3
_LATIN = re.compile(r"[a-z0-9]")


def words(text: str) -> list[str]:
    """The words of `text` in their order, synonyms unified; the same text gives the same words for ever."""
    return words_of_normal(normalise(text))


def words_of_normal(normal: str) -> list[str]:
    """The words of a text that is normalised already."""
    found: list[str] = []
    start = 0
    for begin, end in _terms_in(normal):
        found += _cut(normal[start:begin])
        found.append(_canonical()[normal[begin:end]])
        start = end
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
        normalise(name): normalise(material.code)
        for material in nodes_of(NodeKind.MATERIAL).values()
        for name in (material.code, *material.aliases)
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
    return frozenset(normalise(grade) for grade in nodes_of(NodeKind.MATERIAL))


@cache
def _cutter() -> rjieba.Jieba:
    """A cutter of our own that knows the tables' short words; the dictionary of the process stays as it is."""
    cutter = rjieba.Jieba()
    for term in sorted(_canonical()):
        if 1 < len(term) < _LONG_ENOUGH and not _LATIN.search(term):
            cutter.add_word(term, None, None)
    return cutter


@cache
def _long_terms() -> dict[str, tuple[int, ...]]:
    """The terms that are safe to find inside a text, as their lengths (the longest first) by their first two signs."""
    lengths: dict[str, set[int]] = defaultdict(set)
    for term in _canonical():
        latin = _LATIN.search(term) is not None and len(term) > 1
        if (len(term) >= _LONG_ENOUGH or latin) and not _NUMBER.fullmatch(term):
            lengths[term[:2]].add(len(term))
    return {start: tuple(sorted(found, reverse=True)) for start, found in lengths.items()}


def _terms_in(text: str) -> Iterator[tuple[int, int]]:
    """Where the long terms stand in `text`, from the left, the longest at each place, without overlap."""
    starts, place = _long_terms(), 0
    while place < len(text) - 1:
        lengths = starts.get(text[place : place + 2])
        end = _term_end(text, place, lengths) if lengths else None
        if end is not None:
            yield place, end
        place = end or place + 1


def _term_end(text: str, place: int, lengths: Iterable[int]) -> int | None:
    """The end of the longest term that starts at `place`, if any of these `lengths` does."""
    for length in lengths:
        end = place + length
        if end <= len(text) and text[place:end] in _canonical() and _is_whole(text, place, end):
            return end
    return None


def _is_whole(text: str, begin: int, end: int) -> bool:
    """Whether no letter or digit goes on where the term ends with one: ECU is not in ECUX."""
    before, after = text[begin - 1 : begin], text[end : end + 1]
    goes_on = _LATIN.match(text[begin]) and _LATIN.match(before)
    return not goes_on and not (_LATIN.match(text[end - 1]) and _LATIN.match(after))
