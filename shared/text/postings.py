"""An inverted index as plain arrays, and the compiled functions that build and read it.

BM25 by eager scoring: what a word adds to a document's score does not depend on the query, so it is computed once and
stored (Lù, "BM25S: Orders of magnitude faster lexical search via eager sparse scoring", 2024). The documents stand in
rows sorted by block, so that a block, and any wider block whose name is a prefix, is a range of rows; a word's postings
are sorted by row, so that a range of them is found by bisection, and no block needs an index of its own.

Inverse document frequency and length are taken over all rows: scores of different blocks compare.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.compiled import compiled

Ints = NDArray[np.int64]
Rows = NDArray[np.int32]
Floats = NDArray[np.float64]
Weights = NDArray[np.float32]

SATURATION = 1.2
"""BM25's k1: how soon one more occurrence of a word adds nothing."""

_FEW = 64


@dataclass(frozen=True)
class Postings:
    """The postings of word w: `rows[starts[w]:starts[w + 1]]`, ascending, with what w adds to each row's score.

    `starts` int64 (words + 1), `rows` int32, `weights` float32, `idf` float64 (words): Lucene's inverse document
    frequency times the word's own factor.
    """

    starts: Ints
    rows: Rows
    weights: Weights
    idf: Floats


def build_postings(
    document_starts: Ints, document_words: Rows, kinds: NDArray[np.int8], factors: Floats, flatness: Floats
) -> Postings:
    """Lay out the postings of the rows' words, O(words in all rows).

    Row r holds `document_words[document_starts[r]:document_starts[r + 1]]`, repeats allowed. Each word has a kind
    (`kinds`); each kind has a factor, BM25's b in `flatness` (0: length does not matter) and a mean length of its own.
    """
    lengths = _lengths(document_starts, document_words, kinds, len(factors))
    held = lengths.sum(axis=0) / np.maximum(1, np.count_nonzero(lengths, axis=0))
    norms = SATURATION * (1 - flatness + flatness * lengths / np.maximum(held, 1e-9))
    held_by = _held_by(document_starts, document_words, len(kinds))
    idf = lucene_idf(len(document_starts) - 1, held_by) * factors[kinds]
    starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(held_by)])
    rows, weights = _lay_out(document_starts, document_words, kinds, starts, idf, norms)
    return Postings(starts, rows, weights, idf)


def lucene_idf(documents: int, held_by: Ints) -> Floats:
    """Lucene's inverse document frequency of words that `held_by` of the documents hold; always above 0."""
    return np.log1p((documents - held_by + 0.5) / (held_by + 0.5))


@compiled
def _lengths(document_starts: Ints, document_words: Rows, kinds: NDArray[np.int8], count: int) -> Floats:
    """How many words of each kind a row holds (rows × kinds)."""
    lengths = np.zeros((len(document_starts) - 1, count))
    for row in range(len(document_starts) - 1):
        for place in range(document_starts[row], document_starts[row + 1]):
            lengths[row, kinds[document_words[place]]] += 1
    return lengths


@compiled
def _held_by(document_starts: Ints, document_words: Rows, words: int) -> Ints:
    """How many rows hold each word."""
    held_by = np.zeros(words, dtype=np.int64)
    last = np.full(words, -1, dtype=np.int64)
    for row in range(len(document_starts) - 1):
        for place in range(document_starts[row], document_starts[row + 1]):
            word = document_words[place]
            if last[word] != row:
                last[word] = row
                held_by[word] += 1
    return held_by


@compiled
def _lay_out(
    document_starts: Ints, document_words: Rows, kinds: NDArray[np.int8], starts: Ints, idf: Floats, norms: Floats
) -> tuple[Rows, Weights]:
    """The rows and the summands of BM25 (Lucene's form, without the constant k1 + 1), word by word."""
    rows = np.empty(starts[-1], dtype=np.int32)
    counts = np.empty(starts[-1], dtype=np.float32)
    ends = starts[:-1].copy()
    for row in range(len(document_starts) - 1):
        for place in range(document_starts[row], document_starts[row + 1]):
            word = document_words[place]
            end = ends[word]
            if end > starts[word] and rows[end - 1] == row:
                counts[end - 1] += 1
            else:
                rows[end] = row
                counts[end] = 1
                ends[word] = end + 1
    for word in range(len(starts) - 1):
        for place in range(starts[word], starts[word + 1]):
            counts[place] *= idf[word] / (counts[place] + norms[rows[place], kinds[word]])
    return rows, counts


@compiled
def first_from(rows: Rows, begin: int, end: int, row: int) -> int:
    """The first place in `rows[begin:end]` (ascending) that holds `row` or more; `end` if none does."""
    while begin < end:
        middle = (begin + end) >> 1
        if rows[middle] < row:
            begin = middle + 1
        else:
            end = middle
    return begin


@compiled
def accumulate(
    query: Rows,
    first: int,
    last: int,
    starts: Ints,
    rows: Rows,
    weights: Weights,
    scores: Floats,
    touched: Rows,
    found: int,
) -> int:
    """Add the query's words to the scores of the rows `first` ≤ row < `last`; the new number of touched rows.

    `scores` (one per row) is 0 where nothing was added yet; each row that becomes more than 0 is noted in
    `touched[found:]`. Who calls clears the scores of the touched rows again. Call it per range of a query.
    """
    for word in query:
        end = starts[word + 1]
        for place in range(first_from(rows, starts[word], end, first), end):
            row = rows[place]
            if row >= last:
                break
            if scores[row] == 0.0:
                touched[found] = row
                found += 1
            scores[row] += weights[place]
    return found


@compiled
def keep_best(touched: Rows, found: int, scores: Floats, positions: Ints, best_rows: Rows, best_scores: Floats) -> int:
    """Move the best touched rows into `best_rows`, best first, equal scores by position; how many. Clears `scores`.

    A heap of len(best_rows) with the worst on top: O(found · log k).
    """
    kept = 0
    for place in range(found):
        row = touched[place]
        kept = push(row, scores[row], kept, best_rows, best_scores, positions)
        scores[row] = 0.0
    _best_first(best_rows, best_scores, positions, kept)
    return kept


@compiled
def _best_first(rows: Rows, scores: Floats, positions: Ints, size: int) -> None:
    """Sort what `push` kept: few rows by insertion, which is faster for them, many as a heap."""
    if size > _FEW:
        for place in range(size // 2, -1, -1):
            _sink_from(rows, scores, positions, place, size)
        for end in range(size - 1, 0, -1):
            _swap(rows, scores, 0, end)
            _sink(rows, scores, positions, end)
        return
    for place in range(1, size):
        row, score, to = rows[place], scores[place], place
        while to > 0 and (
            scores[to - 1] < score or (scores[to - 1] == score and positions[rows[to - 1]] > positions[row])
        ):
            rows[to], scores[to] = rows[to - 1], scores[to - 1]
            to -= 1
        rows[to], scores[to] = row, score


@compiled
def push(row: int, score: float, kept: int, best_rows: Rows, best_scores: Floats, positions: Ints) -> int:
    """Take the row among the `kept` best, for which there are len(best_rows) places; the new number kept.

    As soon as all places are taken, they are a heap with the worst row on top.
    """
    if kept < len(best_rows):
        best_rows[kept], best_scores[kept] = row, score
        if kept + 1 == len(best_rows):
            for place in range(kept // 2, -1, -1):
                _sink_from(best_rows, best_scores, positions, place, kept + 1)
        return kept + 1
    if kept and (score > best_scores[0] or (score == best_scores[0] and positions[row] < positions[best_rows[0]])):
        best_rows[0], best_scores[0] = row, score
        _sink(best_rows, best_scores, positions, kept)
    return kept


@compiled
def _worse(rows: Rows, scores: Floats, positions: Ints, one: int, other: int) -> bool:
    if scores[one] != scores[other]:
        return bool(scores[one] < scores[other])
    return bool(positions[rows[one]] > positions[rows[other]])


@compiled
def _swap(rows: Rows, scores: Floats, one: int, other: int) -> None:
    rows[one], rows[other] = rows[other], rows[one]
    scores[one], scores[other] = scores[other], scores[one]


@compiled
def _sink(rows: Rows, scores: Floats, positions: Ints, size: int) -> None:
    _sink_from(rows, scores, positions, 0, size)


@compiled
def _sink_from(rows: Rows, scores: Floats, positions: Ints, place: int, size: int) -> None:
    while 2 * place + 1 < size:
        child = 2 * place + 1
        if child + 1 < size and _worse(rows, scores, positions, child + 1, child):
            child += 1
        if not _worse(rows, scores, positions, child, place):
            break
        _swap(rows, scores, place, child)
        place = child
