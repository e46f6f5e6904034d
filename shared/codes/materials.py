"""Material grades: one code for the several names that standards and people give them (`data/materials.csv`).

45钢 = 45# = S45C, Q355B = Q345B ≈ 16Mn, 304 = 06Cr19Ni10 = SUS304. Equivalence is the purchasing trade's, after the
tables of GB/T 699, 700, 1591, 3077, 20878, 9439, 1348, 3190: near enough to ask for an offer, no certificate of
identity. Quality grades (Q355B, Q355D) count as one. Every grade belongs to a family (304 → 奥氏体不锈钢 → 不锈钢):
who offers the family offers the grade.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from shared.codes.tables import read_table, split_cell


@dataclass(frozen=True)
class Material:
    """A grade or a family of grades; `family` is the grade of the next wider family, or None."""

    grade: str
    aliases: tuple[str, ...]
    family: str | None


@cache
def all_materials() -> dict[str, Material]:
    """Every grade and family by its code, in the order of the table."""
    return {
        row["grade"]: Material(row["grade"], tuple(split_cell(row["aliases"])), row["family"] or None)
        for row in read_table("shared.codes", "materials")
    }


@lru_cache(maxsize=4096)
def find_material(text: str) -> Material | None:
    """The material with this name in any width, case and spacing; None for an unknown one."""
    folded = _fold(text)
    bare = folded.removesuffix("材质").removesuffix("钢")
    return _by_name().get(folded) or _by_name().get(bare) or _two_names(folded)


def families(grade: str) -> tuple[str, ...]:
    """The grade itself and every wider family; an unknown name is only itself."""
    links = [grade]
    while (found := all_materials().get(links[-1])) is not None and found.family:
        links.append(found.family)
    return tuple(links)


_SPACES = re.compile(r"\s+")


def _fold(text: str) -> str:
    return _SPACES.sub("", unicodedata.normalize("NFKC", text)).upper().replace("＃", "#")


def _two_names(folded: str) -> Material | None:
    """A grade with its family before or behind (铝合金6061, 304不锈钢, 45钢碳钢): the grade."""
    for cut in range(1, len(folded)):
        one, other = _by_name().get(folded[:cut]), _by_name().get(folded[cut:])
        if one and other and other.grade in families(one.grade):
            return one
        if one and other and one.grade in families(other.grade):
            return other
    return None


@cache
def _by_name() -> dict[str, Material]:
    return {
        _fold(name): material for material in all_materials().values() for name in (material.grade, *material.aliases)
    }
