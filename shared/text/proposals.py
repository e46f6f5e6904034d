"""What an unknown word for a process or a material may have meant: the nearest nodes of the taxonomy, for a person.

By spelling (镀硬络 → 镀硬铬), and by words and meaning as everything else is ranked here (铝压铸件 → 压铸): each finds
what the other misses, so that both count.
"""

from collections import defaultdict
from functools import cache

from rapidfuzz import fuzz, process

from shared.codes.taxonomy import Node, NodeKind, find_material, find_process, nodes_of
from shared.text.normalise import normalise
from shared.text.retrieval import Corpus, Entry

_WIDTH = 10
_LEAST = 0.35
"""A node that is not near by either way is not worth proposing."""
_LABELS = {NodeKind.PROCESS: "工艺", NodeKind.MATERIAL: "材料"}


class UnknownNode(ValueError):
    """A text that names no process or material: a message in Chinese and the nearest nodes' codes."""

    def __init__(self, message: str, nearest: list[str]) -> None:
        super().__init__(message)
        self.message = message
        self.nearest = nearest


def find_node(text: str, kind: NodeKind) -> Node:
    """The process or material that `text` names; raises UnknownNode, which proposes the nearest."""
    found = find_process(text) if kind is NodeKind.PROCESS else find_material(text)
    if found is None:
        nearest = [node.code for node in nearest_nodes(text, kind)]
        raise UnknownNode(f"没有名为“{text.strip()}”的{_LABELS[kind]}", nearest)
    return found


def nearest_nodes(text: str, kind: NodeKind, k: int = 3) -> list[Node]:
    """The k nodes of a kind that are nearest to a text, best first, equal ones in the order of the table."""
    if not normalise(text):
        return []
    nodes = list(nodes_of(kind).values())
    scores: dict[int, float] = defaultdict(float)
    for place, score in _corpus(kind).top([Entry((text,))], _WIDTH)[0]:
        scores[place] += min(score, 1.0)
    for place, score in _by_spelling(text, kind).items():
        scores[place] += score
    best = sorted((place for place, score in scores.items() if score >= _LEAST), key=lambda at: (-scores[at], at))
    return [nodes[place] for place in best[:k]]


def _by_spelling(text: str, kind: NodeKind) -> dict[int, float]:
    """The nodes with a name that is spelt nearly so, by their place, with scores from 0 to 1."""
    names = _names(kind)
    found = process.extract(normalise(text), names.keys(), scorer=fuzz.ratio, limit=_WIDTH, score_cutoff=50)
    scores: dict[int, float] = {}
    for name, score, _ in found:
        scores[names[name]] = max(scores.get(names[name], 0.0), score / 100)
    return scores


@cache
def _names(kind: NodeKind) -> dict[str, int]:
    return {normalise(name): place for place, node in enumerate(nodes_of(kind).values()) for name in node.names}


@cache
def _corpus(kind: NodeKind) -> Corpus:
    """The nodes as documents, indexed once."""
    return Corpus(Entry(tuple(dict.fromkeys(node.names))) for node in nodes_of(kind).values())
