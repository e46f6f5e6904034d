"""Where every 元 of a line is: in exactly one class, in SpendClass's order of precedence; they add up to the spend.

A suggestion moves known outside purchases first, and then those of unknown origin. What stays is explained for the
line as a whole, and the explanation is split over the two origins in proportion. All lines are told at once: a row per
line, a column per class.
"""

from dataclasses import dataclass

import numpy as np

from services.matching.engine.candidates.judging import RULES
from services.matching.engine.candidates.pairs import Shortlists
from services.matching.engine.columns import Columns, LineColumns
from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.plan import NEAR_CLASSES, SpendClass
from services.matching.engine.raise_rate.books import Books, supply_room
from services.matching.engine.raise_rate.ledger import Ledger
from services.matching.engine.raise_rate.market import Ints, summed
from services.matching.engine.raise_rate.opening import Trade, limits_of, pair_caps
from shared.compiled import compiled

CLASSES = tuple(SpendClass)
"""The columns of a diagnosis."""

_STAYS = CLASSES.index(SpendClass.NOT_RELEASED)
_AT = {name: place for place, name in enumerate(CLASSES)}


@dataclass(frozen=True)
class Diagnosis:
    """The 元 of each line by class, and of what it has of unknown origin and did not move: both (lines, classes)."""

    spend: Ints
    unknown: Ints


def diagnose(columns: Columns, trade: Trade, ledger: Ledger, lists: Shortlists) -> Diagnosis:
    """Say where each 元 of each line is under the plan in `ledger`.

    Raises ArithmeticError when a line's classes do not add up to its spend; that would be a fault of ours.
    """
    lines, left = columns.lines, ledger.line_left
    moved = lines.movable - left
    stays = _filled(lines, left, _reach(trade, ledger, lists))
    outside_left = lines.outside - np.minimum(moved, lines.outside)
    unknown_left = lines.outside + lines.unknown - moved - outside_left
    unknown = _share(stays, unknown_left)
    spend = stays - unknown
    told = {
        SpendClass.EXCLUDED: lines.excluded,
        SpendClass.LOCAL_NOW: lines.local_now,
        SpendClass.APPROVED: lines.committed,
        SpendClass.SUGGESTED: moved,
        SpendClass.UNKNOWN_NOT_MOVED: unknown_left,
    }
    for name, column in told.items():
        spend[:, _AT[name]] = column
    _check_adds_up(spend, lines.spend)
    return Diagnosis(spend, unknown)


def as_rows(matrix: Ints) -> list[dict[SpendClass, int]]:
    """A line's classes that have anything, by name."""
    rows: list[dict[SpendClass, int]] = [{} for _ in matrix]
    for line, place in np.argwhere(matrix).tolist():
        rows[line][CLASSES[place]] = int(matrix[line, place])
    return rows


def _filled(lines: LineColumns, left: Ints, reach: Ints) -> Ints:
    """What stays, class by class in their order, each as far as it can explain what the former ones left."""
    stays = np.zeros((len(left), len(CLASSES)), np.int64)
    stays[:, _STAYS] = lines.outside + lines.unknown - lines.movable
    left = left.copy()
    for place in range(_STAYS + 1, len(CLASSES)):
        stays[:, place] = np.minimum(left, reach[:, place])
        left -= stays[:, place]
    return stays


def _reach(trade: Trade, ledger: Ledger, lists: Shortlists) -> Ints:
    """What each class can explain at most, (lines, classes).

    With eligible suppliers: what their caps together leave out, then what is free but less than a minimum; the rest
    others have taken. Without any: what the suppliers whom a rule keeps away could take; the rest nobody offers.
    """
    left = ledger.line_left
    served = np.bincount(lists.candidates.line, minlength=len(left)) > 0
    reach = _blocked(trade, lists, left)
    reach[served] = 0
    reach[served, _AT[SpendClass.KEPT_BY_CAP]] = np.maximum(0, trade.movable - _caps(trade, lists, len(left)))[served]
    reach[served, _AT[SpendClass.BELOW_MINIMUM]] = _free(ledger)[served]
    reach[served, _AT[SpendClass.CAPACITY_TAKEN]] = UNLIMITED
    reach[:, _AT[SpendClass.NO_CANDIDATE]] = UNLIMITED
    return reach


def _caps(trade: Trade, lists: Shortlists, lines: int) -> Ints:
    """What the dual-source caps of all eligible suppliers together let through, per line."""
    found = lists.candidates
    _, first = np.unique(_pair_keys(trade, found.line, found.capability), return_index=True)
    line = found.line[first]
    return summed(line, limits_of(trade, line, found.capability[first]).cap, lines)


def _free(ledger: Ledger) -> Ints:
    """What the eligible suppliers could still carry of each line, by capacity and cap, whatever the line lacks."""
    market = ledger.market
    room = summed(market.pair, _supply_rooms(ledger.books), len(market.cap))
    free = np.minimum(market.cap - ledger.carried, room)
    return summed(market.line[market.pair_start[:-1]], free, len(market.movable))


@compiled
def _supply_rooms(books: Books) -> Ints:
    rooms = np.zeros(len(books.offers), np.int64)
    for offer in range(len(rooms)):
        rooms[offer] = supply_room(books, offer)
    return rooms


def _blocked(trade: Trade, lists: Shortlists, left: Ints) -> Ints:
    """What the suppliers whom a rule keeps away could take, each counted in its first class only."""
    near, stopped = lists.near, lists.blocked
    most = np.minimum(limits_of(trade, near.line, near.capability).most, left[near.line])
    line = np.repeat(np.arange(len(left)), np.diff(lists.blocked_starts))
    others = np.where(lists.several, _AT[SpendClass.SEVERAL_RULES], _AT[SpendClass.ONE_OTHER_RULE])
    lines = np.append(near.line, line)
    keys = np.append(_pair_keys(trade, near.line, near.capability), line * len(trade.limit) + stopped)
    places = np.append(_near_place(near.failed), others)
    amounts = np.append(most, pair_caps(trade, line, stopped))
    order = np.lexsort((-amounts, places, keys))
    _, first = np.unique(keys[order], return_index=True)  # of each pair its first class, and the largest amount there
    kept = order[first]
    reach = np.zeros((len(left), len(CLASSES)), np.int64)
    np.add.at(reach, (lines[kept], places[kept]), amounts[kept])
    return reach


def _pair_keys(trade: Trade, line: Ints, capability: Ints) -> Ints:
    return line * len(trade.limit) + trade.supplier[capability]


def _near_place(failed: Ints) -> Ints:
    """The class of a near miss by its one failed rule."""
    places = np.zeros(len(RULES), np.int64)
    for rule, name in NEAR_CLASSES.items():
        places[RULES.index(rule)] = _AT[name]
    return places[np.log2(failed).astype(np.int64)]


def _share(amounts: Ints, part: Ints) -> Ints:
    """Take `part` of each row in proportion, in whole 元 by largest remainder: never more of a class than there is."""
    whole = amounts.sum(axis=1)
    shared = np.where((part == whole)[:, None], amounts, 0)
    split = np.flatnonzero((part > 0) & (part < whole))
    wanted, total = part[split].astype(object), whole[split].astype(object)  # products pass 2**63
    product = amounts[split].astype(object) * wanted[:, None]
    taken, rest = product // total[:, None], product % total[:, None]
    lacking = (wanted - taken.sum(axis=1)).astype(np.int64)
    rank = np.argsort(np.argsort(-rest, axis=1, kind="stable"), axis=1)
    shared[split] = taken.astype(np.int64) + (rank < lacking[:, None])
    return shared


def _check_adds_up(spend: Ints, expected: Ints) -> None:
    wrong = np.flatnonzero((spend.sum(axis=1) != expected) | (spend < 0).any(axis=1))
    if len(wrong):
        line = int(wrong[0])
        raise ArithmeticError(f"diagnosis of line {line} adds up to {spend[line].tolist()}, not to {expected[line]}")
