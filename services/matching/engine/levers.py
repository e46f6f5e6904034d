"""Levers: what curing all near misses of one kind in one city would bring, by an exact re-solve.

Near misses are grouped by rule, by what is lacking (a scheme, a parameter) and by city. The groups that could bring
most are solved anew with their pairs eligible: only the islands that they touch. Gains are differences of two optima
without the repair that the minimum asks for (pairs that cannot reach it are gone on both sides), so they are exact.
No line gets less than before: a flow grows to its maximum along augmenting paths, which never take from a line.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from services.matching.engine.facts import Facts
from services.matching.engine.islands import islands
from services.matching.engine.market import Market, moved_by_product, open_market
from services.matching.engine.minimum import viable
from services.matching.engine.plan import Lever, Rule
from services.matching.engine.shortlist import NearPair, Shortlist
from services.matching.engine.supply_network import Counting, Terms, best_amounts, highest_capacity
from shared.codes.regions import city_of

RE_SOLVES = 24
"""How many groups are solved exactly at most; the others could bring less to what the optimum leaves unserved."""

WORK = 60_000
"""How many offers may be solved in all: on a province that is one large island, fewer groups are tried."""

Kind = tuple[Rule, str, str]


@dataclass(frozen=True)
class Basis:
    """The market with the cures of all chosen groups in it, and the optimum without any of them."""

    market: Market
    plain: frozenset[int]
    amounts: list[int]
    counting: list[Counting]


def find_levers(
    facts: Facts, lists: Sequence[Shortlist], served: Sequence[int], counting: Sequence[Counting]
) -> list[Lever]:
    """The levers that bring something, the most first. `served[line]` is what the optimum moves of a line."""
    left = [line.movable - done for line, done in zip(facts.snapshot.lines, served, strict=True)]
    chosen = _most_promising(_groups(facts, lists), left)
    if not chosen:
        return []
    basis = _basis(facts, lists, chosen, counting)
    levers: list[Lever] = []
    work = 0
    for kind, pairs in chosen:
        offers = _touched(basis, pairs)
        work += len(offers)
        if work > WORK and levers:
            break
        levers.append(_pull(facts, basis, kind, pairs, offers))
    return sorted((lever for lever in levers if lever.gain > 0), key=lambda lever: -lever.gain)


def _groups(facts: Facts, lists: Sequence[Shortlist]) -> dict[Kind, list[NearPair]]:
    groups: dict[Kind, list[NearPair]] = defaultdict(list)
    for found in lists:
        for near in found.near:
            region = facts.snapshot.suppliers[near.supplier].region
            city = city_of(region) if region else None
            groups[near.rule, near.obstacle, city or ""].append(near)
    return dict(groups)


def _most_promising(groups: dict[Kind, list[NearPair]], left: Sequence[int]) -> list[tuple[Kind, list[NearPair]]]:
    """The groups by how much is unserved on the lines that they concern."""
    unserved = {kind: sum(left[line] for line in {near.line for near in pairs}) for kind, pairs in groups.items()}
    ranked = sorted((kind for kind in groups if unserved[kind] > 0), key=lambda kind: (-unserved[kind], kind))
    return [(kind, groups[kind]) for kind in ranked[:RE_SOLVES]]


def _basis(
    facts: Facts,
    lists: Sequence[Shortlist],
    chosen: Sequence[tuple[Kind, list[NearPair]]],
    counting: Sequence[Counting],
) -> Basis:
    eligible = [(row.line, row.capability, row.score) for found in lists for row in found.candidates]
    cured = [(near.line, near.capability, near.score) for _, pairs in chosen for near in pairs]
    market = open_market(facts, [*eligible, *cured])
    keys = {(line, capability) for line, capability, _ in eligible}
    plain = frozenset(offer for offer, row in enumerate(market.offers) if (row.line, row.capability) in keys)
    linear: list[Counting] = [Counting.NONE if how is Counting.EXACT else how for how in counting]
    amounts = _optimal(market, viable(market, plain), linear, held={})
    return Basis(market, plain, amounts, linear)


def _optimal(market: Market, offers: Sequence[int], counting: list[Counting], held: dict[int, int]) -> list[int]:
    found = best_amounts(market, offers, Terms(counting, highest_capacity(market, offers), held=held))
    return [found.get(offer, 0) for offer in range(len(market.offers))]


def _touched(basis: Basis, pairs: Sequence[NearPair]) -> list[int]:
    """The offers on the islands that the group's pairs touch once they are eligible."""
    cured = {(near.line, near.capability) for near in pairs}
    new = {offer for offer, row in enumerate(basis.market.offers) if (row.line, row.capability) in cured}
    found = islands(basis.market, viable(basis.market, basis.plain | new))
    return sorted(offer for island in found if not new.isdisjoint(island) for offer in island)


def _pull(facts: Facts, basis: Basis, kind: Kind, pairs: Sequence[NearPair], offers: list[int]) -> Lever:
    """Solve the touched islands with the group's pairs eligible, and compare."""
    rule, what, city = kind
    market = basis.market
    held = _by_line(market, basis.amounts, {market.offers[offer].line for offer in offers})
    after = _optimal(market, offers, basis.counting, held)
    before = [amount if row.line in held else 0 for row, amount in zip(market.offers, basis.amounts, strict=True)]
    by_cluster = _by_cluster(facts, moved_by_product(market, before), moved_by_product(market, after))
    return Lever(
        rule=rule,
        what=what,
        city=city or None,
        suppliers=sorted({near.supplier for near in pairs}),
        gain=sum(after) - sum(before),
        cluster_gain=by_cluster,
    )


def _by_line(market: Market, amounts: Sequence[int], lines: set[int]) -> dict[int, int]:
    moved = dict.fromkeys(lines, 0)
    for row, amount in zip(market.offers, amounts, strict=True):
        if row.line in moved:
            moved[row.line] += amount
    return moved


def _by_cluster(facts: Facts, before: Sequence[int], after: Sequence[int]) -> dict[int, int]:
    gains: dict[int, int] = defaultdict(int)
    for product, less, more in zip(facts.snapshot.products, before, after, strict=True):
        if product.cluster is not None:
            gains[product.cluster] += more - less
    return {cluster: gain for cluster, gain in sorted(gains.items()) if gain}
