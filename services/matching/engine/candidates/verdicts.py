"""Verdict tables: what the rules' predicates say of every pair of codes, asked once per run.

The last row and column of a table over units, regions or classes stands for what is not told (-1).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.columns import NOT_TOLD, Bools, Columns, Floats, Ints, Place
from services.matching.engine.judgement.facts import kilometres, unit_factor
from services.matching.engine.judgement.firm_rules import admitted
from services.matching.engine.locality import Anchor, is_local
from shared.codes.certificates import satisfies
from shared.codes.classes import nearness, path
from shared.codes.taxonomy import families

Row = TypeVar("Row")
Column = TypeVar("Column")

SAME_UNIT, OTHER_DIMENSION = 0, -1
_DEEPEST = 4


@dataclass(frozen=True)
class Conversions:
    """Units: `kind[offered, asked]` is SAME_UNIT (also where one is not told), OTHER_DIMENSION, or a number from 1 on.

    `exact[kind]` is how many asked units one offered unit is, and `factor[offered, asked]` the same as a float, nan
    where they do not convert.
    """

    kind: Ints
    exact: list[Fraction]
    factor: Floats


@dataclass(frozen=True)
class Verdicts:
    """Tables by code.

    `admitted[status]` · `local[anchor, place]` · `kilometres[leader region, supplier's region]`, -1 unknown · `proves[
    scheme held, scheme asked]` · `nearness[near[class, class]]` · `within[value asked, value offered]`: the one is the
    other or of its family
    """

    admitted: Bools
    local: Bools
    kilometres: Floats
    proves: Bools
    near: NDArray[np.uint8]
    nearness: Floats
    within: Bools
    units: Conversions


def verdicts_of(columns: Columns) -> Verdicts:
    """Ask the predicates of everything that occurs."""
    words, policy = columns.vocabulary, columns.policy
    near, nearness_told = _nearness(words.classes)
    return Verdicts(
        admitted=np.array([admitted(status, policy) for status in words.statuses], np.bool_),
        local=_table(words.anchors, words.places, lambda anchor, place: _local(columns, anchor, place)),
        kilometres=_kilometres(columns),
        proves=_table(words.schemes, words.schemes, satisfies),
        near=near,
        nearness=nearness_told,
        within=_table(words.values, words.values, lambda asked, offered: offered in families(asked)),
        units=_conversions(columns),
    )


def _table(rows: Sequence[Row], columns: Sequence[Column], predicate: Callable[[Row, Column], bool]) -> Bools:
    said = np.fromiter((predicate(row, column) for row in rows for column in columns), np.bool_)
    return said.reshape(len(rows), len(columns))


def _local(columns: Columns, anchor: Anchor, place: Place) -> bool:
    return is_local(columns.policy.scope, *place, anchor)


def _kilometres(columns: Columns) -> Floats:
    """Only where a leader and a supplier are; the rest stays unknown."""
    regions = columns.vocabulary.regions
    table = np.full((len(regions) + 1, len(regions) + 1), -1.0)
    leaders, suppliers = np.unique(columns.products.leader_region), np.unique(columns.suppliers.region)
    for there in leaders[leaders != NOT_TOLD]:
        for here in suppliers[suppliers != NOT_TOLD]:
            distance = kilometres(regions[here], regions[there])
            table[there, here] = -1.0 if distance is None else distance
    return table


def _nearness(classes: Sequence[str]) -> tuple[NDArray[np.uint8], Floats]:
    """Wu–Palmer nearness of all classes, by how deep they are and how far their paths are common: one byte a pair."""
    paths = [path(code) for code in classes] + [()]
    number = {code: position for position, code in enumerate(sorted({code for row in paths for code in row}))}
    nodes = np.full((len(paths), _DEEPEST), -1, np.int64)
    for row, codes in enumerate(paths):
        nodes[row, : len(codes)] = [number[code] for code in codes]
    depth = np.count_nonzero(nodes >= 0, axis=1)
    common = np.zeros((len(paths), len(paths)), np.int64)
    for level in range(_DEEPEST):
        common += (nodes[:, None, level] == nodes[None, :, level]) & (nodes[:, None, level] >= 0)
    deep = range(_DEEPEST + 1)
    said = np.array([nearness(both, one, other) for both in deep for one in deep for other in deep])
    return ((common * len(deep) + depth[:, None]) * len(deep) + depth[None, :]).astype(np.uint8), said


def _conversions(columns: Columns) -> Conversions:
    units = columns.vocabulary.units
    kind = np.full((len(units) + 1, len(units) + 1), SAME_UNIT, np.int64)
    factor = np.full(kind.shape, 1.0)
    exact = [Fraction(1)]
    for offered in range(NOT_TOLD, len(units)):
        for asked in np.unique(columns.lines.unit):
            found = unit_factor(_unit(units, offered), _unit(units, asked))
            kind[offered, asked] = OTHER_DIMENSION if found is None else SAME_UNIT if found == 1 else len(exact)
            factor[offered, asked] = np.nan if found is None else float(found)
            exact += [found] if found is not None and found != 1 else []
    return Conversions(kind, exact, factor)


def _unit(units: Sequence[str], code: int) -> str | None:
    return None if code == NOT_TOLD else units[code]
