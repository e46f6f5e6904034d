"""Which capabilities are tried for which line: BM25 over words within the class's block, widened up the class tree.

A hit must reach the policy's text floor. The text measure weighs words by how rare they are among the *needs*, never
among the capabilities: one more supplier cannot push another one's text below the floor.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from services.matching.engine.policy import Policy
from services.matching.engine.snapshot import Capability, Line, Snapshot
from shared.codes.classes import block
from shared.text.ranking import BlockIndex
from shared.text.words import words

TRIED_PER_KEPT = 10
"""How many hits are tried by the rules for each candidate kept: most are too far away or lack a certificate."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A capability found for a line, with its text measure (0–1)."""

    capability: int
    text: float


class NeedWords:
    """The needs' words with their weights: Lucene's inverse document frequency over the needs."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.names = [frozenset(words(line.part_name)) for line in lines]
        self.all = [name | frozenset(words(line.text)) for name, line in zip(self.names, lines, strict=True)]
        held_by = Counter(word for held in self.all for word in held)
        self._weight = {word: log(1 + (len(lines) - n + 0.5) / (n + 0.5)) for word, n in held_by.items()}

    def measure(self, line: int, offered: frozenset[str]) -> float:
        """How much of the need the offered words cover: half by the part's name, half by the whole text."""
        whole = self._covered(self.all[line], offered)
        name = self.names[line]
        return (self._covered(name, offered) + whole) / 2 if name else whole

    def _covered(self, asked: frozenset[str], offered: frozenset[str]) -> float:
        total = sum(self._weight[word] for word in sorted(asked))
        common = sum(self._weight[word] for word in sorted(asked & offered))
        return common / total if total else 0.0


def retrieve(snapshot: Snapshot, policy: Policy) -> list[list[Hit]]:
    """The hits of every line, best first. Without a cut-off every capability that reaches the floor is a hit."""
    needs = NeedWords(snapshot.lines)
    offered = [words(f"{row.name} {row.text}") for row in snapshot.capabilities]
    search = _Search(snapshot.capabilities, offered, policy)
    held = [frozenset(row) for row in offered]
    return [search.hits(line, position, needs, held) for position, line in enumerate(snapshot.lines)]


class _Search:
    """The same capabilities indexed by ever wider blocks: the class at the policy's level, one level up …, all."""

    def __init__(self, rows: Sequence[Capability], offered: Sequence[list[str]], policy: Policy) -> None:
        self._policy = policy
        self._levels = [0] if policy.candidates_per_need is None else [*range(policy.block_level, 1, -1), 0]
        self._indexes = [_index(rows, offered, digits) for digits in self._levels]
        self._size = len(rows)

    def hits(self, line: Line, position: int, needs: NeedWords, held: Sequence[frozenset[str]]) -> list[Hit]:
        """The line's hits, those of nearer classes first; a wider block is searched for what the nearer ones lack."""
        kept = self._policy.candidates_per_need
        limit = self._size if kept is None else kept * TRIED_PER_KEPT
        asked = sorted(needs.all[position])
        found: dict[int, Hit] = {}
        levels = list(zip(self._levels, self._indexes, strict=True))
        for digits, index in levels if line.class_code else levels[-1:]:
            for capability, _ in index.top(_blocks(line.class_code, digits), asked, limit):
                text = needs.measure(position, held[capability])
                if text >= self._policy.text_floor:
                    found.setdefault(capability, Hit(capability, text))
            if kept is not None and len(found) >= kept:
                break
        return list(found.values())[:limit]


def _index(rows: Sequence[Capability], offered: Sequence[list[str]], digits: int) -> BlockIndex:
    blocks: dict[str, list[tuple[int, list[str]]]] = defaultdict(list)
    for position, (row, held) in enumerate(zip(rows, offered, strict=True)):
        blocks[block(row.class_code or "", digits)].append((position, held))
    return BlockIndex(blocks)


def _blocks(class_code: str | None, digits: int) -> list[str]:
    """The block of a need's class, and those that hold offers whose class is known only coarsely or not at all."""
    code = class_code or ""
    return sorted({block(code, length) for length in range(digits + 1)})
