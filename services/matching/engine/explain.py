"""A run's numbers as a plan for people: every suggestion with its evidence, every near miss with what its cure brings.

Only what is shown gets words: pairs in the plan, and near misses through which something could still flow.
"""

from collections.abc import Callable

import numpy as np

from services.matching.engine.candidates.judging import RULES
from services.matching.engine.candidates.pairs import Pairs as SearchedPairs
from services.matching.engine.columns import Bools, Columns
from services.matching.engine.diagnosis import as_rows, diagnose
from services.matching.engine.judgement.eligibility import Bench
from services.matching.engine.judgement.facts import Facts
from services.matching.engine.judgement.scores import score_parts
from services.matching.engine.optimise import Optimised
from services.matching.engine.plan import Funnel, NearMiss, Plan, ProductTotals, Suggestion
from services.matching.engine.raise_rate.market import Ints, moved_by_product, objective_of
from services.matching.engine.raise_rate.opening import Pairs, limits_of
from services.matching.engine.snapshot import PIECES_PER_YUAN
from services.matching.engine.what_if.capacity import capacity_values
from services.matching.engine.what_if.cures import cluster_sets, remedies, smallest_sets
from services.matching.engine.what_if.kept import Kept
from services.matching.engine.what_if.levers import find_levers, near_gains
from services.matching.engine.what_if.near import NearRow, near_row
from services.matching.engine.what_if.union import keep, unite

MOST_NEAR_MISSES = 20_000
"""How many near misses get words and an exact value, those of most potential: a large province has millions."""


def explain(facts: Facts, found: Optimised, progress: Callable[[str], None]) -> Plan:
    """Write the plan. Positions are those of the snapshot in `facts`, which the columns were made of."""
    bench = Bench(facts)
    progress("寻找抓手")
    kept, near, offers, near_misses = _near_misses(facts, bench, found)
    levers = find_levers(facts.snapshot, kept, near, offers)
    every = remedies(near, offers)
    cures, cluster_cures = smallest_sets(kept, every), cluster_sets(kept, facts.snapshot, every)
    capacity = capacity_values(kept, found.trade)
    progress("诊断并写出理由")
    market, ledger = found.market, found.ledger
    reached, best = objective_of(market, ledger.amounts), objective_of(market, found.bound.amounts)
    diagnosis = diagnose(found.columns, found.trade, ledger, found.lists)
    totals = (found.joint.moved, found.own, moved_by_product(market, found.greedy))
    return Plan(
        objective=reached,
        bound=best,
        greedy=objective_of(market, found.greedy),
        gap=(best.total - reached.total) / best.total if best.total else 0.0,
        suggestions=_suggestions(facts, bench, found),
        near_misses=near_misses,
        funnels=_funnels(found),
        diagnosis=as_rows(diagnosis.spend),
        unknown_reasons=as_rows(diagnosis.unknown),
        products=[
            ProductTotals(at, *row) for at, row in enumerate(zip(*(each.tolist() for each in totals), strict=True))
        ],
        levers=levers,
        cures=cures,
        cluster_cures=cluster_cures,
        capacity_values=capacity,
        mode=found.mode,
        newcomers=found.newcomers,
    )


def _near_misses(facts: Facts, bench: Bench, found: Optimised) -> tuple[Kept, list[NearRow], Ints, list[NearMiss]]:
    """The near misses by which something may still come, to their own line or, through a chain, to another one.

    In the order of line, supplier, capability; with the optimum on which they are tried, and their offers there.
    """
    near, eligible = found.lists.near, found.lists.candidates
    union = unite(found.columns, found.trade, _pairs(eligible), _pairs(near))
    kept = keep(union, found.market, found.bound.amounts)
    most = limits_of(found.trade, near.line, near.capability).most
    potential = np.minimum(most, found.ledger.line_left[near.line])
    able = np.flatnonzero((potential > 0) | _may_gain(kept, union.near))
    shown = np.sort(able[np.lexsort((-most[able], -potential[able]))[:MOST_NEAR_MISSES]])
    columns = (near.line[shown], near.capability[shown], near.score[shown])
    told = [near_row(facts, bench, *row) for row in zip(*(column.tolist() for column in columns), strict=True)]
    gains, by_product = near_gains(kept, union.near[shown])
    rows = [
        NearMiss(row.line, row.supplier, row.capability, row.rule, said, row.score, reach, gain, products)
        for (row, said), reach, gain, products in zip(told, potential[shown].tolist(), gains, by_product, strict=True)
    ]
    return kept, [row for row, _ in told], union.near[shown], [row for row in rows if row.potential or row.gain != 0]


def _pairs(found: SearchedPairs) -> Pairs:
    return Pairs(found.line, found.capability, found.score)


def _may_gain(kept: Kept, offers: Ints) -> Bools:
    """Which of these closed offers (-1: none) may bring something if opened alone."""
    found = np.zeros(len(offers), np.bool_)
    there = np.flatnonzero(offers >= 0)
    found[there] = kept.may_gain(offers[there])
    return found


def _suggestions(facts: Facts, bench: Bench, found: Optimised) -> list[Suggestion]:
    market, amounts = found.market, found.ledger.amounts
    taken = np.flatnonzero(amounts)
    line, capability = market.line[taken], market.capability[taken]
    text = found.lists.candidates.text[_among(found, line, capability)]
    rows = zip(line.tolist(), capability.tolist(), amounts[taken].tolist(), text.tolist(), strict=True)
    return [_suggestion(facts, bench, *row) for row in rows]


def _among(found: Optimised, line: Ints, capability: Ints) -> Ints:
    """Where these pairs stand among the candidates."""
    size, candidates = len(found.market.stock), found.lists.candidates
    keys = candidates.line * size + candidates.capability
    order = np.argsort(keys)
    return np.asarray(order[np.searchsorted(keys, line * size + capability, sorter=order)], np.int64)


def _suggestion(facts: Facts, bench: Bench, line: int, capability: int, amount: int, text: float) -> Suggestion:
    pair = facts.pair(line, capability)
    price, parts = pair.line.unit_price, score_parts(facts, pair, text)
    return Suggestion(
        line=line,
        supplier=pair.capability.supplier,
        capability=capability,
        amount=amount,
        quantity=amount * PIECES_PER_YUAN // price if price else None,
        score=sum(parts.values()),
        score_parts=parts,
        evidence=bench.judge(pair).evidence,
    )


def _funnels(found: Optimised) -> list[Funnel]:
    lists, market = found.lists, found.market
    taken = np.bincount(market.line[found.ledger.amounts > 0], minlength=len(lists.retrieved))
    rows = zip(lists.retrieved.tolist(), lists.eligible.tolist(), taken.tolist(), lists.removed.tolist(), strict=True)
    guessed = _guessed(found.columns)
    return [
        Funnel(
            line,
            retrieved,
            eligible,
            used,
            {rule: n for rule, n in zip(RULES, removed, strict=True) if n},
            guessed.get(line),
        )
        for line, (retrieved, eligible, used, removed) in enumerate(rows)
    ]


def _guessed(columns: Columns) -> dict[int, str]:
    """The classes that were read from words, by line."""
    classes, lines = columns.vocabulary.classes, np.flatnonzero(columns.lines.class_guessed)
    codes = columns.lines.class_code[lines]
    return {line: classes[code] for line, code in zip(lines.tolist(), codes.tolist(), strict=True)}
