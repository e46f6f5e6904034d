"""Ranking by words and by meaning at once: BM25 finds what is said, vectors find what is meant by other words.

score = (share of the query's weight that the text says, by BM25) + MEANING_SHARE · (cosine of the meanings), divided by
1 + MEANING_SHARE: about 1 for a text that says the query and nothing else. All rows of a query's ranges are looked
through by a coarse guess (the first dimensions of the meaning); the best of these are scored in full.

`score_per_weight` and `fused` are the formula: the search of a corpus here and the search of a run
(services.matching.engine.candidates.retrieval) both rank by them.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.compiled import compiled
from shared.text.meanings import COARSE, LENGTH, Meanings, nearness
from shared.text.postings import SATURATION, Floats, Ints, Rows, Weights, accumulate, keep_best, push

MEANING_SHARE = 0.4
"""How much the meaning counts beside the words."""

_COARSE_GAIN = 1.3
"""The first dimensions hold about three quarters of a cosine."""

_CHUNK = 8192
"""Rows that are guessed at a time: their sums fit the nearest cache."""


class Shelf(NamedTuple):
    """What is searched: postings (see shared.text.postings), the rows' positions, and their meanings.

    `coarse` (32 × rows, int8) is the beginning of `meanings` (rows × 128) on its side: many rows are added up at once.
    """

    starts: Ints
    rows: Rows
    weights: Weights
    positions: Ints
    coarse: Meanings
    meanings: Meanings


class Asked(NamedTuple):
    """Queries: q has the words `words[word_starts[q]:…]`, whose weights add up to `totals[q]`, unknown words included,
    a meaning, and the ranges of rows `firsts[range_starts[q]:…]` to `lasts[…]`, which do not overlap."""

    word_starts: Ints
    words: Rows
    totals: Floats
    meanings: Meanings
    range_starts: Ints
    firsts: Ints
    lasts: Ints


@compiled
def score_per_weight(total: float) -> float:
    """What BM25 is multiplied by, so that it is the share of the query's weight (its words' weights in all)."""
    return (1 + SATURATION) / max(total, 1e-9)


@compiled
def fused(said: float, cosine: float) -> float:
    """Words and meaning in one: the share of the query's weight that a text says, and how near its meaning is."""
    return (said + MEANING_SHARE * max(0.0, cosine)) / (1 + MEANING_SHARE)


@compiled
def best_by_both(
    asked: Asked, shelf: Shelf, begin: int, end: int, width: int, found_rows: Rows, found_scores: Floats, counts: Ints
) -> None:
    """Fill the best rows of the queries `begin` ≤ q < `end` (queries × k), best first, equal scores by position.

    `width`: how many of the coarse guess are scored in full, at least k.
    """
    scores, both = np.zeros(len(shelf.positions)), np.zeros(len(shelf.positions))
    touched = np.empty(len(shelf.positions), dtype=np.int32)
    near = np.empty(_CHUNK, dtype=np.int16)
    guessed_rows, guessed_scores = np.empty(width, dtype=np.int32), np.empty(width)
    for query in range(begin, end):
        words = asked.words[asked.word_starts[query] : asked.word_starts[query + 1]]
        meaning = asked.meanings[query]
        per_weight = score_per_weight(asked.totals[query])
        said, kept = 0, 0
        for place in range(asked.range_starts[query], asked.range_starts[query + 1]):
            first, last = asked.firsts[place], asked.lasts[place]
            said = accumulate(words, first, last, shelf.starts, shelf.rows, shelf.weights, scores, touched, said)
            for chunk in range(first, last, _CHUNK):
                stop = min(last, chunk + _CHUNK)
                _coarse_nearness(meaning, shelf.coarse, chunk, stop, near)
                kept = _guess(
                    near, chunk, stop, scores, per_weight, shelf.positions, guessed_rows, guessed_scores, kept
                )
        for place in range(kept):
            row = guessed_rows[place]
            both[row] = fused(scores[row] * per_weight, nearness(meaning, shelf.meanings[row]))
        counts[query] = keep_best(guessed_rows, kept, both, shelf.positions, found_rows[query], found_scores[query])
        for place in range(said):
            scores[touched[place]] = 0.0


@compiled
def _coarse_nearness(meaning: Meanings, coarse: Meanings, first: int, last: int, near: NDArray[np.int16]) -> None:
    """The coarse dot products with the rows `first` ≤ r < `last`, axis by axis, into `near[r - first]`.

    Both sides are at most half as long as LENGTH, so that no sum leaves 16 bits (Cauchy and Schwarz).
    """
    total = near[: last - first]
    total[:] = 0
    for axis in range(COARSE):
        factor = np.int16(meaning[axis] >> 1)
        column = coarse[axis, first:last]
        for row in range(len(total)):
            total[row] += factor * np.int16(column[row])


@compiled
def _guess(
    near: NDArray[np.int16],
    first: int,
    last: int,
    scores: Floats,
    per_weight: float,
    positions: Ints,
    best_rows: Rows,
    best_scores: Floats,
    kept: int,
) -> int:
    """Guess the score of the rows `first` ≤ r < `last`, and keep the best; how many are kept now."""
    scale = MEANING_SHARE * _COARSE_GAIN * 4 / (LENGTH * LENGTH)
    least = best_scores[0] if kept == len(best_rows) else 0.0
    for row in range(first, last):
        guess = scores[row] * per_weight + scale * max(near[row - first], 0)
        if guess > least:
            kept = push(row, guess, kept, best_rows, best_scores, positions)
            least = best_scores[0] if kept == len(best_rows) else 0.0
    return kept


def shelf_of(starts: Ints, rows: Rows, weights: Weights, positions: Ints, meanings: NDArray[np.int8]) -> Shelf:
    """The arrays of an index and the meanings of its rows, as `best_by_both` reads them."""
    return Shelf(starts, rows, weights, positions, np.ascontiguousarray((meanings[:, :COARSE] >> 1).T), meanings)
