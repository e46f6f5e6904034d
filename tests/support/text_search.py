"""The search of a corpus for one query, by words alone: nothing means anything there."""

from collections.abc import Iterable, Sequence

import numpy as np

from shared.text.fusion import MEANING_SHARE, Asked, best_by_both, shelf_of
from shared.text.meanings import DIMENSIONS
from shared.text.postings import SATURATION
from shared.text.ranking import TextIndex


def best_by_words(
    index: TextIndex, ranges: Sequence[tuple[int, int]], query: Iterable[str], k: int
) -> list[tuple[int, float]]:
    """The k best of some ranges of rows, best first: positions and their BM25."""
    held, none = index.postings, np.zeros((len(index.positions), DIMENSIONS), np.int8)
    starts, words = index.encode([query])
    firsts, lasts = np.array(ranges, np.int64).reshape(-1, 2).T
    asked = Asked(
        word_starts=starts,
        words=words,
        totals=np.array([1 + SATURATION]),
        meanings=np.zeros((1, DIMENSIONS), np.int8),
        range_starts=np.array([0, len(ranges)]),
        firsts=np.ascontiguousarray(firsts),
        lasts=np.ascontiguousarray(lasts),
    )
    shelf = shelf_of(held.starts, held.rows, held.weights, index.positions, none)
    rows, scores, counts = np.zeros((1, k), np.int32), np.zeros((1, k)), np.zeros(1, np.int64)
    best_by_both(asked, shelf, 0, 1, k, rows, scores, counts)
    found = slice(0, int(counts[0]))
    positions, bm25 = index.positions[rows[0, found]], scores[0, found] * (1 + MEANING_SHARE)
    return list(zip(positions.tolist(), bm25.tolist(), strict=True))
