"""What Chinese words mean, as small vectors: 西红柿 is near 番茄 though no character is common.

General knowledge of the language: 72,000 words (`data/meanings.npz`), each with a direction of 128 whole numbers and
with how telling it is (the logarithm of how rare it is in general Chinese). A text's meaning is the weighted sum of
its words' directions, and two texts are as near as the cosine between theirs. Whole numbers make it exact: the same on
every machine, in whatever order.

Where the table is from, and how it is made anew: `tests/bench/make_meanings.py`. A word outside of the table counts by
the longest pieces of it that are inside; every common character is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import as_file, files

import numpy as np
from numpy.typing import NDArray

from shared.compiled import compiled

Meanings = NDArray[np.int8]

DIMENSIONS = 128
COARSE = 32
"""The dimensions are sorted by how much they tell: the first of them give a good guess."""

LENGTH = 254.0
"""How long a direction is, in the table and for texts; single components are cut at 127."""
_STEP = 1 / 16
_LONGEST = 6
_PIECES_REMEMBERED = 1 << 18


@dataclass(frozen=True)
class Lexicon:
    """The table: a word's row, and per row its direction (int8 × 128) and how telling it is (float32)."""

    rows: dict[str, int]
    directions: Meanings
    telling: NDArray[np.float32]


@cache
def lexicon() -> Lexicon:
    """The table, read once."""
    with as_file(files("shared.text") / "data" / "meanings.npz") as path, np.load(path) as table:
        words = table["words"].tobytes().decode().split("\n")
        telling = table["weights"].astype(np.float32) * np.float32(_STEP)
        return Lexicon({word: row for row, word in enumerate(words)}, np.ascontiguousarray(table["vectors"]), telling)


def meanings_of(texts: Sequence[Iterable[str]]) -> Meanings:
    """The meanings (texts × 128, int8) of texts that are given by their words; repeated words count once.

    A text without any known word has no meaning: zeros, near to nothing.
    """
    rows: list[int] = []
    shares: list[float] = []
    starts = [0]
    for words in texts:
        for word in sorted(set(words)):
            pieces = _pieces(word)
            rows += pieces
            shares += [max(1, len(pieces)) ** -0.5] * len(pieces)
        starts.append(len(rows))
    known = lexicon()
    of_row = np.array(rows, dtype=np.int64)
    weights = known.telling[of_row] * np.array(shares, dtype=np.float32)
    meanings = np.zeros((len(texts), DIMENSIONS), dtype=np.int8)
    _sum_up(np.array(starts, dtype=np.int64), of_row, weights, known.directions, meanings)
    return meanings


@lru_cache(_PIECES_REMEMBERED)
def _pieces(word: str) -> tuple[int, ...]:
    """The rows of the word, or of the longest words that it consists of, from the left."""
    rows = lexicon().rows
    if word in rows:
        return (rows[word],)
    found: list[int] = []
    place = 0
    while place < len(word):
        ends = range(min(len(word), place + _LONGEST), place, -1)
        end = next((end for end in ends if word[place:end] in rows and not word[place:end].isascii()), None)
        if end is not None:
            found.append(rows[word[place:end]])
        place = end or place + 1
    return tuple(found)


@compiled
def _sum_up(
    starts: NDArray[np.int64],
    rows: NDArray[np.int64],
    weights: NDArray[np.float32],
    directions: Meanings,
    meanings: Meanings,
) -> None:
    """Each text's weighted sum of directions, brought to one length and to whole numbers."""
    total = np.zeros(meanings.shape[1])
    for text in range(len(starts) - 1):
        total[:] = 0.0
        for place in range(starts[text], starts[text + 1]):
            for axis in range(meanings.shape[1]):
                total[axis] += weights[place] * directions[rows[place], axis]
        length = np.sqrt((total * total).sum())
        if length > 0:
            for axis in range(meanings.shape[1]):
                scaled = np.rint(total[axis] / length * LENGTH)
                meanings[text, axis] = np.int8(min(127.0, max(-127.0, scaled)))


@compiled
def nearness(one: Meanings, other: Meanings) -> float:
    """The cosine of two meanings (int8, equally long); 0 where there are none to compare (no axes)."""
    total = np.int32(0)
    for axis in range(len(one)):
        total += np.int32(one[axis]) * np.int32(other[axis])
    return float(total) / (LENGTH * LENGTH)
