"""Technical parameters of many rows: a cell of a shape that was read before costs two numbers, not a whole reading.

A sheet writes thousands of cells in a few hundred shapes (外径 #~# mm；壁厚 ≥# mm). The pieces of the first of each
shape are read by `parse_parameters`, twice, with numbers of ours: where the result is those numbers times one factor,
all further cells of the shape are that. Everything else is read in full, so that the outcome is always that of
`parse_parameters`.
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
    `at` is the first of the cell's numbers that is the piece's; `range`: it has two.
    """

    name: str
    unit: str | None
    low: tuple[int, Decimal | None] | None
    high: tuple[int, Decimal | None] | None
    at: int
    range: bool


@dataclass(frozen=True)
class _Other:
    """A piece of no shape: its words, between which stand the cell's numbers from `at` on."""

    words: tuple[str, ...]
    at: int


def read_parameters(text: str) -> list[Wire]:
    """Return the parameters of a cell in their JSON form, as `parse_parameters` reads them. Raises InvalidParameter."""
    words = _FIGURE.split(text)
    numbers = words[1::2]
    pieces = _pieces(tuple(words[::2]))
    if pieces is None:
        return _in_full(text)
    try:
        found = [each for piece in pieces for each in _read(piece, numbers)]
    except (InvalidParameter, _NotTimes):
        return _in_full(text)
    return found if len(found) == 1 or len({each["name"] for each in found}) == len(found) else _in_full(text)


def _read(piece: _Shape | _Other, numbers: list[str]) -> list[Wire]:
    if isinstance(piece, _Other):
        told = [piece.words[0]]
        for number, word in zip(numbers[piece.at :], piece.words[1:], strict=False):
            told += (number, word)
        return [dict(each) for each in _whole("".join(told))]
    low, high = numbers[piece.at], numbers[piece.at + 1] if piece.range else None
    if high is not None and float(low) > float(high):
        raise _NotTimes
    least, most = _bound(piece.low, (low, high)), _bound(piece.high, (low, high))
    return [{"name": piece.name, "low": least, "high": most, "unit": piece.unit, "values": []}]


@lru_cache(maxsize=20_000)
def _pieces(words: tuple[str, ...]) -> tuple[_Shape | _Other, ...] | None:
    """What a cell's words, between which its numbers stand, come to piece by piece; None: it must be read in full."""
    found: list[_Shape | _Other] = []
    parted, at = _parted(words), 0
    for piece in parted:
        told = "2".join(piece)
        # a bound without a name belongs to the piece before it, and two pieces of one name narrow each other; a full
        # stop that ends a text means nothing, before another piece it does
        if len(parted) > 1 and (told.endswith(_STOPS) or _RELATED.match(told)):
            return None
        found.append(_shape(piece, at) or _Other(tuple(piece), at))
        at += len(piece) - 1
    return tuple(found)


def _parted(words: tuple[str, ...]) -> list[list[str]]:
    """The words of each piece of a cell; between two words of a piece stands a number."""
    pieces: list[list[str]] = [[]]
    for word in words:
        first, *others = _PARTED.split(word)
        pieces[-1].append(first)
        pieces += [[other] for other in others]
    for piece in pieces:
        piece[0], piece[-1] = piece[0].lstrip(), piece[-1].rstrip()
    return [[piece[0].strip()] if len(piece) == 1 else piece for piece in pieces]


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


def _shape(piece: list[str], at: int) -> _Shape | None:
    """Read a piece of a shape with two pairs of numbers; None unless both say the same of it.

    Its first number is the cell's number `at`.
    """
    if len(piece) not in (2, 3):
        return None
    head, between, tail = piece[0], piece[1] if len(piece) == 3 else None, piece[-1]
    match = _PIECE.fullmatch(head + "2" + (between + "5" if between else "") + tail)
    if between == "" or match is None or (match[1], match[3], match[5]) != (head, between, tail):
        return None
    first, second = (_probed(head, between, tail, numbers) for numbers in _PROBES)
    if first is None or second is None or (first.name, first.unit) != (second.name, second.unit):
        return None
    try:
        low, high = _factor(first.low, second.low), _factor(first.high, second.high)
    except _NotTimes:
        return None
    return _Shape(first.name, first.unit, low, high, at, range=between is not None)


class _NotTimes(Exception):
    """A bound that is not one of the numbers times a factor, or the greater number stands first."""


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
