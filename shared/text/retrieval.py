"""Finding what a text is about in a corpus of documents.

A document is said in one text or in many (a product's names, descriptions, features). Its score is that of its best
text, and a little of the next best: what several of its texts confirm is likelier meant. All of them together are one
more text, for queries that no single one covers.

A query may name an industry class. Its block (the class's group) is searched first; what the block lacks is sought in
wider ones, up to everything, and nearer classes are preferred among equals.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice, pairwise
from os import cpu_count

import numpy as np

from shared.codes.classes import block, similarity
from shared.text.evidence import evidence, words_among
from shared.text.fusion import Asked, best_by_both, shelf_of
from shared.text.meanings import DIMENSIONS, Meanings, meanings_of
from shared.text.postings import Floats, Ints, Rows
from shared.text.ranking import build_index, starts_of

Range = tuple[int, int]
Found = list[tuple[int, float]]
"""Documents by their place in the corpus, with scores, best first."""

_CONFIRMED = 0.15
"""What a document's second best text adds, beside its best one."""
_CLASS_BONUS = 0.15
"""How much the same class is worth, beside a score of about 1 for the same text."""
_WORTH_SHOWING = 0.25
"""A hit below this score does not fill a block: what it lacks is sought beyond."""
_LEVELS = (3, 2, 0)
"""The digits of a class by which blocks are searched, the narrow ones first."""
_TEXTS_PER_DOCUMENT = 4
_WIDTH = 128
_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of a corpus, or a query: its texts, and its industry class if known.

    A query asks for what its texts say each for itself, all at once.
    """

    texts: tuple[str, ...]
    class_code: str | None = None


class Corpus:
    """Documents, indexed once, then searched by many queries."""

    def __init__(self, documents: Iterable[Entry]) -> None:
        self._classes: list[str] = []
        owners: list[int] = []
        meanings: list[Meanings] = []
        self._index = build_index(self._rows(documents, owners, meanings))
        self._owner_of = [owners[text] for text in self._index.positions]
        self._single = len(owners) == len(self._classes)
        postings, positions = self._index.postings, self._index.positions
        meant = np.concatenate([np.empty((0, DIMENSIONS), dtype=np.int8), *meanings])[positions]
        self._shelf = shelf_of(postings.starts, postings.rows, postings.weights, positions, meant)

    def _rows(
        self, documents: Iterable[Entry], owners: list[int], meanings: list[Meanings]
    ) -> Iterator[tuple[str, int, list[str]]]:
        """The texts of the documents for the index; notes whose they are and, some thousand at a time, their meanings.

        So the words of a large corpus are never in memory together.
        """
        texts = ((number, text) for number, document in enumerate(documents) for text in self._texts(document))
        while batch := list(islice(texts, _BATCH)):
            said = [evidence(text) for _, text in batch]
            meanings.append(meanings_of([words_among(tokens) for tokens in said]))
            for (number, _), tokens in zip(batch, said, strict=True):
                owners.append(number)
                yield self._classes[number], len(owners) - 1, tokens

    def _texts(self, document: Entry) -> list[str]:
        """Each text once, and all of them together when there are several."""
        self._classes.append(document.class_code or "")
        texts = list(dict.fromkeys(document.texts)) or [""]
        return texts if len(texts) == 1 else [*texts, " ".join(texts)]

    def top(self, queries: Sequence[Entry], k: int) -> list[Found]:
        """The k best documents of each query, best first; equal scores in the order of the corpus."""
        asked = [[token for text in query.texts for token in evidence(text)] for query in queries]
        found: list[Found] = [[] for _ in queries]
        open_queries = list(range(len(queries)))
        for digits in _LEVELS:
            ranges = {each: self._ranges(queries[each].class_code, digits) for each in open_queries}
            searched = [each for each in open_queries if ranges[each]]
            hits = self._search([asked[each] for each in searched], [ranges[each] for each in searched], k)
            for each, hit in zip(searched, hits, strict=True):
                found[each] = self._documents(queries[each].class_code, hit, k)
            open_queries = [each for each in open_queries if _lacks(found[each], k)] if digits else []
        return found

    def _ranges(self, class_code: str | None, digits: int) -> list[Range]:
        """The rows of the block at a level; none where the query's class says nothing about it."""
        if not digits:
            return [self._index.rows_below("")]
        if not class_code or len(class_code) < digits:
            return []
        first, last = self._index.rows_below(block(class_code, digits))
        return [(first, last)] if last > first else []

    def _search(self, asked: list[list[str]], ranges: list[list[Range]], k: int) -> list[Found]:
        """The best rows of each query, as many as hold the k best documents."""
        if not asked:
            return []
        size = min(len(self._owner_of), k if self._single else k * _TEXTS_PER_DOCUMENT)
        rows = np.zeros((len(asked), size), dtype=np.int32)
        scores, counts = np.zeros((len(asked), size)), np.zeros(len(asked), dtype=np.int64)
        self._run(self._asked(asked, ranges), rows, scores, counts)
        return [
            list(zip(rows[each, :count].tolist(), scores[each, :count].tolist(), strict=True))
            for each, count in enumerate(counts.tolist())
        ]

    def _asked(self, asked: list[list[str]], ranges: list[list[Range]]) -> Asked:
        starts, words = self._index.encode(asked)
        pairs = np.array([pair for each in ranges for pair in each], dtype=np.int64).reshape(-1, 2)
        return Asked(
            word_starts=starts,
            words=words,
            totals=np.array([self._index.total_weight(tokens) for tokens in asked]),
            meanings=meanings_of([words_among(tokens) for tokens in asked]),
            range_starts=starts_of(ranges),
            firsts=np.ascontiguousarray(pairs[:, 0]),
            lasts=np.ascontiguousarray(pairs[:, 1]),
        )

    def _run(self, asked: Asked, rows: Rows, scores: Floats, counts: Ints) -> None:
        """On as many threads as there are cores: the search runs without the interpreter's lock."""
        width, threads = max(_WIDTH, 2 * rows.shape[1]), cpu_count() or 1
        cuts = [len(rows) * part // threads for part in range(threads + 1)]
        with ThreadPoolExecutor(threads) as pool:
            parts = [
                pool.submit(best_by_both, asked, self._shelf, begin, end, width, rows, scores, counts)
                for begin, end in pairwise(cuts)
            ]
            for part in parts:
                part.result()

    def _documents(self, class_code: str | None, hits: Found, k: int) -> Found:
        """The documents of the best rows, with what their class and their second best text add."""
        if self._single and not class_code:
            return [(self._owner_of[row], score) for row, score in hits[:k]]
        total: dict[int, float] = {}
        confirmed: set[int] = set()
        for row, score in hits:
            document = self._owner_of[row]
            if document not in total:
                total[document] = score
            elif document not in confirmed:
                confirmed.add(document)
                total[document] += _CONFIRMED * score
        if class_code:
            for document in total:
                total[document] += _CLASS_BONUS * similarity(class_code, self._classes[document])
        return sorted(total.items(), key=lambda found: (-found[1], found[0]))[:k]


def _lacks(found: Found, k: int) -> bool:
    return sum(score >= _WORTH_SHOWING for _, score in found) < k
