"""What a text is found by: its words, and beneath them its pairs of neighbouring characters and single characters.

Words carry the meaning, but Chinese has no spaces: 轨道空调 and 空调系统 may be cut so that no word is common, and a
compound or an abbreviation that no dictionary knows is a word of its own. Pairs of characters meet all the same. All
three kinds go into one index, each weighted by how rare it is.
"""

import re
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from shared.text.normalise import normalise
from shared.text.words import words_of_normal

CHARACTER = "\x01"
"""Marks a single character among the evidence, so that it is never taken for a word."""
PAIR = "\x02"
"""Marks a pair of neighbouring characters."""

WORD_KIND, CHARACTER_KIND, PAIR_KIND = range(3)
FACTORS = (1.0, 0.35, 0.5)
"""How much each kind counts, beside its rareness."""
FLATNESS = (0.65, 0.65, 0.65)
"""BM25's b of each kind: 0, length does not matter; 1, a text twice as long must say a thing twice as often."""

_FIRST, _LAST = "\u3400", "\u9fff"
_CHINESE = re.compile(f"[{_FIRST}-{_LAST}]+")


def evidence(text: str) -> list[str]:
    """The words of the text, then its characters and pairs, each kind in the text's order and with its mark."""
    normal = normalise(text)
    return words_of_normal(normal) + _characters(normal)


def words_among(tokens: Iterable[str]) -> list[str]:
    """What of the evidence is a word: the marks of the other kinds stand before all signs that words begin with."""
    return [token for token in tokens if token[0] > PAIR]


def kind_of(token: str) -> int:
    """Which kind of evidence this is."""
    return CHARACTER_KIND if token[:1] == CHARACTER else PAIR_KIND if token[:1] == PAIR else WORD_KIND


def is_chinese(points: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which code points are characters that count as evidence; all of them are below 2**16."""
    found: NDArray[np.bool_] = (points >= ord(_FIRST)) & (points <= ord(_LAST))
    return found


def _characters(normal: str) -> list[str]:
    found: list[str] = []
    for run in _CHINESE.findall(normal):
        found += [CHARACTER + sign for sign in run]
        found += [f"{PAIR}{one}{other}" for one, other in pairwise(run)]
    return found
