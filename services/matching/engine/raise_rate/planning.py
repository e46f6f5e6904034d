"""The plan under minimums, from the bound's flow on: repair, improve, perfect small islands, keep former proposals."""

from services.matching.engine.raise_rate.exact import perfect
from services.matching.engine.raise_rate.former import settle
from services.matching.engine.raise_rate.guide import guide_of
from services.matching.engine.raise_rate.improve import improve
from services.matching.engine.raise_rate.ledger import Ledger
from services.matching.engine.raise_rate.market import Ints, Market, objective_of
from services.matching.engine.raise_rate.polish import polish
from services.matching.engine.raise_rate.repair import repair
from services.matching.engine.raise_rate.targets import Optimum

MANY = 30_000
"""With more offers than that the search begins where the plan loses; with fewer, everything is tried."""


def make_plan(market: Market, bound: Optimum, former: Ints | None = None, threshold: float = 0.0) -> Ledger:
    """A plan that keeps every rule and comes close to its bound.

    `former` (offers,) are 元 that the last run proposed and nobody decided; an island keeps them where a new plan moves
    less than the share `threshold` more.
    """
    offers = bound.layout.offers
    ledger = repair(market, bound)
    large = len(offers) > MANY
    guide = guide_of(bound) if large else None
    improve(ledger, offers, objective_of(market, bound.amounts).toward_target, guide)
    polish(ledger)
    perfect(ledger, offers, bound.amounts if large else None)
    return ledger if former is None else settle(ledger, former, offers, threshold)
