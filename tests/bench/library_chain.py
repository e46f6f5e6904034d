"""The rival of a whole run: a good chain of libraries, bm25s per block, rules in numpy, OR-tools per component.

It does less than a run, each time in its own favour: it looks into the line's own block only, tries as many hits as
usually leave enough that fit, takes BM25 for the whole text measure, knows neither targets nor margins, and drops what
is below the minimum instead of repairing it. Its objective is 元 in all, then 元 × score, both exact.
"""

from typing import NamedTuple

import bm25s
import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from services.matching.engine.candidates.verdicts import OTHER_DIMENSION, Verdicts, verdicts_of
from services.matching.engine.columns import NOT_TOLD, Bools, Columns, Ints, ParameterColumns

TRIED = 100
"""Hits per line; about a third of them fit."""

Floats = NDArray[np.float32]


class Hits(NamedTuple):
    """Pairs with the text's share (0–1) of the best hit of their line."""

    line: Ints
    capability: Ints
    text: Floats


class Market(NamedTuple):
    """Offers with their scores and bounds in 元, capabilities and suppliers with theirs (-1: any)."""

    line: Ints
    capability: Ints
    score: Ints
    most: Ints
    least: Ints
    movable: Ints
    capacity: Ints
    supplier: Ints
    limit: Ints


def run(columns: Columns) -> tuple[Market, Ints]:
    """The market of the k best eligible pairs, and 元 per offer before the minimum."""
    verdicts = verdicts_of(columns)
    found = [rank(columns, verdicts, fit(columns, verdicts, hits)) for hits in retrieve(columns)]
    line, capability, score = (np.concatenate(column) for column in zip(*found, strict=True))
    market = open_market(columns, line, capability, score)
    return market, solve(market)


def suggestions(market: Market, amounts: Ints) -> Ints:
    """元 per offer, without what is below the minimum."""
    return np.where(amounts >= market.least, amounts, 0)


def retrieve(columns: Columns) -> list[Hits]:
    """The best hits of each block's lines among the block's capabilities."""
    digits = columns.policy.block_level
    blocks = np.array([code[:digits] for code in columns.vocabulary.classes])
    _, of_class = np.unique(blocks, return_inverse=True)
    offered, asked = of_class[columns.capabilities.class_code], of_class[columns.lines.class_code]
    by_offer, by_line = np.argsort(offered, kind="stable"), np.argsort(asked, kind="stable")
    numbers = np.arange(of_class.max() + 2)
    offers = np.split(by_offer, np.searchsorted(offered[by_offer], numbers)[1:-1])
    lines = np.split(by_line, np.searchsorted(asked[by_line], numbers)[1:-1])
    pairs = zip(offers, lines, strict=True)
    return [_search(columns, rows, wanted) for rows, wanted in pairs if len(rows) and len(wanted)]


def _search(columns: Columns, rows: Ints, wanted: Ints) -> Hits:
    offers, lines = columns.capabilities, columns.lines
    texts = [np.repeat(offers.token[at], offers.times[at]) for at in _spans(offers.token_starts, rows)]
    known, ids = np.unique(np.concatenate(texts), return_inverse=True)
    corpus = np.split(ids, np.cumsum([len(text) for text in texts])[:-1])
    index = bm25s.BM25(backend="numba")
    vocabulary = {str(token): number for number, token in enumerate(known.tolist())}
    index.index((list(map(np.ndarray.tolist, corpus)), vocabulary), create_empty_token=True, show_progress=False)
    queries = [_known(lines.token[at], known) for at in _spans(lines.token_starts, wanted)]
    most = min(TRIED, len(rows))
    found, scores = index.retrieve(queries, k=most, show_progress=False)
    share = scores / np.maximum(scores[:, :1], 1e-9)
    hit = scores > 0
    return Hits(np.repeat(wanted, most)[hit.ravel()], rows[found[hit]], share[hit])


def _spans(starts: Ints, rows: Ints) -> list[slice]:
    return [slice(*span) for span in zip(starts[rows].tolist(), starts[rows + 1].tolist(), strict=True)]


def _known(tokens: Ints, known: Ints) -> list[int]:
    place = np.searchsorted(known, tokens)
    held = place < len(known)
    found: list[int] = place[held][known[place[held]] == tokens[held]].tolist()
    return found


def fit(columns: Columns, verdicts: Verdicts, hits: Hits) -> Hits:
    """The hits that all rules let pass: the cheap ones first, each on what the former ones left."""
    for rule in (_firm, _terms, _history, _certificates, _parameters):
        kept = rule(columns, verdicts, hits.line, hits.capability)
        hits = Hits(hits.line[kept], hits.capability[kept], hits.text[kept])
    return hits


def _firm(columns: Columns, verdicts: Verdicts, line: Ints, capability: Ints) -> Bools:
    """Verified, not the leader itself, local, near enough."""
    firms, products = columns.suppliers, columns.products
    who, product = columns.capabilities.supplier[capability], columns.lines.product[line]
    kept = verdicts.admitted[firms.status[who]] & (firms.party[who] != products.leader[product])
    kept &= verdicts.local[products.anchor[product], firms.place[who]]
    limit = columns.lines.distance_limit_km[line]
    kilometres = verdicts.kilometres[products.leader_region[product], firms.region[who]]
    return kept & ((limit == NOT_TOLD) | ((kilometres >= 0) & (kilometres <= limit)))


def _terms(columns: Columns, verdicts: Verdicts, line: Ints, capability: Ints) -> Bools:
    """Unit, minimum order, lead time, price."""
    lines, offers = columns.lines, columns.capabilities
    offered, asked = offers.unit[capability], lines.unit[line]
    factor = verdicts.units.factor[offered, asked]
    kept = verdicts.units.kind[offered, asked] != OTHER_DIMENSION
    limit = np.where(lines.max_moq == NOT_TOLD, lines.quantity, np.minimum(lines.max_moq, lines.quantity))[line]
    moq, days, price = offers.moq[capability], offers.lead_time_days[capability], offers.unit_price[capability]
    kept &= (moq == NOT_TOLD) | (limit == NOT_TOLD) | (moq * factor <= limit)
    asked_days, ceiling = lines.lead_time_days[line], lines.price_ceiling[line]
    kept &= (asked_days == NOT_TOLD) | ((days != NOT_TOLD) & (days <= asked_days))
    return kept & ((ceiling == NOT_TOLD) | ((price != NOT_TOLD) & (price <= ceiling * factor)))


def _history(columns: Columns, _: Verdicts, line: Ints, capability: Ints) -> Bools:
    """Neither refused, nor supplying all of it, nor related."""
    suppliers = len(columns.suppliers.party)
    refused, held = columns.exclusions, columns.incumbents
    key = line * suppliers + columns.capabilities.supplier[capability]
    full = held.amount >= (columns.lines.spend - columns.lines.excluded)[held.line]
    leader = columns.products.leader[columns.lines.product]
    related = leader[held.line[held.related]] * suppliers + held.supplier[held.related]
    blocked = np.concatenate(
        [refused.line * suppliers + refused.supplier, (held.line * suppliers + held.supplier)[full]]
    )
    own = leader[line] * suppliers + columns.capabilities.supplier[capability]
    return ~np.isin(key, blocked) & ~np.isin(own, related)


def _certificates(columns: Columns, verdicts: Verdicts, line: Ints, capability: Ints) -> Bools:
    """Every scheme that the line asks for is proven at the day."""
    firms, lines = columns.suppliers, columns.lines
    until = np.full((len(firms.party), len(verdicts.proves)), -1, np.int64)
    owner = np.repeat(np.arange(len(firms.party)), np.diff(firms.scheme_starts))
    for scheme in range(len(verdicts.proves)):
        shown = verdicts.proves[firms.scheme, scheme]
        np.maximum.at(until[:, scheme], owner[shown], firms.valid_until[shown])
    pair, at = _each(lines.scheme_starts, line)
    late = until[columns.capabilities.supplier[capability[pair]], lines.scheme[at]] < lines.on_day[at]
    return np.bincount(pair[late], minlength=len(line)) == 0


def _parameters(columns: Columns, _: Verdicts, line: Ints, capability: Ints) -> Bools:
    """Every interval that the line asks for lies in the offered one of that name."""
    asked, offered = columns.lines.parameters, columns.capabilities.parameters
    low, high = _bounds(offered, len(columns.vocabulary.parameters))
    pair, at = _each(asked.starts, line)
    who, name = capability[pair], asked.name[at]
    outside = (low[who, name] > asked.low[at]) | (high[who, name] < asked.high[at])
    return np.bincount(pair[outside], minlength=len(line)) == 0


def _bounds(parameters: ParameterColumns, names: int) -> tuple[Ints, Ints]:
    """Per capability and name, the bounds; an empty interval where there is none."""
    rows = len(parameters.starts) - 1
    low, high = np.full((rows, names), 2**40, np.int64), np.full((rows, names), -1, np.int64)
    row = np.repeat(np.arange(rows), np.diff(parameters.starts))
    low[row, parameters.name], high[row, parameters.name] = parameters.low, parameters.high
    return low, high


def _each(starts: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """The items of the rows' lists: (which row of `rows`, position of the item)."""
    count = starts[rows + 1] - starts[rows]
    which = np.repeat(np.arange(len(rows)), count)
    return which, np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + starts[rows][which]


def rank(columns: Columns, verdicts: Verdicts, hits: Hits) -> tuple[Ints, Ints, Ints]:
    """The k best of each line by score: (line, capability, score)."""
    score = _score(columns, verdicts, hits)
    order = np.lexsort((hits.capability, -score, hits.line))
    line = hits.line[order]
    place = np.arange(len(line)) - np.searchsorted(line, line)
    kept = order[place < (columns.policy.candidates_per_need or len(order))]
    return hits.line[kept], hits.capability[kept], score[kept]


def _score(columns: Columns, verdicts: Verdicts, hits: Hits) -> Ints:
    """Text, class, price, distance, lead time, newcomer: six of the nine parts."""
    lines, offers, firms = columns.lines, columns.capabilities, columns.suppliers
    points, line, capability = columns.policy.weights, hits.line, hits.capability
    who = offers.supplier[capability]
    kilometres = verdicts.kilometres[columns.products.leader_region[lines.product[line]], firms.region[who]]
    price, days = offers.unit_price[capability], offers.lead_time_days[capability]
    cheap = np.where(price == NOT_TOLD, 0, 1 - price / (2 * lines.unit_price[line]))
    quick = np.where(days == NOT_TOLD, 0, 1 - days / 120)
    score = points.text * hits.text.astype(np.float64)
    near = np.where(lines.class_code[line] == offers.class_code[capability], 1, 0.75)  # Wu–Palmer within a group
    score += points.class_nearness * near
    score += points.price * np.clip(cheap, 0, 1) + points.lead_time * np.clip(quick, 0, 1)
    score += points.distance * np.clip(1 - kilometres / 500, 0, 1) + points.newcomer * ~firms.known[who]
    found: Ints = score.astype(np.int64)
    return found


def open_market(columns: Columns, line: Ints, capability: Ints, score: Ints) -> Market:
    """What can flow: by the cap, what may move, and the capacity; pairs below their minimum are left out."""
    lines, offers, policy = columns.lines, columns.capabilities, columns.policy
    pieces = offers.capacity_units[capability] // 1000 * lines.unit_price[line] // 10_000
    told = offers.capacity_yuan[capability] != NOT_TOLD
    stated = told | (offers.capacity_units[capability] != NOT_TOLD)
    worth = np.where(told, offers.capacity_yuan[capability], pieces)
    most = np.minimum(lines.movable, (policy.supplier_cap * lines.spend).astype(np.int64))[line]
    most = np.where(stated, np.minimum(most, worth), most)
    least = np.ceil(policy.minimum_share * lines.spend).astype(np.int64)[line]
    capacity = np.full(len(offers.supplier), NOT_TOLD, np.int64)
    np.maximum.at(capacity, capability[stated], worth[stated])
    kept = (most > 0) & (most >= least)
    line, capability, score, most, least = (column[kept] for column in (line, capability, score, most, least))
    return Market(
        line, capability, score, most, least, lines.movable, capacity, offers.supplier, columns.suppliers.total_capacity
    )


class Arcs(NamedTuple):
    """A network over all lines, capabilities and limited suppliers; the offers' arcs come first."""

    tail: Ints
    head: Ints
    capacity: Ints
    gain: Ints
    supply: Ints
    hub: int


def arcs_of(market: Market) -> Arcs:
    """line → capability → supplier, if limited → hub, and line → hub for what stays."""
    lines, capabilities = len(market.movable), len(market.capacity)
    hub = lines + capabilities + len(market.limit)
    used, asked = np.unique(market.capability), np.unique(market.line)
    firm = market.supplier[used]
    limited = np.unique(firm[market.limit[firm] != NOT_TOLD])
    out = np.where(market.limit[firm] != NOT_TOLD, lines + capabilities + firm, hub)
    room = np.where(market.capacity[used] == NOT_TOLD, 2**50, market.capacity[used])
    tail = (market.line, lines + used, lines + capabilities + limited, asked)
    head = (lines + market.capability, out, np.full(len(limited), hub), np.full(len(asked), hub))
    supply = np.zeros(hub + 1, np.int64)
    supply[asked] = market.movable[asked]
    supply[hub] = -supply.sum()
    gain = np.concatenate([market.score, np.full(len(used) + len(limited) + len(asked), -1)])
    width = (market.most, room, market.limit[limited], market.movable[asked])
    return Arcs(np.concatenate(tail), np.concatenate(head), np.concatenate(width), gain, supply, hub)


def solve(market: Market) -> Ints:
    """元 per offer: most in all, then best score; component by component, the hub being a node of each."""
    arcs = arcs_of(market)
    inner = arcs.head != arcs.hub
    links = coo_matrix((np.ones(inner.sum(), bool), (arcs.tail[inner], arcs.head[inner])), (arcs.hub, arcs.hub))
    count, label = connected_components(links, directed=False)
    order = np.argsort(label[arcs.tail], kind="stable")
    parts = np.split(order, np.searchsorted(label[arcs.tail][order], np.arange(1, count)))
    flow = np.zeros(len(arcs.tail), np.int64)
    for part in parts:
        if len(part):
            flow[part] = _solve_part(arcs, part)
    return flow[: len(market.line)]


def _solve_part(arcs: Arcs, part: Ints) -> Ints:
    nodes, ends = np.unique(np.concatenate([arcs.tail[part], arcs.head[part]]), return_inverse=True)
    supply = arcs.supply[nodes].copy()
    supply[-1] = -supply[:-1].sum()  # the hub has the last number
    outweighs = 1 + 2 * 1000 * len(nodes)
    cost = np.where(arcs.gain[part] >= 0, -(outweighs + arcs.gain[part]), 0)
    solver = SimpleMinCostFlow()
    half = len(part)
    solver.add_arcs_with_capacity_and_unit_cost(ends[:half], ends[half:], arcs.capacity[part], cost)
    solver.set_nodes_supplies(np.arange(len(nodes)), supply)
    assert solver.solve() == solver.OPTIMAL
    return np.asarray(solver.flows(np.arange(half)), np.int64)
