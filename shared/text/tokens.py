"""The evidence of many texts in columns: the same tokens as text by text (see evidence.py), numbered.

Words are cut in each distinct text once. Characters and pairs of them are whole numbers all along (code points), and
become strings only in the vocabulary.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.text.evidence import CHARACTER, PAIR, is_chinese
from shared.text.normalise import normalise
from shared.text.words import words_of_normal

Ints = NDArray[np.int64]

_BITS = 16
"""The code points of the characters that count have so many bits."""


@dataclass(frozen=True)
class Tokens:
    """Text t has the distinct tokens `token[starts[t]:starts[t + 1]]`, ascending, each so many `times`.

    Tokens are positions in the `vocabulary`, which is sorted. `words[t]` are the words of text t, repeats included.
    """

    vocabulary: tuple[str, ...]
    starts: Ints
    token: Ints
    times: Ints
    words: list[list[str]]


def tokens_of(texts: Sequence[str]) -> Tokens:
    """The tokens of some texts, one vocabulary for all. O(characters + tokens log tokens)."""
    distinct = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    normal = [normalise(text) for text in distinct]
    words = [words_of_normal(text) for text in normal]
    signs_row, signs = _characters(normal)
    words_row, word, known = _numbered(words)
    characters, character = np.unique(signs, return_inverse=True)
    token = np.concatenate([character, len(characters) + word])
    starts, token, times = _counted(np.concatenate([signs_row, words_row]), token, len(distinct))
    place = np.array([distinct[text] for text in texts], np.int64)
    all_starts, items = spread(starts, place)
    vocabulary = (*map(_named, characters.tolist()), *known)
    return Tokens(vocabulary, all_starts, token[items], times[items], [words[at] for at in place.tolist()])


def spread(starts: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Some rows of a table of lists (repeats allowed), end to end: where each begins now, and the items' positions."""
    length = starts[rows + 1] - starts[rows]
    begin: Ints = np.append(0, np.cumsum(length))
    return begin, np.arange(begin[-1]) + np.repeat(starts[rows] - begin[:-1], length)


def _characters(texts: Iterable[str]) -> tuple[Ints, Ints]:
    """The Chinese characters and the pairs of neighbours of all texts: whose each is, and its number.

    A character's number is its code point, a pair's is one of more bits: so numbers are sorted as the tokens are.
    """
    points = np.frombuffer("\n".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
    row = np.cumsum(points == ord("\n"))
    chinese = is_chinese(points)
    single = np.flatnonzero(chinese)
    first = np.flatnonzero(chinese[:-1] & chinese[1:])
    pairs = (points[first] + 1 << _BITS) + points[first + 1]
    return np.concatenate([row[single], row[first]]), np.concatenate([points[single], pairs])


def _named(number: int) -> str:
    """The token of a character or of a pair."""
    if number >> _BITS:
        return f"{PAIR}{chr((number >> _BITS) - 1)}{chr(number & (1 << _BITS) - 1)}"
    return CHARACTER + chr(number)


def _numbered(words: Sequence[Sequence[str]]) -> tuple[Ints, Ints, list[str]]:
    """Whose each word is, its number, and the words in the order of their numbers: sorted."""
    number: defaultdict[str, int] = defaultdict()
    number.default_factory = number.__len__  # an unknown word takes the next number
    ids = np.array([number[word] for row in words for word in row], np.int64)
    known = sorted(number)
    place = np.empty(len(known), np.int64)
    place[[number[word] for word in known]] = np.arange(len(known))
    lengths = np.array([len(row) for row in words], np.int64)
    return np.repeat(np.arange(len(words)), lengths), place[ids], known


def _counted(row: Ints, token: Ints, rows: int) -> tuple[Ints, Ints, Ints]:
    """Each row's distinct tokens, ascending, and how often they stand there: (starts, tokens, times)."""
    size = int(token.max(initial=0)) + 1
    keys, times = np.unique(row * size + token, return_counts=True)
    return np.searchsorted(keys, np.arange(rows + 1) * size), keys % size, times.astype(np.int64)
