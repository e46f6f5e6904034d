"""Ranking of short texts by BM25 within blocks, and how much of a query a text covers.

bm25s (Lù, "BM25S: Orders of magnitude faster lexical search via eager sparse scoring", 2024) holds a sparse matrix per
block; the inverse document frequencies are those of all blocks together, so that scores of several blocks compare.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import log
from typing import Any

import bm25s
import numpy as np
from numpy.typing import NDArray

Document = tuple[int, Sequence[str]]
"""A document: its position in the caller's table, and its words."""


class BlockIndex:
    """An index per block, built once; a changed block means a new index (bm25s cannot be updated in place)."""

    def __init__(self, blocks: Mapping[str, Iterable[Document]]) -> None:
        documents = {block: sorted((p, list(w)) for p, w in rows) for block, rows in blocks.items()}
        held_by = Counter(word for rows in documents.values() for _, words in rows for word in set(words))
        self._size = sum(len(rows) for rows in documents.values())
        self._weights = {word: _idf(self._size, count) for word, count in held_by.items()}
        self._blocks = {block: _Block(rows, self._weights) for block, rows in sorted(documents.items()) if rows}

    def top(self, blocks: str | Iterable[str], query_words: Iterable[str], k: int) -> list[tuple[int, float]]:
        """The k best (position, score) of one or several blocks, best first; equal scores by position.

        Only documents that share a word with the query; repeated query words count once.
        """
        asked, query = {blocks} if isinstance(blocks, str) else set(blocks), sorted(set(query_words))
        found = [hit for name in asked if name in self._blocks for hit in self._blocks[name].top(query, k)]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))[:k]

    def weight(self, word: str) -> float:
        """The word's inverse document frequency over all blocks; a word that no document has weighs most."""
        return self._weights.get(word) or _idf(self._size, 0)

    def coverage(self, query_words: Iterable[str], doc_words: Iterable[str]) -> float:
        """The share of the query's weight that the document's words have: 0 none (or an empty query), 1 all."""
        query, held = sorted(set(query_words)), set(doc_words)
        total = sum(self.weight(word) for word in query)
        return sum(self.weight(word) for word in query if word in held) / total if total else 0.0


class _Block:
    """One block's matrix: columns are words, `data` the summands of BM25, weighted over all blocks."""

    def __init__(self, documents: list[tuple[int, list[str]]], weights: Mapping[str, float]) -> None:
        self._positions = np.array([position for position, _ in documents], dtype=np.int64)
        texts = [words for _, words in documents]
        self._index: Any = None
        if any(texts):
            self._index = bm25s.BM25(method="lucene", backend="numpy")
            self._index.index(texts, show_progress=False)
            self._reweight(texts, weights)

    def top(self, query: list[str], k: int) -> list[tuple[int, float]]:
        scores = self._scores(query)
        hits = np.flatnonzero(scores > 0)
        if len(hits) > k:
            least = np.partition(scores[hits], len(hits) - k)[len(hits) - k]
            hits = hits[scores[hits] >= least]
        best = hits[np.lexsort((self._positions[hits], -scores[hits]))][:k]
        return [(int(self._positions[i]), float(scores[i])) for i in best]

    def _scores(self, query: list[str]) -> NDArray[np.float32]:
        known = [word for word in query if self._index and word in self._index.vocab_dict]
        if not known:
            return np.zeros(len(self._positions), dtype=np.float32)
        scores: NDArray[np.float32] = self._index.get_scores(known)
        return scores

    def _reweight(self, texts: list[list[str]], weights: Mapping[str, float]) -> None:
        """Replace the block's own document frequencies in the matrix by those over all blocks."""
        held_by = Counter(word for words in texts for word in set(words))
        matrix, vocabulary = self._index.scores, self._index.vocab_dict
        factors = np.ones(len(matrix["indptr"]) - 1, dtype=np.float32)
        for word, count in held_by.items():
            factors[vocabulary[word]] = weights[word] / _idf(len(texts), count)
        matrix["data"] *= np.repeat(factors, np.diff(matrix["indptr"]))


def _idf(documents: int, held_by: int) -> float:
    """Lucene's inverse document frequency, always above 0."""
    return log(1 + (documents - held_by + 0.5) / (held_by + 0.5))
