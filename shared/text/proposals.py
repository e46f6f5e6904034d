"""What an unknown word for a process or a material may have meant: the nearest nodes of the taxonomy, for a person.

By spelling (镀硬络 → 镀硬铬), and by the evidence that all ranking here goes by, words and pairs of characters, the
rarer the weightier (铝压铸件 → 压铸): each finds what the other misses, so both count.
The nodes are few, so this needs no compiled index: a web process answers its first question at once.
"""

from collections import Counter, defaultdict
from functools import cache
from math import log, sqrt
from typing import NamedTuple

from rapidfuzz import fuzz, process

from shared.codes.taxonomy import Node, NodeKind, find_material, find_process, nodes_of
from shared.text.evidence import FACTORS, evidence, kind_of
from shared.text.normalise import normalise

_WIDTH = 20
_LEAST = 0.45
"""A node that is not near by either way is not worth proposing."""
_LABELS = {NodeKind.PROCESS: "工艺", NodeKind.MATERIAL: "材料"}


class UnknownNode(ValueError):
    """A text that names no process or material: a message in Chinese and the nearest nodes' codes."""

    def __init__(self, message: str, nearest: list[str]) -> None:
        super().__init__(message)
        self.message = message
        self.nearest = nearest


class _Names(NamedTuple):
    """Every name of a kind's nodes, normalised, with its node's place; who says a token; tokens' and names' weights."""

    places: dict[str, int]
    saying: dict[str, list[str]]
    weights: dict[str, float]
    totals: dict[str, float]


def find_node(text: str, kind: NodeKind) -> Node:
    """The process or material that `text` names; raises UnknownNode, which proposes the nearest."""
    found = find_process(text) if kind is NodeKind.PROCESS else find_material(text)
    if found is None:
        nearest = [node.code for node in nearest_nodes(text, kind)]
        raise UnknownNode(f"没有名为“{text.strip()}”的{_LABELS[kind]}", nearest)
    return found


def nearest_nodes(text: str, kind: NodeKind, k: int = 3) -> list[Node]:
    """The k nodes of a kind that are nearest to a text, best first, equal ones in the order of the table."""
    names, said = _names(kind), normalise(text)
    scores: dict[int, float] = {}
    for found in (_by_spelling(said, names), _by_evidence(said, names)):
        best: dict[int, float] = defaultdict(float)
        for name, score in found.items():
            best[names.places[name]] = max(best[names.places[name]], score)
        scores = {place: scores.get(place, 0.0) + best.get(place, 0.0) for place in scores.keys() | best.keys()}
    near = sorted((place for place, score in scores.items() if score >= _LEAST), key=lambda at: (-scores[at], at))
    nodes = list(nodes_of(kind).values())
    return [nodes[place] for place in near[:k]]


def _by_spelling(said: str, names: _Names) -> dict[str, float]:
    """The names that are spelt nearly so, with scores from 0 to 1."""
    found = process.extract(said, names.places.keys(), scorer=fuzz.ratio, limit=_WIDTH, score_cutoff=40)
    return {name: score / 100 for name, score, _ in found}


def _by_evidence(said: str, names: _Names) -> dict[str, float]:
    """The names that have evidence in common with a text: the common weight beside both weights, from 0 to 1."""
    tokens = set(evidence(said))
    unheard = max(names.weights.values())
    total = sum(names.weights.get(token, unheard * FACTORS[kind_of(token)]) for token in sorted(tokens))
    common: dict[str, float] = defaultdict(float)
    for token in sorted(tokens & names.weights.keys()):
        for name in names.saying[token]:
            common[name] += names.weights[token]
    return {name: weight / sqrt(total * names.totals[name]) for name, weight in common.items()}


@cache
def _names(kind: NodeKind) -> _Names:
    """The names of a kind, indexed once."""
    places = {normalise(name): at for at, node in enumerate(nodes_of(kind).values()) for name in node.names}
    tokens = {name: set(evidence(name)) for name in places}
    counts = Counter(token for said in tokens.values() for token in said)
    weights = {token: FACTORS[kind_of(token)] * log(1 + len(places) / count) for token, count in counts.items()}
    saying: dict[str, list[str]] = defaultdict(list)
    for name, said in tokens.items():
        for token in said:
            saying[token].append(name)
    totals = {name: sum(weights[token] for token in sorted(said)) for name, said in tokens.items()}
    return _Names(places, saying, weights, totals)
