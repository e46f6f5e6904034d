"""Groups of lines counted by a basis, from arrays: exact, whatever the number of lines."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import chain

import numpy as np

from services.matching.engine.policy import Basis
from services.matching.rates.book import NONE
from services.matching.rates.netting import Kept
from services.matching.rates.origins import EXCLUDED, LOCAL, OUTSIDE, UNKNOWN, Codes
from services.matching.rates.rules import CUT, cut_sum
from services.matching.rates.sharing import LIMB_BITS, LIMBS, Flags, Ints, fixed_point

_SCALE = 1 << (LIMB_BITS * LIMBS)
_NEARNESS = np.empty(4, np.int64)
_NEARNESS[[EXCLUDED, OUTSIDE, UNKNOWN, LOCAL]] = range(4)
"""How near a supplier is by the origin of a purchase; one excluded purchase of a supplier that counts says nothing."""
_Share = tuple[int, int]
"""Numerator and denominator, not reduced."""


@dataclass(frozen=True)
class Moved:
    """What plans move of a line to local suppliers: 元, the share of the line, and who gets it (natural keys)."""

    amount: int = 0
    share: Fraction = Fraction(0)
    suppliers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Counts:
    """What a group comes to, in the basis's unit."""

    numerator: Fraction
    denominator: Fraction
    unknown: Fraction
    excluded: Fraction


@dataclass(frozen=True)
class Shares:
    """part ÷ whole of lines: of `rows` in fixed point too (`short`: cut), of others as fractions in `changed`."""

    rows: Ints
    part: Ints
    whole: Ints
    limbs: Ints
    short: Flags
    changed: Mapping[int, _Share]


@dataclass(frozen=True)
class Sheet:
    """What is counted: `amounts` by line and origin, in one unit (`unit` of them make one of the basis's); the rows
    that they are of with their origins; the suppliers' positions by natural key; and what plans move, by line.
    """

    amounts: Ints
    kept: Kept
    origins: Codes
    suppliers: Mapping[str, int]
    unit: int = 1
    moved: Mapping[int, Moved] = field(default_factory=dict)

    @cached_property
    def counted(self) -> Ints:
        """By line what is in the denominator."""
        return self.amounts[:, OUTSIDE] + self.amounts[:, UNKNOWN] + self.amounts[:, LOCAL]

    @cached_property
    def known(self) -> Flags:
        """Of each line, whether there is anything in the denominator."""
        return self.counted > 0

    @cached_property
    def shares(self) -> tuple[Shares, Shares]:
        """The lines' shares that are local, and that are local or unknown."""
        changed, either = _moved_shares(self), self.amounts[:, LOCAL] + self.amounts[:, UNKNOWN]
        local_of, either_of = ({line: row[at] for line, row in changed.items()} for at in (0, 1))
        return (
            _shares(self.amounts[:, LOCAL], self.counted, self.known, local_of),
            _shares(either, self.counted, self.known, either_of),
        )


def count(sheet: Sheet, group: Ints, groups: int, basis: Basis) -> list[Counts]:
    """The counts of each of `groups`; `group` tells each line's, NONE: it is not asked for."""
    counting = {Basis.VALUE: _by_value, Basis.LINES: _by_lines, Basis.SUPPLIERS: _by_suppliers}[basis]
    return counting(sheet, group, groups)


def _by_value(sheet: Sheet, group: Ints, groups: int) -> list[Counts]:
    seen = np.flatnonzero(group != NONE)
    amounts = sheet.amounts[seen]
    moved = np.zeros(len(group), np.int64)
    for line, move in sheet.moved.items():
        moved[line] = move.amount
    counted = amounts[:, OUTSIDE] + amounts[:, UNKNOWN] + amounts[:, LOCAL]
    local = np.minimum(amounts[:, LOCAL] + moved[seen], counted)
    unknown = np.minimum(amounts[:, UNKNOWN], counted - local)
    columns = (local, counted, unknown, amounts[:, EXCLUDED])
    sums = [_summed(column, group[seen], groups) for column in columns]
    unit = sheet.unit
    return [
        Counts(Fraction(here, unit), Fraction(all_, unit), Fraction(unknown_, unit), Fraction(out, unit))
        for here, all_, unknown_, out in zip(*sums, strict=True)
    ]


def _summed(column: Ints, group: Ints, groups: int) -> list[int]:
    sums = np.zeros(groups, np.int64)
    np.add.at(sums, group, column)
    return [int(total) for total in sums]


def _by_lines(sheet: Sheet, group: Ints, groups: int) -> list[Counts]:
    """A line counts 1 and its shares are of what is not excluded; it is excluded only if all of it is."""
    lines = np.bincount(group[sheet.known & (group != NONE)], minlength=groups)
    left_out = ~sheet.known & (sheet.amounts[:, EXCLUDED] > 0) & (group != NONE)
    excluded = np.bincount(group[left_out], minlength=groups)
    local, either = (_share_sums(shares, group, groups) for shares in sheet.shares)
    return [
        Counts(local[at], Fraction(int(lines[at])), either[at] - local[at], Fraction(int(excluded[at])))
        for at in range(groups)
    ]


def _moved_shares(sheet: Sheet) -> dict[int, tuple[_Share, _Share]]:
    """The shares that are local, and local or unknown, of the lines of which something moves."""
    rows = [line for line, move in sheet.moved.items() if move.share and sheet.known[line]]
    found = {}
    for line, row in zip(rows, sheet.amounts[rows].tolist(), strict=True):
        share = sheet.moved[line].share
        counted = sum(row) - row[EXCLUDED]
        whole = counted * share.denominator
        local = min(row[LOCAL] * share.denominator + share.numerator * sum(row), whole)
        unknown = min(row[UNKNOWN] * share.denominator, whole - local)
        found[line] = (local, whole), (local + unknown, whole)
    return found


def _shares(part: Ints, whole: Ints, known: Flags, changed: Mapping[int, _Share]) -> Shares:
    plain = known.copy()
    plain[list(changed)] = False
    rows = np.flatnonzero(plain)
    return Shares(rows, part[rows], whole[rows], *fixed_point(part[rows], whole[rows]), changed)


def _share_sums(shares: Shares, group: Ints, groups: int) -> list[Fraction]:
    """The groups' sums of the lines' shares, exact and then cut to twelve places.

    In fixed point with 132 binary places each share falls short by less than one of the last; only where the sum lies
    so near to a step of twelve places that this could matter are the fractions themselves added.
    """
    of_row = group[shares.rows]
    asked = of_row != NONE
    sums = np.zeros((groups, LIMBS + 1), np.int64)
    np.add.at(sums, of_row[asked], shares.limbs[asked])
    least = [sum(limb << LIMB_BITS * (LIMBS - at) for at, limb in enumerate(row)) for row in sums.tolist()]
    slack = np.bincount(of_row[asked & shares.short], minlength=groups).tolist()
    for line, (above, below) in shares.changed.items():
        if group[line] != NONE:
            least[group[line]] += above * _SCALE // below
            slack[group[line]] += 1
    cut = [_cut(*sum_and_slack) for sum_and_slack in zip(least, slack, strict=True)]
    return [_exactly(at, shares, group) if found is None else found for at, found in enumerate(cut)]


def _cut(least: int, slack: int) -> Fraction | None:
    """The sum cut to twelve places, if it is the same wherever between `least` and `least + slack` the sum lies."""
    low, high = least * CUT // _SCALE, (least + slack) * CUT // _SCALE
    return Fraction(low, CUT) if low == high else None


def _exactly(at: int, shares: Shares, group: Ints) -> Fraction:
    here = np.flatnonzero(group[shares.rows] == at)
    plain = zip(shares.part[here].tolist(), shares.whole[here].tolist(), strict=True)
    changed = (share for line, share in shares.changed.items() if group[line] == at)
    return cut_sum(Fraction(*share) for share in chain(plain, changed))


def _by_suppliers(sheet: Sheet, group: Ints, groups: int) -> list[Counts]:
    """Distinct suppliers over all lines, each as near as to the nearest; who has counted purchases is not excluded."""
    names = dict(sheet.suppliers)
    new = [
        (group[line], names.setdefault(key, len(names)))
        for line, move in sheet.moved.items()
        if group[line] != NONE
        for key in move.suppliers
    ]
    rows = np.flatnonzero((group[sheet.kept.line] != NONE) & (sheet.kept.supplier != NONE))
    pair = group[sheet.kept.line[rows]] * len(names) + sheet.kept.supplier[rows]
    added = np.array([at * len(names) + name for at, name in new], np.int64)
    near = np.concatenate((_NEARNESS[sheet.origins[rows]], np.full(len(added), _NEARNESS[LOCAL])))
    pairs, nearest = _most(np.concatenate((pair, added)), near)
    place = pairs // max(len(names), 1) * len(_NEARNESS) + nearest
    table = np.bincount(place, minlength=groups * len(_NEARNESS)).reshape(groups, len(_NEARNESS))
    out, away, unknown, local = (table[:, _NEARNESS[code]].tolist() for code in (EXCLUDED, OUTSIDE, UNKNOWN, LOCAL))
    return [
        Counts(
            Fraction(local[at]), Fraction(away[at] + unknown[at] + local[at]), Fraction(unknown[at]), Fraction(out[at])
        )
        for at in range(groups)
    ]


def _most(keys: Ints, values: Ints) -> tuple[Ints, Ints]:
    """Each distinct key with the largest of its values, which are less than four."""
    both = np.sort(keys * 4 + values)
    last = np.ones(len(both), np.bool_)
    last[:-1] = both[1:] >> 2 != both[:-1] >> 2
    return both[last] >> 2, both[last] & 3
