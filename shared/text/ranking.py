"""An index of texts for BM25 within blocks: what shared.text.fusion searches."""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from math import fsum

import numpy as np

from shared.compiled import compiled
from shared.text.evidence import FACTORS, FLATNESS, kind_of
from shared.text.postings import Ints, Postings, Rows, build_postings, lucene_idf

_AFTER_ALL = chr(0x10FFFF)


@dataclass(frozen=True)
class TextIndex:
    """Documents as arrays, their rows sorted by block and then by position.

    Row r is the document `positions[r]` of the caller's table. `vocabulary` numbers the words in their order. Block b,
    named `names[b]` (ascending), has the rows from `block_starts[b]` to `block_starts[b + 1]`.
    """

    vocabulary: dict[str, int]
    names: list[str]
    block_starts: Ints
    positions: Ints
    postings: Postings

    def encode(self, queries: Iterable[Iterable[str]]) -> tuple[Ints, Rows]:
        """The queries' words by id: query q has `words[starts[q]:starts[q + 1]]` (int64 and int32).

        Words that no document holds are left out; each word counts once, in the order of the words themselves, so that
        equal queries add up equally.
        """
        code, ids, ends = self.vocabulary.get, array("i"), array("q", [0])
        for query in queries:
            ids.extend([known for word in query if (known := code(word)) is not None])
            ends.append(len(ids))
        return _each_once(np.array(ends), np.array(ids))

    def rows_below(self, prefix: str) -> tuple[int, int]:
        """The rows (first, last + 1) of all blocks whose names start with `prefix`; "" means all."""
        first, last = bisect_left(self.names, prefix), bisect_left(self.names, prefix + _AFTER_ALL)
        return int(self.block_starts[first]), int(self.block_starts[last])

    def total_weight(self, words: Iterable[str]) -> float:
        """The weights of the words added up exactly, so in whatever order, each word once."""
        weights, known = self.postings.idf, self.vocabulary
        unheard = _unheard_of(len(self.positions))
        return fsum(weights[known[word]] if word in known else unheard * FACTORS[kind_of(word)] for word in set(words))


def build_index(documents: Iterable[tuple[str, int, Sequence[str]]]) -> TextIndex:
    """An index of documents: block, position, and words (see shared.text.evidence).

    The order of the documents does not matter; they are read once, so that their words need not be in memory together.
    O(documents · log) for the sorting, the rest is linear in the words; a document that changes means a new index
    (100,000 short texts: a fraction of a second).
    """
    vocabulary: defaultdict[str, int] = defaultdict()
    vocabulary.default_factory = vocabulary.__len__  # an unknown word takes the next number
    ids, ends = array("i"), array("q", [0])
    keys: list[tuple[str, int]] = []
    for block, position, words in documents:
        ids.extend([vocabulary[word] for word in words])
        ends.append(len(ids))
        keys.append((block, position))
    order = sorted(range(len(keys)), key=keys.__getitem__)
    known = sorted(vocabulary)
    new_id = np.empty(len(known), dtype=np.int32)
    new_id[[vocabulary[word] for word in known]] = np.arange(len(known))
    starts, words_in_order = _in_order(np.array(ends), new_id[np.array(ids)], np.array(order, dtype=np.int64))
    kinds = np.array([kind_of(word) for word in known], dtype=np.int8)
    names = sorted({block for block, _ in keys})
    rows_before = [bisect_left(order, name, key=lambda row: keys[row][0]) for name in names]
    return TextIndex(
        vocabulary={word: number for number, word in enumerate(known)},
        names=names,
        block_starts=np.array([*rows_before, len(order)], dtype=np.int64),
        positions=np.array([keys[row][1] for row in order], dtype=np.int64),
        postings=build_postings(starts, words_in_order, kinds, np.array(FACTORS), np.array(FLATNESS)),
    )


@compiled
def _each_once(starts: Ints, words: Rows) -> tuple[Ints, Rows]:
    """The rows' words in ascending order, each once."""
    new_starts, new_words = np.zeros(len(starts), dtype=np.int64), np.empty_like(words)
    end = 0
    for row in range(len(starts) - 1):
        asked = np.sort(words[starts[row] : starts[row + 1]])
        for place in range(len(asked)):
            if place == 0 or asked[place] != asked[place - 1]:
                new_words[end] = asked[place]
                end += 1
        new_starts[row + 1] = end
    return new_starts, new_words[:end].copy()


@compiled
def _in_order(starts: Ints, words: Rows, order: Ints) -> tuple[Ints, Rows]:
    """The rows' words, laid out anew in the given order of the rows."""
    new_starts, new_words = np.zeros(len(starts), dtype=np.int64), np.empty_like(words)
    for place in range(len(order)):
        begin, end = starts[order[place]], starts[order[place] + 1]
        at = new_starts[place]
        new_starts[place + 1] = at + end - begin
        new_words[at : at + end - begin] = words[begin:end]
    return new_starts, new_words


@cache
def _unheard_of(documents: int) -> float:
    return float(lucene_idf(documents, np.zeros(1, dtype=np.int64))[0])


def starts_of(rows: Sequence[Sequence[object] | Rows]) -> Ints:
    """Where each row of a table of rows of unequal length starts when they are laid out one after the other."""
    lengths = np.fromiter((len(row) for row in rows), dtype=np.int64, count=len(rows))
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
