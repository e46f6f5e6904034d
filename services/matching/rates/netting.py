"""Purchases by line, without reversals: what a line's origins are told from. Arrays; the scalar rule is in `rules`."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from services.matching.rates.book import NONE, Lines, Place
from services.matching.rates.bought import Purchases
from services.matching.rates.rules import Bought, netted
from services.matching.rates.sharing import Flags, Ints, share_out, starts_of


@dataclass(frozen=True)
class Kept:
    """Purchases, one row for each line (or part), exclusion, supplier and place; `amount` in 分."""

    line: Ints
    supplier: Ints
    place: Ints
    excluded: Flags
    amount: Ints

    def __len__(self) -> int:
        return len(self.line)

    def at(self, rows: Ints | Flags, line: Ints | None = None) -> "Kept":
        """These rows, for other lines where they are told."""
        lines = self.line[rows] if line is None else line
        return Kept(lines, self.supplier[rows], self.place[rows], self.excluded[rows], self.amount[rows])


@dataclass(frozen=True)
class Net:
    """Net purchases by line: `shared` has a part's purchases split over its lines, as stage actual counts them;
    `whole` has all of them at each of its lines, whose shares tell the origins of its spend.
    """

    shared: Kept
    whole: Kept


def net_by_line(lines: Lines, bought: Purchases, mask: int) -> Net:
    """Net purchases of the lines; what has one of the flags of `mask` is excluded."""
    parts = _merged(bought, mask)
    by_part, first, users = _users(lines)
    per_part = _netted(parts, bought.places)
    whole = _spread(per_part, by_part, first, users)
    alone = users[parts.line] == 1
    split = _netted(_split(parts.at(~alone), lines, by_part, first, users), bought.places)
    single = per_part.at(users[per_part.line] == 1)
    shared = joined(single.at(np.arange(len(single)), by_part[first[single.line]]), split)
    return Net(shared, whole)


def _merged(bought: Purchases, mask: int) -> Kept:
    """The purchases of needed parts; `line` is the part until they are given to lines."""
    rows = np.flatnonzero(bought.part != NONE)
    party = bought.party[rows]
    return _summed(
        Kept(
            bought.part[rows],
            bought.supplier[party],
            bought.place[party],
            (bought.flags[rows] & mask) != 0,
            bought.amount[rows],
        )
    )


def _users(lines: Lines) -> tuple[Ints, Ints, Ints]:
    """The lines ordered by part, and of each part where its lines begin there, and how many they are."""
    by_part = np.argsort(lines.part, kind="stable")
    by_part = by_part[lines.part[by_part] != NONE]
    users = np.bincount(lines.part[by_part], minlength=1)
    return by_part, np.concatenate(([0], np.cumsum(users)[:-1])), users


def _summed(rows: Kept) -> Kept:
    """One row for each line, exclusion, supplier and place."""
    order = np.lexsort((rows.place, rows.supplier, rows.excluded, rows.line))
    ordered = rows.at(order)
    same = np.ones(len(ordered), np.bool_)
    for column in (ordered.line, ordered.excluded, ordered.supplier, ordered.place):
        same[1:] &= column[1:] == column[:-1]
    starts = np.flatnonzero(~same | (np.arange(len(ordered)) == 0))
    found = ordered.at(starts)
    sums = np.add.reduceat(ordered.amount, starts) if len(starts) else found.amount
    return Kept(found.line, found.supplier, found.place, found.excluded, sums)


def _netted(rows: Kept, places: Sequence[Place]) -> Kept:
    """Without reversals. Only a supplier with a reversal at one of several places needs more than its sum."""
    rows = _summed(rows)
    group = _groups(rows)
    starts = starts_of(group)
    sizes = np.diff(np.append(starts, len(group)))
    reversed_at = np.flatnonzero((rows.amount < 0) & (np.repeat(sizes, sizes) > 1) & (rows.supplier != NONE))
    amount = rows.amount.copy()
    for at in np.unique(group[reversed_at]):
        some = np.arange(starts[at], starts[at] + sizes[at])
        amount[some] = _net_of_places(amount[some], [places[place] for place in rows.place[some]])
    net = Kept(rows.line, rows.supplier, rows.place, rows.excluded, amount)
    return net.at(amount > 0)


def _groups(rows: Kept) -> Ints:
    """The number of each row's (line, exclusion, supplier), in their order."""
    new = np.zeros(len(rows), np.bool_)
    for column in (rows.line, rows.excluded, rows.supplier):
        new[1:] |= column[1:] != column[:-1]
    return np.cumsum(new)


def _net_of_places(amounts: Ints, places: Sequence[Place]) -> list[int]:
    """What is left of one supplier's amounts, by the rule's own words."""
    pairs = zip(amounts.tolist(), places, strict=True)
    rows = [Bought("it", Decimal(amount), where.region, where.clusters) for amount, where in pairs]
    left = {Place(row.region, row.clusters): int(row.amount) for row in netted(rows)}
    return [left.get(where, 0) for where in places]


def _spread(rows: Kept, by_part: Ints, first: Ints, users: Ints) -> Kept:
    """Each row at every line of its part."""
    times = users[rows.line]
    source = np.repeat(np.arange(len(rows)), times)
    return rows.at(source, by_part[first[rows.line[source]] + _within(times)])


def _split(rows: Kept, lines: Lines, by_part: Ints, first: Ints, users: Ints) -> Kept:
    """Each row split over the lines of its part by their quantities; equal parts where those tell nothing."""
    spread, times = _spread(rows, by_part, first, users), users[rows.line]
    source = np.repeat(np.arange(len(rows)), times)
    weight = _weights(lines)[spread.line]
    parts = share_out(np.abs(spread.amount), weight, source) * np.sign(spread.amount)
    return Kept(spread.line, spread.supplier, spread.place, spread.excluded, parts)


def _weights(lines: Lines) -> Ints:
    """Each line's weight among those of its part: its quantity, where all are told, in one unit, and not all zero."""
    found = np.ones(len(lines), np.int64)
    if not len(lines):
        return found
    parts = int(lines.part.max()) + 2
    known, most = np.ones(parts, np.bool_), np.zeros(parts, np.int64)
    low, high = np.full(parts, np.iinfo(np.int64).max), np.full(parts, NONE)
    np.logical_and.at(known, lines.part, lines.quantity != NONE)
    np.maximum.at(most, lines.part, lines.quantity)
    np.minimum.at(low, lines.part, lines.unit)
    np.maximum.at(high, lines.part, lines.unit)
    telling = (known & (most > 0) & (low == high))[lines.part]
    found[telling] = lines.quantity[telling]
    return found


def _within(times: Ints) -> Ints:
    """0, 1, … for each run of so many rows."""
    return np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)


def joined(one: Kept, other: Kept) -> Kept:
    """The rows of both, one after the other."""
    columns = zip(
        (one.line, one.supplier, one.place, one.excluded, one.amount),
        (other.line, other.supplier, other.place, other.excluded, other.amount),
        strict=True,
    )
    return Kept(*(np.concatenate(pair) for pair in columns))
