"""Lines that may be split: a linear program, by HiGHS, made exact.

The vertex that HiGHS finds is known by which pairs carry something and which capacities and sides are full: that is a
small system of equations, solved in fractions for the shares, and transposed for the prices, which prove the bound.
"""

from collections.abc import Sequence
from fractions import Fraction

from services.matching.engine.assignment.core import Choice, Core, Floats
from services.matching.engine.assignment.deadline import Deadline
from services.matching.engine.assignment.found import INFEASIBLE, NOTHING, Found, keeps, value_of
from services.matching.engine.assignment.highs import Relaxed, in_fractions, priced_bound, relax
from services.matching.engine.assignment.rational import solve_exactly

CARRIES = (1e-8, 1e-12)
"""A share above the first is not HiGHS's rounding; a share asked for that is almost 1 has such above the second."""

SIMPLE = (10**3, 10**6)
"""Prices are mostly ratios of small numbers; that is where a degenerate vertex, which many prices fit, is proven."""

GRID = 10**12
"""Where a vertex has shares that no decimal ends, they are sought in such parts."""

Shares = tuple[tuple[int, Fraction], ...]
Row = tuple[int, Fraction]
Prices = tuple[list[Fraction], list[Fraction]]


def split_lines(core: Core, deadline: Deadline, _start: Choice | None = None) -> Found:
    """The least Σ weight·x where lines may be split."""
    relaxed = relax(core, deadline)
    if relaxed.x is None:
        return INFEASIBLE if relaxed.infeasible else NOTHING
    vertices = [_vertex(core, relaxed.x, least) for least in CARRIES]
    kept = [vertex for vertex in vertices if vertex is not None and keeps(core, vertex)]
    shares = min(kept, key=lambda vertex: value_of(core, vertex)) if kept else _within(core, relaxed.x)
    return Found(shares, None if shares is None else value_of(core, shares), exact_bound(core, relaxed))


def exact_bound(core: Core, relaxed: Relaxed) -> Fraction:
    """The best bound that the relaxation's prices prove: as HiGHS says them, and solved exactly at its vertex."""
    prices = in_fractions(relaxed.capacity_price), in_fractions(relaxed.side_price)
    bounds = [priced_bound(core, *prices), *(priced_bound(core, *_simple(prices, most)) for most in SIMPLE)]
    if relaxed.x is not None:
        exact = (_exact_prices(core, _carried(core, relaxed.x, least), *prices) for least in CARRIES)
        bounds += [priced_bound(core, *each) for each in exact if each is not None]
    return max(bounds)


def _simple(prices: Prices, most: int) -> Prices:
    """The prices as the nearest fractions with a denominator of at most `most`."""
    own, tied = ([price.limit_denominator(most) for price in some] for some in prices)
    return own, tied


def in_decimals(core: Core, shares: Shares) -> Shares:
    """The same shares as decimals that end, where that can be done within all conditions; else unchanged."""
    if all(10**15 % share.denominator == 0 for _, share in shares):
        return shares
    by_line = _by_line(core, shares)
    for turn in range(max(len(members) for members in by_line)):
        moved = tuple(row for members in by_line for row in _on_grid(members, turn))
        if keeps(core, moved):
            return moved
    return shares


def _on_grid(members: Sequence[Row], turn: int) -> list[Row]:
    """A line's shares cut to the grid; what is cut goes to one of its pairs, by turns."""
    cut = [(pair, Fraction(int(share * GRID), GRID)) for pair, share in members]
    rest = 1 - sum((share for _, share in cut), Fraction(0))
    taker = turn % len(cut)
    cut[taker] = (cut[taker][0], cut[taker][1] + rest)
    return [row for row in cut if row[1] > 0]


def _by_line(core: Core, shares: Sequence[Row]) -> list[list[Row]]:
    found: list[list[Row]] = [[] for _ in range(core.lines)]
    for pair, share in shares:
        found[core.line[pair]].append((pair, share))
    return found


def _vertex(core: Core, x: Floats, least: float) -> Shares | None:
    """The vertex near x, whose shares are above `least`, in fractions; None where its equations contradict."""
    carried = _carried(core, x, least)
    unknown = [pair for members in carried if len(members) > 1 for pair, _ in members]
    place = {pair: position for position, pair in enumerate(unknown)}
    rows = [{place[pair]: Fraction(1) for pair, _ in members} for members in carried if len(members) > 1]
    right = [Fraction(1)] * len(rows)
    fixed = [members[0][0] for members in carried if len(members) == 1]
    for coefficient, limit in _full(core, x, least):
        row = {place[pair]: coefficient[pair] for pair in unknown if coefficient.get(pair)}
        if row:
            rows.append(row)
            right.append(limit - sum((coefficient.get(pair, Fraction(0)) for pair in fixed), Fraction(0)))
    guess = [Fraction(float(x[pair])).limit_denominator(10**6) for pair in unknown]
    found = solve_exactly(rows, right, guess)
    if found is None:
        return None
    shares = [(pair, Fraction(1)) for pair in fixed] + list(zip(unknown, found, strict=True))
    return tuple(sorted((pair, share) for pair, share in shares if share))


def _carried(core: Core, x: Floats, least: float) -> list[list[tuple[int, float]]]:
    found: list[list[tuple[int, float]]] = [[] for _ in range(core.lines)]
    for pair in (x > least).nonzero()[0].tolist():
        found[core.line[pair]].append((pair, float(x[pair])))
    return found


def _full(core: Core, x: Floats, least: float) -> list[tuple[dict[int, Fraction], Fraction]]:
    """Capacities and sides that x fills, as (coefficient per carrying pair, limit)."""
    carrying = (x > least).nonzero()[0].tolist()
    rows: list[tuple[dict[int, Fraction], Fraction]] = []
    by_supplier: dict[int, list[int]] = {}
    for pair in carrying:
        by_supplier.setdefault(int(core.supplier[pair]), []).append(pair)
    for supplier, pairs in sorted(by_supplier.items()):
        limit = core.capacity[supplier]
        if limit is not None:
            rows.append(({pair: Fraction(core.use[pair]) for pair in pairs}, Fraction(limit)))
    rows += [
        ({pair: Fraction(side.coefficient[pair]) for pair in carrying}, Fraction(side.limit)) for side in core.sides
    ]
    return [(row, limit) for row, limit in rows if _is_full(row, limit, x)]


def _is_full(row: dict[int, Fraction], limit: Fraction, x: Floats) -> bool:
    terms = [float(value) * float(x[pair]) for pair, value in row.items()]
    size = max(1e-300, abs(float(limit)), *(abs(term) for term in terms))
    return abs(sum(terms) - float(limit)) <= 1e-7 * size


def _exact_prices(
    core: Core, carried: Sequence[Sequence[tuple[int, float]]], own: Sequence[Fraction], tied: Sequence[Fraction]
) -> tuple[list[Fraction], list[Fraction]] | None:
    """Prices at which all pairs that carry something of a split line cost it the same, exactly."""
    prices = [*own, *tied]
    split = [members for members in carried if len(members) > 1]
    rows: list[dict[int, Fraction]] = []
    right: list[Fraction] = []
    for members in split:
        first = members[0][0]
        for pair, _ in members[1:]:
            row = _priced(core, pair)
            for price, coefficient in _priced(core, first).items():
                row[price] = row.get(price, Fraction(0)) - coefficient
            rows.append({price: value for price, value in row.items() if value and prices[price]})
            right.append(Fraction(core.weight[first] - core.weight[pair]))
    found = solve_exactly(rows, right, prices)
    if found is None or any(price < 0 for price in found):
        return None
    return found[: len(own)], found[len(own) :]


def _priced(core: Core, pair: int) -> dict[int, Fraction]:
    row = {int(core.supplier[pair]): Fraction(core.use[pair])}
    for position, side in enumerate(core.sides):
        row[len(core.capacity) + position] = Fraction(side.coefficient[pair])
    return row


def _within(core: Core, x: Floats) -> Shares | None:
    """x itself on the grid, where it keeps everything as it is; None otherwise."""
    shares_of = _carried(core, x, CARRIES[0])
    carried = [[(pair, Fraction(int(share * GRID), GRID)) for pair, share in members] for members in shares_of]
    for turn in range(max((len(members) for members in carried), default=0)):
        shares = tuple(row for members in carried for row in _on_grid(members, turn))
        if keeps(core, shares):
            return shares
    return None
