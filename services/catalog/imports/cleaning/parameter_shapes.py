"""Technical parameters of many rows: a cell of a shape that was read before costs two numbers, not a whole reading.

A sheet writes thousands of cells in a few hundred shapes (外径 #~# mm；壁厚 ≥# mm). The first of each shape is read by
`parse_parameters`, twice, with numbers of ours: where the result is those numbers times one factor, all further cells
of the shape are that. Every other cell is read in full, so that the outcome is always that of `parse_parameters`.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from shared.codes.intervals import AT_LEAST, AT_MOST, plain
from shared.codes.parameters import InvalidParameter, Parameter, parse_parameters

Wire = dict[str, Any]

_NUMBER = r"\d{1,7}(?:\.\d{1,6})?"
# no comma, full stop, sign of another number or full width digit: they part pieces, or mean something to the reader
_WORDS = r"[^\d,，.。;；\n\r+±xX×*/、|\-－～~０-９]"
_TAIL = rf"(?:{_WORDS}|/|(?<=[a-zA-Z])[23](?!\d))*"
_PIECE = re.compile(rf"({_WORDS}*?{_WORDS})({_NUMBER})(?:(\s*[～~\-]\s*)({_NUMBER}))?({_TAIL})", re.ASCII)
#: A number as `_PIECE` has it, with nothing around it that could make it part of something else.
_FIGURE = re.compile(r"((?<![A-Za-z\d.])\d{1,7}(?:\.\d{1,6})?(?![\d.]))", re.ASCII)
#: A number that is spelt as we spell numbers.
_SPELT = re.compile(r"0|[1-9]\d*(?:\.\d*[1-9])?|0\.\d*[1-9]", re.ASCII)
_PARTED = re.compile(r"[;；]")
_RELATED = re.compile(rf"[\s:：=]*(?:{AT_LEAST}|{AT_MOST})", re.IGNORECASE)
_STOPS = (".", "。", ",", "，")
_PROBES = (("2", "5"), ("3.75", "16"))


@dataclass(frozen=True)
class _Shape:
    """What a piece of a shape comes to: its name and unit, and by what the numbers at its bounds are multiplied.

    `low` and `high` are the place of the number (0 or 1) and its factor (None: as it stands); None for an open bound.
    """

    name: str
    unit: str | None
    low: tuple[int, Decimal | None] | None
    high: tuple[int, Decimal | None] | None


def read_parameters(text: str) -> list[Wire]:
    """Return the parameters of a cell in their JSON form, as `parse_parameters` reads them. Raises InvalidParameter."""
    pieces = [piece.strip() for piece in _PARTED.split(text)]
    # a bound without a name belongs to the piece before it, and two pieces of one name narrow each other; a full stop
    # that ends a text means nothing, before another piece it does
    if len(pieces) > 1 and any(piece.endswith(_STOPS) or _RELATED.match(piece) for piece in pieces):
        return _in_full(text)
    try:
        found = [each for piece in pieces for each in _read(piece)]
    except InvalidParameter:
        return _in_full(text)
    if len(found) > 1 and len({each["name"] for each in found}) < len(found):
        return _in_full(text)
    return found


def _read(piece: str) -> list[Wire]:
    head, *rest = _FIGURE.split(piece)
    if len(rest) == 2:
        (low, tail), between, high = rest, None, None
    elif len(rest) == 4:
        low, between, high, tail = rest
    else:
        return [dict(each) for each in _whole(piece)]
    shape = _shape(head, between, tail)
    if shape is None or (high is not None and Decimal(low) > Decimal(high)):
        return [dict(each) for each in _whole(piece)]
    numbers = (low, high)
    least, most = _bound(shape.low, numbers), _bound(shape.high, numbers)
    return [{"name": shape.name, "low": least, "high": most, "unit": shape.unit, "values": []}]


@lru_cache(maxsize=20_000)
def _whole(piece: str) -> list[Wire]:
    """Read a piece of no shape: materials and other sets of words come again as they are."""
    return _in_full(piece)


def _in_full(text: str) -> list[Wire]:
    return [parameter.model_dump(mode="json") for parameter in parse_parameters(text)]


def _bound(bound: tuple[int, Decimal | None] | None, numbers: tuple[str, str | None]) -> str | None:
    if bound is None:
        return None
    place, factor = bound
    number = numbers[place] or ""
    return number if factor is None and _SPELT.fullmatch(number) else _times(number, factor or Decimal(1))


@lru_cache(maxsize=50_000)
def _times(number: str, factor: Decimal) -> str:
    return str(plain(Decimal(number) * factor))


@lru_cache(maxsize=20_000)
def _shape(head: str, between: str | None, tail: str) -> _Shape | None:
    """Read a shape with two pairs of numbers; None unless both say the same of it."""
    match = _PIECE.fullmatch(head + "2" + (between + "5" if between else "") + tail)
    if between == "" or match is None or (match[1], match[3], match[5]) != (head, between, tail):
        return None
    first, second = (_probed(head, between, tail, numbers) for numbers in _PROBES)
    if first is None or second is None or (first.name, first.unit) != (second.name, second.unit):
        return None
    try:
        return _Shape(first.name, first.unit, _factor(first.low, second.low), _factor(first.high, second.high))
    except _NotTimes:
        return None


class _NotTimes(Exception):
    """A bound that is not one of the numbers times a factor."""


def _probed(head: str, between: str | None, tail: str, numbers: tuple[str, str]) -> Parameter | None:
    try:
        found = parse_parameters(head + numbers[0] + (between + numbers[1] if between else "") + tail)
    except InvalidParameter:
        return None
    return found[0] if len(found) == 1 and not found[0].values else None


def _factor(first: Decimal | None, second: Decimal | None) -> tuple[int, Decimal | None] | None:
    """Return which number stands at a bound and its factor; None if the bound is open. Raises _NotTimes."""
    if first is None and second is None:
        return None
    if first is None or second is None:
        raise _NotTimes
    for place in (0, 1):
        factor = first / Decimal(_PROBES[0][place])
        if factor == second / Decimal(_PROBES[1][place]):
            return place, None if factor == 1 else factor
    raise _NotTimes
