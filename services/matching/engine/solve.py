"""The whole way from a snapshot to a plan, on one page."""

from collections.abc import Callable, Sequence

from services.matching.engine.candidates import open_hall, shortlists
from services.matching.engine.canonical import canonical, original
from services.matching.engine.diagnosis import LineDiagnosis, check_adds_up, diagnose, potential
from services.matching.engine.eligibility import Bench
from services.matching.engine.encoding import columns_of
from services.matching.engine.facts import Facts, gather
from services.matching.engine.greedy import greedy_amounts
from services.matching.engine.improve import improve
from services.matching.engine.ledger import Ledger
from services.matching.engine.levers import find_levers
from services.matching.engine.market import PIECES_PER_YUAN, Market, moved_by_product, objective_of, open_market
from services.matching.engine.minimum import viable
from services.matching.engine.plan import Funnel, Lever, NearMiss, Plan, ProductTotals, Suggestion
from services.matching.engine.policy import Policy
from services.matching.engine.repair import repair
from services.matching.engine.shortlist import Candidate, Shortlist, shortlist_of
from services.matching.engine.snapshot import Snapshot
from services.matching.engine.targets import Optimum, alone, first_guess, optimum


def solve(snapshot: Snapshot, policy: Policy, progress: Callable[[str], None]) -> Plan:
    """Make the plan of a snapshot under a policy.

    The same snapshot and policy give the same plan, whatever the order of the rows. `progress` is told the name (zh)
    of each step as it begins, so that the caller can show and time it. Positions in the plan are those of `snapshot`.
    """
    ordered, orders = canonical(snapshot)
    facts = gather(ordered, policy)
    progress("检索候选")
    found = shortlists(open_hall(columns_of(ordered, policy)))
    progress("核对资格并评分")
    bench = Bench(facts)
    lists = [shortlist_of(facts, bench, found, line) for line in range(len(ordered.lines))]
    market = open_market(facts, ((c.line, c.capability, c.score) for found in lists for c in found.candidates))
    progress("求各产品单独可达")
    everything = range(len(market.offers))
    own = alone(market, everything)
    progress("求共同最优")
    joint = optimum(market, everything, first_guess(market, own))
    progress("求上界")
    bound = optimum(market, viable(market), joint.counting)
    progress("落实最小份额与件数")
    ledger = repair(market, bound)
    improve(ledger, viable(market))
    progress("寻找抓手")
    levers = find_levers(facts, lists, _served(market, bound.amounts), bound.counting)
    progress("诊断并写出理由")
    greedy = greedy_amounts(market)
    return original(_write(facts, lists, ledger, (joint, bound), own, greedy, levers), orders)


def _write(
    facts: Facts,
    lists: list[Shortlist],
    ledger: Ledger,
    optima: tuple[Optimum, Optimum],
    own: list[int],
    greedy: list[int],
    levers: list[Lever],
) -> Plan:
    market, (joint, bound) = ledger.market, optima
    reached, best = objective_of(market, ledger.amounts), objective_of(market, bound.amounts)
    diagnosed = _diagnose(facts, lists, ledger)
    totals = zip(joint.moved, own, moved_by_product(market, greedy), strict=True)
    return Plan(
        objective=reached,
        bound=best,
        greedy=objective_of(market, greedy),
        gap=(best.total - reached.total) / best.total if best.total else 0.0,
        suggestions=_suggestions(facts, lists, ledger),
        near_misses=_near_misses(facts, lists, ledger),
        funnels=_funnels(lists, ledger),
        diagnosis=[row.spend for row in diagnosed],
        unknown_reasons=[row.unknown for row in diagnosed],
        products=[ProductTotals(product, *row) for product, row in enumerate(totals)],
        levers=levers,
    )


def _served(market: Market, amounts: Sequence[int]) -> list[int]:
    served = [0] * len(market.movable)
    for offer, amount in zip(market.offers, amounts, strict=True):
        served[offer.line] += amount
    return served


def _suggestions(facts: Facts, lists: list[Shortlist], ledger: Ledger) -> list[Suggestion]:
    candidates = {(c.line, c.capability): c for found in lists for c in found.candidates}
    taken = [(row, amount) for row, amount in zip(ledger.market.offers, ledger.amounts, strict=True) if amount]
    return [_suggestion(facts, candidates[row.line, row.capability], amount) for row, amount in taken]


def _suggestion(facts: Facts, found: Candidate, amount: int) -> Suggestion:
    price = facts.snapshot.lines[found.line].unit_price
    return Suggestion(
        line=found.line,
        supplier=found.supplier,
        capability=found.capability,
        amount=amount,
        quantity=amount * PIECES_PER_YUAN // price if price else None,
        score=found.score,
        score_parts=found.parts,
        evidence=found.evidence,
    )


def _near_misses(facts: Facts, lists: list[Shortlist], ledger: Ledger) -> list[NearMiss]:
    """The near misses that could still bring something to their line."""
    rows = ((near, potential(facts, ledger, near)) for found in lists for near in found.near)
    return [
        NearMiss(near.line, near.supplier, near.capability, near.rule, near.evidence, near.score, most)
        for near, most in rows
        if most > 0
    ]


def _funnels(lists: list[Shortlist], ledger: Ledger) -> list[Funnel]:
    taken = [0] * len(lists)
    for row, amount in zip(ledger.market.offers, ledger.amounts, strict=True):
        taken[row.line] += amount > 0
    return [Funnel(found.line, found.retrieved, found.eligible, taken[found.line], found.removed) for found in lists]


def _diagnose(facts: Facts, lists: list[Shortlist], ledger: Ledger) -> list[LineDiagnosis]:
    offers: list[list[int]] = [[] for _ in lists]
    for offer, row in enumerate(ledger.market.offers):
        offers[row.line].append(offer)
    found = [diagnose(facts, row.line, row, ledger, offers[row.line]) for row in lists]
    for line, diagnosis in zip(facts.snapshot.lines, found, strict=True):
        check_adds_up(line, diagnosis)
    return found
