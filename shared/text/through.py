"""Many short texts read through as one: it finds what no index of words does, any two characters side by side.

A search is a few passes over one array of all characters (some milliseconds for ten millions), whatever is looked for.
"""

from collections.abc import Iterable, Sequence
from functools import cache, cached_property, reduce

import numpy as np
from numpy.typing import NDArray

from shared.text.initials import characters_of

Rows = NDArray[np.int64]
"""Positions of texts, ascending, each once."""

_END = ord("\n")


class Through:
    """Texts one after the other, in lower case; none of them may have a line's end in it."""

    def __init__(self, texts: Iterable[str]) -> None:
        whole = "".join(f"{text}\n" for text in texts)
        # two bytes a character; one of four bytes is a pair that is no part of any other
        self._units = np.frombuffer(whole.encode("utf-16-le"), np.uint16)
        self._ends = np.flatnonzero(self._units == _END)
        self.lengths = np.diff(self._ends, prepend=-1) - 1

    def having(self, word: str) -> Rows:
        """The texts in which a word occurs, in whatever case."""
        wanted = _units(word)
        return self._rows(_following(self._units == unit for unit in wanted[:2]), wanted[2:])

    def beginning(self, word: str, rows: Rows) -> NDArray[np.bool_]:
        """Of each of these texts, whether it begins with a word."""
        starts = self._ends[rows] - self.lengths[rows]
        found = self.lengths[rows] >= len(_units(word))
        for at, unit in enumerate(_units(word)):
            found &= self._units[np.minimum(starts + at, len(self._units) - 1)] == unit
        return found

    def with_initials(self, letters: str) -> Rows:
        """The texts with characters of these pinyin initials in a row; a letter stands for itself too."""
        return self._rows(_following((self._initials & _bit(letter)) != 0 for letter in letters), ())

    @cached_property
    def _initials(self) -> NDArray[np.uint32]:
        """Of each character the initials that it answers to, one bit each."""
        return _initials_of_units()[self._units]

    def _rows(self, found: NDArray[np.bool_], rest: Sequence[int]) -> Rows:
        """The texts of the places found, where the rest of a word follows after the first two units."""
        places = np.flatnonzero(found)
        for at, unit in enumerate(rest, 2):
            places = places[self._units[np.minimum(places + at, len(self._units) - 1)] == unit]
        rows = np.searchsorted(self._ends, places)
        first = np.ones(len(rows), np.bool_)
        first[1:] = rows[1:] != rows[:-1]
        return rows[first]


def positions(rows: Iterable[int]) -> Rows:
    """The texts at these positions."""
    return np.array(sorted(rows), np.int64)


def both(found: Iterable[Rows]) -> Rows:
    """The texts that are in each."""
    return reduce(lambda one, other: np.intersect1d(one, other, assume_unique=True), found)


def either(found: Iterable[Rows]) -> Rows:
    """The texts that are in any."""
    return reduce(np.union1d, found)


def without(rows: Rows, others: Rows) -> Rows:
    """The texts that are not among the others."""
    return np.setdiff1d(rows, others, assume_unique=True)


def shorter_first(rows: Rows, ranks: NDArray[np.int64], lengths: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """Rank, length and position of each text: by rank, the shorter before the longer, else in their order."""
    order = np.lexsort((rows, lengths[rows], ranks))
    return list(zip(ranks[order].tolist(), lengths[rows][order].tolist(), rows[order].tolist(), strict=True))


def ranked(rows: Rows, rank: int, better: Iterable[tuple[NDArray[np.bool_], int]]) -> NDArray[np.int64]:
    """The rank of each text: this one, or the last of the better ones that holds of it."""
    found = np.full(len(rows), rank, np.int64)
    for holds, other in better:
        found[holds] = other
    return found


def are_among(rows: Rows, others: Iterable[int]) -> NDArray[np.bool_]:
    """Of each text whether it is one of the others."""
    return np.isin(rows, list(others))


def _units(word: str) -> list[int]:
    return [int(unit) for unit in np.frombuffer(word.lower().encode("utf-16-le"), np.uint16)]


def _following(flags: Iterable[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """Where the first holds, at the next place the second, and so on."""
    first, *rest = flags
    found = first.copy()
    for at, flag in enumerate(rest, 1):
        found[:-at] &= flag[at:]
        found[-at:] = False
    return found


def _bit(letter: str) -> np.uint32:
    return np.uint32(1 << (ord(letter) - ord("a")))


@cache
def _initials_of_units() -> NDArray[np.uint32]:
    found = np.zeros(1 << 16, np.uint32)
    for letter in "abcdefghijklmnopqrstuvwxyz":
        for character in (letter, *characters_of(letter)):
            found[ord(character)] |= _bit(letter)
    return found
