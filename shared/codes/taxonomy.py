"""Processes and materials as one taxonomy: one code for the several names of a thing, and a hierarchy.

Data: `data/taxonomy.csv`, written from general engineering knowledge. A code is the usual Chinese name, or the grade's
own (高压压铸, 42CrMo, 6061), as it stands in parameters (材质 = 304). 45# = S45C = 1.0503, Q355B = Q345B ≈ 16Mn,
304 = 06Cr19Ni10 = SUS304: equivalence is the purchasing trade's, after the tables of GB/T 699, 700, 1591, 3077, 20878,
9439, 1348, 3190 and their EN, JIS and AISI neighbours: near enough to ask for an offer, no certificate of identity.
Quality grades (Q355B, Q355D) count as one.

Every node lies in wider ones (6061 → 变形铝合金 → 铝合金 → 有色金属 → 金属; 高压压铸 → 压铸 → 铸造). Who offers a node
offers all that lies in it, for that is what naming it says; who asks for one asks for the whole of it, so that an offer
of 6061 does not meet a demand for 铝合金 at large. It is the containment by which parameters are compared.

An unknown word is never taken for a known one: `shared.text.proposals` names the nearest, and a person decides.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from shared.codes import searching
from shared.codes.tables import read_table, split_cell


class NodeKind(StrEnum):
    """What a node is."""

    PROCESS = "process"
    MATERIAL = "material"


@dataclass(frozen=True)
class Node:
    """A process or a material; `parent` is the code of the next wider node, `note` names the standard or the use."""

    code: str
    kind: NodeKind
    name: str
    parent: str | None
    aliases: tuple[str, ...]
    note: str

    @property
    def names(self) -> tuple[str, ...]:
        """The code and everything else that it is called."""
        return (self.code, self.name, *self.aliases)


@cache
def all_nodes() -> dict[str, Node]:
    """Every node by its code, in the order of the table; codes are unique over both kinds."""
    return {
        row["code"]: Node(
            row["code"],
            NodeKind(row["kind"]),
            row["name"],
            row["parent"] or None,
            tuple(split_cell(row["aliases"])),
            row["note"],
        )
        for row in read_table("shared.codes", "taxonomy")
    }


@cache
def nodes_of(kind: NodeKind) -> dict[str, Node]:
    """The nodes of one kind by code, in the order of the table."""
    return {code: node for code, node in all_nodes().items() if node.kind is kind}


def find_process(text: str) -> Node | None:
    """The process with this name, in any width, case and spacing, with or without 工艺 and the like; else None."""
    return _find(text, NodeKind.PROCESS)


def find_material(text: str) -> Node | None:
    """The material with this name, in any width, case and spacing, with or without the body that set it; else None."""
    return _find(text, NodeKind.MATERIAL)


@cache
def families(code: str) -> tuple[str, ...]:
    """The code itself and every wider node, the narrowest first; an unknown one is only itself."""
    links = [code]
    while (found := all_nodes().get(links[-1])) is not None and found.parent:
        links.append(found.parent)
    return tuple(links)


def satisfies(offered: str, asked: str) -> bool:
    """Whether an offer of one node meets the demand for another one (both codes): the same, or one that lies in it."""
    return offered in families(asked)


def unmet(asked: Iterable[str], offered: Iterable[str]) -> list[str]:
    """Those of the codes asked that none of the offered ones satisfies, in their order."""
    held = frozenset(offered)
    return [code for code in asked if held.isdisjoint(families(code))]


@cache
def codes_within(code: str) -> tuple[str, ...]:
    """The code and those of all nodes that lie in it, in the order of the table; none for an unknown code."""
    return tuple(each for each in all_nodes() if code in families(each))


@cache
def children() -> dict[str | None, tuple[str, ...]]:
    """The codes right below each node (None: the roots), in the order of the table."""
    below: dict[str | None, list[str]] = defaultdict(list)
    for node in all_nodes().values():
        below[node.parent].append(node.code)
    return {parent: tuple(codes) for parent, codes in below.items()}


def search(q: str, kind: NodeKind, limit: int = 20) -> list[Node]:
    """Nodes of a kind of which the code, the name or an alias contains `q`; those that are called so come first."""
    return searching.search(q, nodes_of(kind).values(), lambda node: node.names, limit)


_AROUND = {
    NodeKind.MATERIAL: ("材质", "材料", "钢"),
    NodeKind.PROCESS: ("工艺", "技术", "工序", "加工", "处理", "成型"),
}
_BODY = re.compile(r"^(?:(?:AISI|SAE|ASTM|UNS|JIS|DIN|ENAW|EN|AW|W\.?NR\.?|GB/?T?)[-:]?)+")


@lru_cache(maxsize=8192)
def _find(text: str, kind: NodeKind) -> Node | None:
    folded = searching.fold(text)
    known = (_by_name(kind).get(name) for name in _readings(folded, kind))
    found = next((node for node in known if node is not None), None)
    return found or (_two_names(folded) if kind is NodeKind.MATERIAL else None)


def _readings(folded: str, kind: NodeKind) -> Iterator[str]:
    """The text as it stands, and without what people put around a name: 高压压铸工艺, 42CrMo材质, AISI 4140."""
    yield folded
    bare = folded
    for word in _AROUND[kind]:
        bare = bare.removesuffix(word)
        yield bare
    if kind is NodeKind.MATERIAL:
        yield _BODY.sub("", folded)


def _two_names(folded: str) -> Node | None:
    """A grade with its family before or behind (铝合金6061, 304不锈钢, 45钢碳钢): the grade."""
    names = _by_name(NodeKind.MATERIAL)
    for cut in range(1, len(folded)):
        one, other = names.get(folded[:cut]), names.get(folded[cut:])
        if one and other and other.code in families(one.code):
            return one
        if one and other and one.code in families(other.code):
            return other
    return None


@cache
def _by_name(kind: NodeKind) -> dict[str, Node]:
    """By every folded name; a name means one node of its kind (a test sees to it)."""
    return {searching.fold(name): node for node in nodes_of(kind).values() for name in node.names}
