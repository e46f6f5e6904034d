"""Ranking texts by words within class blocks, beside bm25s with an index per block; and the whole ranking at 100k.

Texts and queries are made: words of 2 to 4 characters, skewed as words are, in blocks that have words of their own.
Both sides start from words, and both answer with the best 30 of each query's block.
"""

from collections.abc import Callable, Sequence
from random import Random

from tests.bench.harness import Bench, Rival, parser

QUICK: list[list[str]] = [["--texts", "20000", "--blocks", "40"]]
LARGE: list[list[str]] = [["--texts", "100000", "--blocks", "200"]]

QUERIES = 20_000
WHOLE_QUERIES = 2_000
KEPT = 30

Texts = list[list[list[str]]]
"""By block: texts as words."""


def make(texts: int, blocks: int, seed: int) -> tuple[Texts, Texts]:
    """Texts and queries by block."""
    dice = Random(seed)
    characters = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]
    common = ["".join(dice.choices(characters, k=dice.choice((2, 2, 2, 3, 4)))) for _ in range(5000)]

    def lines(own: Sequence[str], count: int, shortest: int, longest: int) -> list[list[str]]:
        return [
            [
                dice.choice(own) if dice.random() < 0.5 else common[int(5000 * dice.random() ** 3)]
                for _ in range(dice.randint(shortest, longest))
            ]
            for _ in range(count)
        ]

    held, asked = [], []
    for _ in range(blocks):
        own = ["".join(dice.choices(characters, k=dice.choice((2, 2, 3)))) for _ in range(300)]
        held.append(lines(own, texts // blocks, 4, 14))
        asked.append(lines(own, QUERIES // blocks, 2, 7))
    return held, asked


def own(texts: int, blocks: int, seed: int) -> Callable[[], int]:
    """The own index: one for all blocks."""
    import numpy as np

    from shared.text.ranking import build_index

    held, asked = make(texts, blocks, seed)
    index = build_index(
        (f"{block:04}", row, words) for block, rows in enumerate(held) for row, words in enumerate(rows)
    )

    of_block = [index.rows_of(f"{block:04}") for block in range(blocks)]
    queries = [row for rows in asked for row in rows]
    in_block = [block for block, rows in enumerate(asked) for _ in rows]

    def run() -> int:
        ranges = np.array([of_block[block] for block in in_block], dtype=np.int64)
        return int(index.top_many(*index.encode(queries), np.arange(len(ranges) + 1), ranges, KEPT)[2].sum())

    return run


def bm25s_per_block(texts: int, blocks: int, seed: int, backend: str) -> Callable[[], int]:
    """bm25s, an index per block, each block's queries in one call."""
    import bm25s

    held, asked = make(texts, blocks, seed)
    indexes = []
    for rows in held:
        index = bm25s.BM25(method="lucene", backend=backend)
        index.index(rows, show_progress=False)
        indexes.append(index)

    def run() -> int:
        found = 0
        for index, queries in zip(indexes, asked, strict=True):
            best = index.retrieve(queries, k=KEPT, show_progress=False, n_threads=1)
            found += int((best.scores > 0).sum())
        return found

    return run


def build_own(texts: int, blocks: int, seed: int) -> Callable[[], int]:
    """Building the own index."""
    from shared.text.ranking import build_index

    held, _ = make(texts, blocks, seed)
    rows = [(f"{block:04}", row, words) for block, rows in enumerate(held) for row, words in enumerate(rows)]
    return lambda: len(build_index(rows).vocabulary)


def build_bm25s(texts: int, blocks: int, seed: int) -> Callable[[], int]:
    """Building bm25s's indexes."""
    import bm25s

    held, _ = make(texts, blocks, seed)

    def run() -> int:
        for rows in held:
            bm25s.BM25(method="lucene", backend="numpy").index(rows, show_progress=False)
        return len(held)

    return run


def whole(texts: int, blocks: int, seed: int) -> Callable[[], int]:
    """The whole ranking of `rank`: raw texts, words, characters and meaning, without classes."""
    from shared.text.retrieval import Corpus, Entry

    held, asked = make(texts, blocks, seed)
    corpus = Corpus(Entry(("".join(row),)) for rows in held for row in rows)
    queries = [Entry(("".join(row),)) for rows in asked for row in rows][:: QUERIES // WHOLE_QUERIES]
    return lambda: sum(len(found) for found in corpus.top(queries, KEPT))


def main() -> None:
    """Measure."""
    arguments = parser(__doc__)
    arguments.add_argument("--texts", type=int, default=100_000)
    arguments.add_argument("--blocks", type=int, default=200)
    asked = arguments.parse_args()
    bench, size = Bench("ranking", asked), (asked.texts, asked.blocks, asked.seed)
    ours, numpy, compiled = bench.alternate(
        [
            Rival("own index", own, size),
            Rival("bm25s per block", bm25s_per_block, (*size, "numpy")),
            Rival("bm25s per block, numba", bm25s_per_block, (*size, "numba")),
        ]
    )
    rival = min(numpy, compiled, key=lambda each: each.median)
    bench.figure("bm25s per block ÷ own index", rival.median / ours.median, "×", least=1, ours=ours, rival=rival)
    bench.figure("queries a second", queries_of(asked.blocks) / ours.median, "/s", least=50_000, ours=ours)
    built, theirs = bench.alternate([Rival("building", build_own, size), Rival("bm25s building", build_bm25s, size)])
    bench.figure("bm25s building ÷ own", theirs.median / built.median, "×", ours=built, rival=theirs)
    (both,) = bench.alternate([Rival("words and meaning", whole, size)])
    bench.figure("queries a second by words and meaning, no blocks", WHOLE_QUERIES / both.median, "/s", ours=both)


def queries_of(blocks: int) -> int:
    """How many queries there are."""
    return QUERIES // blocks * blocks


if __name__ == "__main__":
    main()
