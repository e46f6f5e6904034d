"""A plan in another mode than raise_rate: the market as the modes read it, and what they answer as a ledger."""

from collections.abc import Callable
from math import ceil

import numpy as np

from services.matching.engine.assignment.problem import Status
from services.matching.engine.columns import Columns, Ints
from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.modes.least_change import least_change
from services.matching.engine.modes.problem import MILLION, ModeProblem, ModeResult, ModeTerms, needed
from services.matching.engine.modes.whole_lines import single_source
from services.matching.engine.modes.within_cost import within_cost
from services.matching.engine.plan import ModeOutcome
from services.matching.engine.policy import Mode, Policy, exact_share
from services.matching.engine.raise_rate.ledger import Ledger, booked
from services.matching.engine.raise_rate.market import Market
from services.matching.engine.raise_rate.opening import Trade

MODES: dict[Mode, Callable[[ModeProblem, ModeTerms], ModeResult]] = {
    Mode.LEAST_CHANGE: least_change,
    Mode.WITHIN_COST: within_cost,
    Mode.SINGLE_SOURCE: single_source,
}


def plan_in_mode(columns: Columns, trade: Trade, market: Market) -> tuple[Ledger, ModeOutcome]:
    """The plan of the policy's mode. Capacities stated in pieces at several prices count at the lowest price here."""
    policy = columns.policy
    if policy.mode is Mode.SINGLE_SOURCE:
        market = _without_cap(market)
    problem, terms = _problem(columns, trade, market), _terms(policy)
    found = MODES[policy.mode](problem, terms)
    ledger = booked(market, found.amounts)
    if not np.array_equal(ledger.amounts, found.amounts):
        raise ArithmeticError(f"the plan of mode {policy.mode} overbooks: a fault of ours")
    return ledger, _outcome(policy.mode, problem, terms, found)


def _terms(policy: Policy) -> ModeTerms:
    return ModeTerms(
        target=exact_share(policy.mode_target),
        switching_per_pair=policy.switching_per_pair,
        switching_per_million=int(exact_share(policy.switching_share) * MILLION),
        tolerance=exact_share(policy.cost_tolerance),
        time_limit=policy.time_limit_seconds,
    )


def _problem(columns: Columns, trade: Trade, market: Market) -> ModeProblem:
    lines, first = columns.lines, market.pair_start[:-1]
    return ModeProblem(
        line=market.line,
        capability=market.capability,
        gate=market.pair,
        most=market.most,
        order=market.least,
        difference=_dearer(columns, trade, market),
        cap=market.cap,
        least=market.minimum,
        opened=_already(columns, market.line[first], market.supplier[first]),
        movable=market.movable,
        local=lines.local_now + lines.committed,
        counted=lines.spend - lines.excluded,
        product=market.product,
        capacity=_least_worth(market),
        supplier=columns.capabilities.supplier,
        supplier_limit=market.limit,
    )


def _without_cap(market: Market) -> Market:
    """The market without the dual-source cap: a line with one source has no second one."""
    most = np.minimum(market.movable[market.line], np.minimum(market.limit[market.supplier], market.reach))
    return market._replace(most=np.ascontiguousarray(most), cap=np.full_like(market.cap, UNLIMITED))


def _least_worth(market: Market) -> Ints:
    """What each capability is worth in 元 at the lowest price among its offers: amounts within it never overbook."""
    worth = np.full(len(market.stock), UNLIMITED, np.int64)
    limited = market.stock[market.capability] < UNLIMITED
    np.minimum.at(worth, market.capability[limited], market.reach[limited])
    return worth


def _dearer(columns: Columns, trade: Trade, market: Market) -> Ints:
    """What 1,000,000 元 of a line cost more at each offer than today, rounded up; 0 where a price is not known."""
    line, capability = market.line, market.capability
    at = columns.lines.unit[line], columns.capabilities.unit[capability]
    top, bottom = trade.top[at].astype(object), trade.bottom[at].astype(object)
    today, price = columns.lines.unit_price[line], columns.capabilities.unit_price[capability]
    known = (today > 0) & (price >= 0) & (trade.top[at] > 0)
    dearer = np.zeros(len(line), np.int64)
    asked = price[known] * top[known] * MILLION
    dearer[known] = -(-asked // (bottom[known] * today[known])) - MILLION
    return dearer


def _already(columns: Columns, line: Ints, supplier: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether a supplier delivers on a line already."""
    suppliers = len(columns.suppliers.party)
    held = columns.incumbents
    return np.isin(line * suppliers + supplier, (held.line * suppliers + held.supplier)[held.amount > 0])


def _outcome(mode: Mode, problem: ModeProblem, terms: ModeTerms, found: ModeResult) -> ModeOutcome:
    local, counted = int(problem.local.sum()), int(problem.counted.sum())
    by_cost = mode is Mode.LEAST_CHANGE and found.status is not Status.UNREACHABLE
    asked = local + int(needed(problem, terms).sum()) if mode is Mode.LEAST_CHANGE else None
    bound = found.bound
    return ModeOutcome(
        mode=mode,
        status=found.status,
        extra_cost=ceil(found.cost),
        local=local + int(found.amounts.sum()),
        counted=counted,
        asked=asked,
        bound=None if bound is None else ceil(bound) if by_cost else int(bound * counted),
        gap=None if found.gap is None else float(found.gap),
    )
