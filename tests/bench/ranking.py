"""The ranking that a run uses, beside bm25s with an index per block; and the ranking of `rank` at 100k texts.

A run ranks columns (see worlds.py): for each line all capabilities whose texts reach the floor, of its block and of all
wider ones, by words and meaning. bm25s gets the words of the same columns, an index per block, and answers with the
best 30 of each line's block: it looks into one block, weighs words there alone, and knows no floor.
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
    """The retrieval of a run; how many lines find anything."""
    import numpy as np

    from services.matching.engine.candidates.retrieval import retrieve
    from services.matching.engine.candidates.text_rows import kinds_of, levels_of, needs_of, text_rows
    from tests.bench.worlds import Size, columns_instance

    columns = columns_instance(Size(QUERIES, texts, blocks), seed)
    kinds = kinds_of(columns)
    rows, idf = text_rows(columns, kinds)
    needs, levels = needs_of(columns, kinds, idf), levels_of(columns.vocabulary.classes, columns.policy)
    classes, floor = columns.lines.class_code, columns.policy.text_floor
    order = np.argsort(classes, kind="stable")

    def run() -> int:
        tried = retrieve(order, classes[order], floor, rows, needs, levels)
        return int(np.count_nonzero(np.diff(tried.starts)))

    return run


def bm25s_per_block(texts: int, blocks: int, seed: int, backend: str) -> Callable[[], int]:
    """bm25s, an index per block, each block's queries in one call."""
    import bm25s

    held = []
    for capabilities, lines in _words_by_block(texts, blocks, seed):
        index = bm25s.BM25(method="lucene", backend=backend)
        index.index(capabilities, show_progress=False)
        held.append((index, lines, min(KEPT, len(capabilities))))

    def run() -> int:
        found = 0
        for index, lines, most in held:
            best = index.retrieve(lines, k=most, show_progress=False, n_threads=1)
            found += int((best.scores.max(axis=1) > 0).sum())
        return found

    return run


def _words_by_block(texts: int, blocks: int, seed: int) -> list[tuple[list[list[str]], list[list[str]]]]:
    """The words of capabilities and of lines, by the block of their class, where both are."""
    import numpy as np

    from tests.bench.worlds import Size, columns_instance

    columns = columns_instance(Size(QUERIES, texts, blocks), seed)
    block = np.array([int(code[:3]) for code in columns.vocabulary.classes])
    offers, lines = columns.capabilities, columns.lines
    found = []
    for each in np.unique(block):
        both = []
        for table in (offers, lines):
            rows = np.flatnonzero(block[table.class_code] == each)
            spans = zip(table.token_starts[rows].tolist(), table.token_starts[rows + 1].tolist(), strict=True)
            both.append([[str(token) for token in table.token[begin:end]] for begin, end in spans])
        if all(both):
            found.append((both[0], both[1]))
    return found


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
            Rival("a run's retrieval", own, size),
            Rival("bm25s per block", bm25s_per_block, (*size, "numpy")),
            Rival("bm25s per block, numba", bm25s_per_block, (*size, "numba")),
        ]
    )
    rival = min(numpy, compiled, key=lambda each: each.median)
    ratio, note = rival.median / ours.median, f"lines that find anything: own {ours.outcome}, bm25s {rival.outcome}"
    bench.figure("bm25s per block ÷ a run's retrieval", ratio, "×", ours=ours, rival=rival, note=note)
    bench.figure("lines a second", QUERIES / ours.median, "/s", ours=ours)
    (both,) = bench.alternate([Rival("words and meaning", whole, size)])
    bench.figure("queries a second by words and meaning, no blocks", WHOLE_QUERIES / both.median, "/s", ours=both)


if __name__ == "__main__":
    main()
