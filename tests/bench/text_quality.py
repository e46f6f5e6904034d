"""How well texts are ranked and classified, beside BM25 over dictionary words and fuzzy string matching.

Labelled rows of the project's own, in `data/`, and the parts of the seed with the other names that they go by. Ranking:
nDCG@10, MRR@10, recall@30. Classifying: the right class first, among the first five, and the right division first.
"""

import csv
import json
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import log2
from pathlib import Path
from statistics import mean

from tests.bench.harness import Bench, parser

QUICK: list[list[str]] = [[]]
LARGE: list[list[str]] = []

DATA = Path(__file__).parent / "data"
SEED = Path("services/catalog/seed/data/products")
KEPT = 30

Ranker = Callable[[Sequence[str], Sequence[str]], list[list[int]]]
"""Documents and queries to the places of the best documents of each query."""
Cases = tuple[list[str], list[str], list[set[int]]]
"""Queries, documents, and the places of each query's relevant documents."""


def own(documents: Sequence[str], queries: Sequence[str]) -> list[list[int]]:
    """The ranking of a run and of `rank`."""
    from shared.text.retrieval import Corpus, Entry

    corpus = Corpus(Entry((text,)) for text in documents)
    return [[place for place, _ in found] for found in corpus.top([Entry((text,)) for text in queries], KEPT)]


def bm25s_words(documents: Sequence[str], queries: Sequence[str]) -> list[list[int]]:
    """bm25s over rjieba's words."""
    import rjieba

    return _bm25s(documents, queries, lambda text: list(rjieba.cut(text)))


def bm25s_pairs(documents: Sequence[str], queries: Sequence[str]) -> list[list[int]]:
    """bm25s over characters and pairs of characters."""
    return _bm25s(documents, queries, lambda text: [*text, *map("".join, pairwise(text))])


def _bm25s(documents: Sequence[str], queries: Sequence[str], cut: Callable[[str], list[str]]) -> list[list[int]]:
    import bm25s

    index = bm25s.BM25(method="lucene")
    index.index([cut(text) for text in documents], show_progress=False)
    asked = [cut(text) for text in queries]
    best = index.retrieve(asked, k=min(KEPT, len(documents)), show_progress=False)
    rows = zip(best.documents.tolist(), best.scores.tolist(), strict=True)
    return [[place for place, score in zip(places, scores, strict=True) if score > 0] for places, scores in rows]


def rapidfuzz(documents: Sequence[str], queries: Sequence[str]) -> list[list[int]]:
    """rapidfuzz's weighted ratio."""
    from rapidfuzz import fuzz, process

    return [
        [place for _, _, place in process.extract(text, documents, scorer=fuzz.WRatio, limit=KEPT)] for text in queries
    ]


RANKERS: dict[str, Ranker] = {
    "own": own,
    "bm25s + rjieba": bm25s_words,
    "bm25s + pairs": bm25s_pairs,
    "rapidfuzz": rapidfuzz,
}


def labelled(name: str) -> Cases:
    """The rows of a file in `data`: {"query", "relevant": texts}; each text is a document for all queries."""
    rows = [json.loads(line) for line in (DATA / f"rank_{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    return _cases([(row["query"], row["relevant"]) for row in rows])


def seed_parts() -> Cases:
    """The seed's parts, to be found by the other names that suppliers give them."""
    files = [csv.DictReader(path.open(encoding="utf-8")) for path in sorted(SEED.glob("*.csv"))]
    return _cases([(row["part"], row["words"].split("/")) for rows in files for row in rows])


def classified() -> list[tuple[str, set[str]]]:
    """Texts with the classes that are right for them."""
    rows = [json.loads(line) for line in (DATA / "classify_texts.jsonl").read_text(encoding="utf-8").splitlines()]
    return [(row["text"], set(row["codes"])) for row in rows]


def own_classes(texts: Sequence[str]) -> list[list[str]]:
    """The classes that `classify` proposes."""
    from shared.text.classify import classify

    return [[code for code, _ in found] for found in classify(texts, 5)]


def classes_by(ranker: Ranker) -> Callable[[Sequence[str]], list[list[str]]]:
    """The classes whose names a rival ranks best."""
    from shared.codes.classes import all_classes

    leaves = [item for item in all_classes().values() if item.level == "class"]
    return lambda texts: [
        [leaves[place].code for place in places][:5] for places in ranker([item.name for item in leaves], texts)
    ]


def main() -> None:
    """Print and write down the tables."""
    bench = Bench("text_quality", parser(__doc__, rounds=1).parse_args())
    sets = {name: labelled(name) for name in ("goods", "parts", "questions")} | {"seed parts": seed_parts()}
    for name, (queries, documents, relevant) in sets.items():
        for system, ranker in RANKERS.items():
            found = ranker(documents, queries)
            values = [mean(of(places, right) for places, right in zip(found, relevant, strict=True)) for of in MEASURES]
            _tell(bench, name, system, dict(zip(("nDCG@10", "MRR@10", "recall@30"), values, strict=True)))
    rows = classified()
    for system, classifier in (
        ("own", own_classes),
        *((each, classes_by(RANKERS[each])) for each in list(RANKERS)[1:]),
    ):
        proposed = classifier([text for text, _ in rows])
        pairs = list(zip(proposed, [right for _, right in rows], strict=True))
        first = mean(bool(codes) and codes[0] in right for codes, right in pairs)
        among = mean(bool(set(codes) & right) for codes, right in pairs)
        division = mean(bool(codes) and codes[0][:2] in {code[:2] for code in right} for codes, right in pairs)
        _tell(bench, "classes", system, {"first": first, "among five": among, "division": division})


def ndcg(places: Sequence[int], right: set[int]) -> float:
    """Normalised discounted cumulative gain of the first ten."""
    gain = sum(1 / log2(rank + 2) for rank, place in enumerate(places[:10]) if place in right)
    return gain / sum(1 / log2(rank + 2) for rank in range(min(10, len(right))))


def reciprocal_rank(places: Sequence[int], right: set[int]) -> float:
    """1 / the rank of the first right one among ten, or 0."""
    return next((1 / (rank + 1) for rank, place in enumerate(places[:10]) if place in right), 0.0)


def recall(places: Sequence[int], right: set[int]) -> float:
    """The share of the right ones among the first thirty."""
    return len(right & set(places[:KEPT])) / len(right)


MEASURES = (ndcg, reciprocal_rank, recall)


def _tell(bench: Bench, name: str, system: str, values: dict[str, float]) -> None:
    print(
        f"  {name:<12} {system:<16} " + "  ".join(f"{what} {value:.3f}" for what, value in values.items()), flush=True
    )
    for what, value in values.items():
        bench.figure(f"{name}: {what}, {system}", value, "")


def _cases(rows: Sequence[tuple[str, list[str]]]) -> Cases:
    documents: list[str] = []
    relevant = []
    for _, texts in rows:
        relevant.append(set(range(len(documents), len(documents) + len(texts))))
        documents += texts
    return [query for query, _ in rows], documents, relevant


if __name__ == "__main__":
    main()
