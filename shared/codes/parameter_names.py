"""Names of technical parameters: how people write them, what they measure, and which direction is better.

`data/parameter_names.csv`: `direction` is range (an interval that can be made), smaller (a grade or a deviation: who
attains 6 attains 7 as well), larger (a strength: who attains 600 attains 500), or set (materials). `implied`
is the unit that drawings leave out (GB/T 4458.4: lengths in mm); `prefixes` are signs before a number (HRC58, IT7).
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from shared.codes.tables import read_table, split_cell
from shared.codes.units import Unit, find_unit
from shared.text.normalise import unify


class Direction(StrEnum):
    """How values of a parameter compare."""

    RANGE = "range"
    SMALLER = "smaller"
    LARGER = "larger"
    SET = "set"


@dataclass(frozen=True)
class ParameterName:
    """A canonical name; `dimension` None: any or none; `unit` is shown, `implied` is meant when none is written."""

    name: str
    direction: Direction = Direction.RANGE
    dimension: str | None = None
    unit: Unit | None = None
    implied: Unit | None = None
    prefixes: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def find_name(text: str) -> ParameterName:
    """The canonical name for `text`; a name that the table does not know is its own, and a range."""
    known = _known(text) or _known(_FILLER.sub("", text)) or _named_twice(text)
    return known or ParameterName(unify(text).replace(" ", ""))


def is_known(text: str) -> bool:
    """Whether the table knows the name."""
    return find_name(text).name in all_names()


def aliases() -> tuple[str, ...]:
    """Every way of writing a known name."""
    return tuple(_by_alias())


def find_prefix(sign: str) -> ParameterName:
    """The name that a sign before a number stands for: φ100, M8, IT7, HRC60, DN50; raises KeyError."""
    return _by_prefix()[sign.upper()]


@cache
def prefixes() -> tuple[str, ...]:
    """The signs that may stand right before a number, the longest first."""
    return tuple(sorted(_by_prefix(), key=lambda sign: (-len(sign), sign)))


@cache
def all_names() -> dict[str, ParameterName]:
    """Every canonical name."""
    return {row["name"]: _name(row) for row in read_table("shared.codes", "parameter_names")}


_DIAMETER = "φ"
_FILLER = re.compile(r"^(?:其|产品|零件|工件|加工)|(?:范围|要求|参数|指标|应|须|需|在|为|是|可达|达到?|能力)+$")


def _known(text: str) -> ParameterName | None:
    written = unify(text).replace(" ", "")
    return _by_alias().get(written) or _by_lower_alias().get(written.lower())


def _named_twice(text: str) -> ParameterName | None:
    """表面粗糙度 Ra, 屈服强度(Rp0.2): a name and its sign; the sign is the more precise."""
    parts = [part for part in re.split(r"[\s()]+|(?<=[\u4e00-\u9fff])(?=[a-zA-Zφδσ])", unify(text)) if part]
    return _known(parts[-1]) if len(parts) > 1 and all(_known(part) for part in parts) else None


def _name(row: dict[str, str]) -> ParameterName:
    return ParameterName(
        name=row["name"],
        direction=Direction(row["direction"]),
        dimension=row["dimension"] or None,
        unit=find_unit(row["unit"]) if row["unit"] else None,
        implied=find_unit(row["implied"]) if row["implied"] else None,
        prefixes=tuple(split_cell(row["prefixes"])),
    )


@cache
def _by_alias() -> dict[str, ParameterName]:
    return {
        re.sub(r"\s", "", unify(alias)): all_names()[row["name"]]
        for row in read_table("shared.codes", "parameter_names")
        for alias in (row["name"], *split_cell(row["aliases"]))
    }


@cache
def _by_lower_alias() -> dict[str, ParameterName]:
    return {alias.lower(): name for alias, name in _by_alias().items()}


@cache
def _by_prefix() -> dict[str, ParameterName]:
    signs = {sign.upper(): name for name in all_names().values() for sign in name.prefixes}
    return signs | {_DIAMETER.upper(): find_name(_DIAMETER)}
