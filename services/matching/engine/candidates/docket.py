"""What the compiled judges read: one record per line and per offered capability, and lists beside them.

A record holds all that the rules and the score look at in a row, its supplier's or product's share included, so that
judging a pair touches two places in memory. The offered rows stand in the order of the text index: those that are
tried for one line lie side by side.
"""

from math import ceil
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.candidates.verdicts import Conversions, Verdicts
from services.matching.engine.columns import NOT_TOLD, Bools, Columns, Floats, Ints, ParameterColumns
from services.matching.engine.judgement.facts import points_of

Records = NDArray[Any]

_OF_LINE = ("class_code", "unit", "unit_price", "movable", "lead_time_days", "price_ceiling", "distance_limit_km")
_OF_PRODUCT = ("leader", "leader_region", "anchor")
_OF_CAPABILITY = (
    "supplier",
    "class_code",
    "unit",
    "capacity_yuan",
    "capacity_units",
    "unit_price",
    "moq",
    "lead_time_days",
)
_OF_SUPPLIER = ("party", "region", "place", "known")
_OF_PARAMETER = ("name", "unit", "low", "high", "point")


def _record(*names: str, numbers: tuple[str, ...] = ()) -> np.dtype[np.void]:
    """A record of whole numbers and of floats."""
    return np.dtype([(name, np.int64) for name in names] + [(name, np.float64) for name in numbers])


ASKED = _record(
    *_OF_LINE,
    *_OF_PRODUCT,
    "counted",
    "moq_limit",
    "scheme_start",
    "scheme_end",
    "parameter_start",
    "parameter_end",
    "history_start",
    "history_end",
)
"""A line: `counted` 元 are not excluded; `moq_limit` is the least of what bounds a minimum order; history: see Desk."""

OFFERED = _record(
    *_OF_CAPABILITY,
    *_OF_SUPPLIER,
    "admitted",
    "scheme_start",
    "scheme_end",
    "parameter_start",
    "parameter_end",
    "related_start",
    "related_end",
)
"""A capability with its supplier."""

PARAMETER = _record(*_OF_PARAMETER, "value_start", "value_end", numbers=("low_number", "high_number"))

_MOST = 2**62
"""Greater than every amount that a line can bound: told prices and orders are cut to it, so that they fit 64 bits."""


class Desk(NamedTuple):
    """Everything that the judges read. `history` per line: suppliers that have of it, were refused, or of which the
    leader says that it does not take them (`blacklisted`) or rather does (`preferred`, worth a `bonus`).

    `told_moq[kind, row]`, `told_price` and `told_price_number` are what offered row `row` asks per unit of the line,
    by the kind of conversion: rounded up, which leaves every comparison with a whole limit as it is, and as a float.
    """

    asked: Records
    offered: Records
    asked_scheme: Ints
    asked_day: Ints
    held_scheme: Ints
    held_from: Ints
    held_until: Ints
    asked_parameter: Records
    offered_parameter: Records
    asked_value: Ints
    asked_value_rank: Ints
    offered_value: Ints
    holder: Ints
    held_amount: Ints
    refused: Bools
    blacklisted: Bools
    preferred: Bools
    bonus: int
    related_leader: Ints
    local: Bools
    kilometres: Floats
    proves: Bools
    near: NDArray[np.uint8]
    nearness: Floats
    within: Bools
    conversion: Ints
    factor: Floats
    told_moq: Ints
    told_price: Ints
    told_price_number: Floats
    points: Floats
    limit_capacity: bool
    as_of: int


def desk_of(columns: Columns, verdicts: Verdicts, rows: Ints) -> Desk:
    """Lay out the records; `rows` are the capabilities in the order of the text index."""
    return Desk(**_asking(columns), **_offering(columns, verdicts, rows))


def _asking(columns: Columns) -> dict[str, Any]:
    """What the lines' side of a desk holds, and what the policy sets."""
    history = _history(columns)
    lines = columns.lines
    return {
        "asked": _asked(columns, history.starts),
        "asked_scheme": lines.scheme,
        "asked_day": lines.on_day,
        "asked_parameter": _parameters(lines.parameters),
        "asked_value": lines.parameters.value,
        "asked_value_rank": lines.parameters.value_rank,
        "holder": history.holder,
        "held_amount": history.amount,
        "refused": history.refused,
        "blacklisted": history.blacklisted,
        "preferred": history.preferred,
        "bonus": columns.policy.preferred_bonus,
        "points": np.array(list(points_of(columns.policy.weights).values())),
        "limit_capacity": columns.policy.limit_capacity,
        "as_of": columns.as_of,
    }


def _offering(columns: Columns, verdicts: Verdicts, rows: Ints) -> dict[str, Any]:
    """What the offers' side of a desk holds, and the verdict tables."""
    related, leader = _related(columns)
    offered, firms, units = _offered(columns, verdicts, rows, related), columns.suppliers, verdicts.units
    told_moq, _ = _told(offered["moq"], offered["unit"], units, per_unit=False)
    told_price, number = _told(offered["unit_price"], offered["unit"], units, per_unit=True)
    return {
        "offered": offered,
        "held_scheme": firms.scheme,
        "held_from": firms.valid_from,
        "held_until": firms.valid_until,
        "offered_parameter": _parameters(columns.capabilities.parameters),
        "offered_value": columns.capabilities.parameters.value,
        "related_leader": leader,
        "local": verdicts.local,
        "kilometres": verdicts.kilometres,
        "proves": verdicts.proves,
        "near": verdicts.near,
        "nearness": verdicts.nearness,
        "within": verdicts.within,
        "conversion": units.kind,
        "factor": units.factor,
        "told_moq": told_moq,
        "told_price": told_price,
        "told_price_number": number,
    }


def _asked(columns: Columns, history: Ints) -> Records:
    lines, products = columns.lines, columns.products
    found = np.empty(len(lines.product), ASKED)
    for name in _OF_LINE:
        found[name] = getattr(lines, name)
    for name in _OF_PRODUCT:
        found[name] = getattr(products, name)[lines.product]
    found["counted"] = lines.spend - lines.excluded
    limits = np.stack([lines.max_moq, lines.quantity])
    least = np.where(limits == NOT_TOLD, _MOST, limits).min(axis=0, initial=_MOST)
    found["moq_limit"] = np.where(least == _MOST, NOT_TOLD, least)
    _place(found, "scheme", lines.scheme_starts)
    _place(found, "parameter", lines.parameters.starts)
    _place(found, "history", history)
    return found


def _offered(columns: Columns, verdicts: Verdicts, rows: Ints, related: Ints) -> Records:
    capabilities, firms = columns.capabilities, columns.suppliers
    found, owner = np.empty(len(rows), OFFERED), capabilities.supplier[rows]
    for name in _OF_CAPABILITY:
        found[name] = getattr(capabilities, name)[rows]
    for name in _OF_SUPPLIER:
        found[name] = getattr(firms, name)[owner]
    found["admitted"] = verdicts.admitted[firms.status][owner]
    _place(found, "scheme", firms.scheme_starts, owner)
    _place(found, "related", related, owner)
    _place(found, "parameter", capabilities.parameters.starts, rows)
    return found


def _place(found: Records, what: str, starts: Ints, owner: Ints | None = None) -> None:
    """Where a row's list begins and ends; `owner`: whose list it is, if not the row's own."""
    begin, end = starts[:-1], starts[1:]
    found[f"{what}_start"] = begin if owner is None else begin[owner]
    found[f"{what}_end"] = end if owner is None else end[owner]


def _parameters(columns: ParameterColumns) -> Records:
    found = np.empty(len(columns.name), PARAMETER)
    for name in (*_OF_PARAMETER, "low_number", "high_number"):
        found[name] = getattr(columns, name)
    _place(found, "value", columns.value_starts)
    return found


class _History(NamedTuple):
    """Per line (`starts`) the suppliers of which something is to be known: 元 that they have, refusals, preferences."""

    starts: Ints
    holder: Ints
    amount: Ints
    refused: Bools
    blacklisted: Bools
    preferred: Bools


def _history(columns: Columns) -> _History:
    """What is bought and approved, refused within the cool-off, and said by the leader."""
    suppliers, lines = max(1, len(columns.suppliers.party)), len(columns.lines.product)
    bought, approved, refusals = columns.incumbents, columns.commitments, columns.exclusions
    said = columns.preferences
    who = [bought.supplier, columns.capabilities.supplier[approved.capability], refusals.supplier, said.supplier]
    line = np.concatenate([bought.line, approved.line, refusals.line, said.line])
    pair, place = np.unique(line * suppliers + np.concatenate(who), return_inverse=True)
    of_bought, of_refusals, of_said = np.split(place, np.cumsum([len(who[0]) + len(who[1]), len(who[2])]))
    amount = np.zeros(len(pair), np.int64)
    np.add.at(amount, of_bought, np.concatenate([bought.amount, approved.amount]))
    refused, blacklisted, preferred = (np.zeros(len(pair), np.bool_) for _ in range(3))
    refused[of_refusals] = True
    blacklisted[of_said[said.blacklisted]] = True
    preferred[of_said[~said.blacklisted]] = True
    starts = np.searchsorted(pair // suppliers, np.arange(lines + 1))
    return _History(starts, pair % suppliers, amount, refused, blacklisted, preferred)


def _related(columns: Columns) -> tuple[Ints, Ints]:
    """Per supplier, the leaders (codes, -1: lines without one) with whom it has an equity link: (starts, leaders)."""
    rows = columns.incumbents
    leader = columns.products.leader[columns.lines.product[rows.line[rows.related]]]
    pairs = np.unique(np.stack([rows.supplier[rows.related], leader]), axis=1)
    return np.searchsorted(pairs[0], np.arange(len(columns.suppliers.party) + 1)), np.ascontiguousarray(pairs[1])


def _told(amounts: Ints, units: Ints, conversions: Conversions, *, per_unit: bool) -> tuple[Ints, Floats]:
    """Amounts per offered unit, told for the line's unit, by the kind of conversion: (kinds, rows).

    A minimum order counts units, of which the line may have smaller or larger ones; a price is asked `per_unit`, so it
    goes the other way. Exact fractions, rounded up, and as floats.
    """
    whole = np.broadcast_to(amounts, (len(conversions.exact), len(amounts))).copy()
    number = whole.astype(np.float64)
    for kind in range(1, len(conversions.exact)):
        offering = np.isin(units, np.nonzero((conversions.kind == kind).any(axis=1))[0]) & (amounts != NOT_TOLD)
        values, place = np.unique(amounts[offering], return_inverse=True)
        factor = 1 / conversions.exact[kind] if per_unit else conversions.exact[kind]
        exact = [int(value) * factor for value in values]
        whole[kind, offering] = np.array([min(_MOST, ceil(value)) for value in exact], np.int64)[place]
        number[kind, offering] = np.array([float(value) for value in exact])[place]
    return whole, number
