"""Industry classes (国民经济行业分类, GB/T 4754-2017): lookup by code or name, the tree, nearness, blocks.

Four levels: section (门类, a letter), division (大类, two digits), group (中类, three), class (小类, four).
"""

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz, process

from shared.codes.tables import read_table


@dataclass(frozen=True)
class IndustryClass:
    """A node of the tree; `level` is section, division, group or class; `parent` is None for a section."""

    code: str
    name: str
    level: str
    parent: str | None


class UnknownClass(ValueError):
    """A text that names no industry class: a message in Chinese and the nearest ones as "code name"."""

    def __init__(self, message: str, nearest: list[str]) -> None:
        super().__init__(message)
        self.message = message
        self.nearest = nearest


@cache
def all_classes() -> dict[str, IndustryClass]:
    """Every node by code, in the order of the standard."""
    return {
        row["code"]: IndustryClass(row["code"], row["name"], row["level"], row["parent"] or None)
        for row in read_table("shared.codes", "gbt4754_2017")
    }


def find_class(text: str) -> IndustryClass:
    """The class named by a code (`3670`, `C36`, `C3670`), a name, or both (`3670 汽车零部件及配件制造`).

    Where a group has one class of the same name, the name means the class. Raises UnknownClass.
    """
    folded = _fold(text)
    if not folded:
        raise UnknownClass("行业类别为空", [])
    found = _by_code(folded) or _by_name().get(folded) or _by_name().get(folded + "制造")
    if found is None:
        raise UnknownClass(f"没有名为“{text.strip()}”的行业类别（GB/T 4754-2017）", _nearest(folded))
    return found


def chain(code: str) -> list[IndustryClass]:
    """The nodes from the section down to `code`; empty for an unknown code."""
    links: list[IndustryClass] = []
    found = all_classes().get(code)
    while found is not None:
        links.insert(0, found)
        found = all_classes().get(found.parent) if found.parent else None
    return links


@cache
def similarity(a: str, b: str) -> float:
    """Wu–Palmer nearness of two classes in the tree: 2·depth(common) / (depth(a) + depth(b)), from 0 to 1.

    Wu and Palmer, "Verb semantics and lexical selection", ACL 1994. The sections hang under one root of depth 1, so
    that two classes of one section are nearer than two of different ones; an unknown code is near to nothing (0).
    A group with a single class is that class (367 = 3670).
    """
    left, right = path(a), path(b)
    return nearness(sum(1 for x, y in zip(left, right, strict=False) if x == y), len(left), len(right))


def nearness(common: int, one: int, other: int) -> float:
    """`similarity` of two classes at these depths (0: unknown) whose paths have so many nodes in common."""
    return 2 * (common + 1) / (one + other + 2) if one and other else 0.0


@cache
def path(code: str) -> tuple[str, ...]:
    """The codes from the section down to `code`, and on to the only class below it; empty for an unknown code."""
    return tuple(node.code for node in chain(_finest(code)))


@cache
def codes_within(code: str) -> tuple[str, ...]:
    """The codes of a class and of all below it, for `36`, `C36` and `C` alike; none for an unknown code."""
    top = _by_code(_fold(code))
    return tuple(each for each in all_classes() if top in chain(each))


def block(code: str, digits: int) -> str:
    """The block of a class: its code cut to `digits` digits; a coarser code stays as it is."""
    return code[:digits]


def search(q: str, limit: int = 20) -> list[IndustryClass]:
    """Classes whose code starts with `q` (36, C36) or whose name contains it, in the order of the standard."""
    wanted = _fold(q)
    lettered = _by_code(wanted)
    wanted = lettered.code if lettered else wanted
    found = (item for item in all_classes().values() if item.code.startswith(wanted) or wanted in _fold(item.name))
    return [item for item, _ in zip(found, range(limit), strict=False)]


_NOISE = re.compile(r"[^\w]|_")
_CODE = re.compile(r"([A-T])?(\d{0,4})")


def _fold(text: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).upper()


def _by_code(folded: str) -> IndustryClass | None:
    """A code, with or without its section's letter, and a name after it if that is the code's own."""
    match = _CODE.match(folded)
    letter, digits = (match.group(1), match.group(2)) if match else (None, "")
    found = all_classes().get(digits or letter or "")
    rest = folded[match.end() :] if match else ""
    if found is None or (letter and chain(found.code)[0].code != letter):
        return None
    return found if not rest or rest == _fold(found.name) else None


@cache
def _by_name() -> dict[str, IndustryClass]:
    """By folded name; of several nodes with one name the finest, for they are one line of the tree."""
    return {_fold(item.name): item for item in sorted(all_classes().values(), key=lambda item: len(item.code))}


@cache
def _only_child() -> dict[str, str]:
    children: dict[str, list[str]] = defaultdict(list)
    for item in all_classes().values():
        children[item.parent or ""].append(item.code)
    return {parent: codes[0] for parent, codes in children.items() if len(codes) == 1}


def _finest(code: str) -> str:
    while code in _only_child():
        code = _only_child()[code]
    return code


def _nearest(folded: str) -> list[str]:
    names = {f"{item.code} {item.name}": item.name for item in all_classes().values() if len(item.code) > 1}
    found = process.extract(folded, names, scorer=fuzz.WRatio, limit=3, score_cutoff=50)
    return [label for _, _, label in found]
