"""The rival: what one gets by serving the best score first. A plan is only worth something beside it."""

from services.matching.engine.raise_rate.ledger import Ledger, best_first
from services.matching.engine.raise_rate.market import Ints, Market


def greedy_amounts(market: Market) -> Ints:
    """元 per offer when each, best score first, takes all it can; keeps capacities, caps and minimums."""
    ledger = Ledger(market)
    ledger.fill(best_first(market))
    return ledger.amounts
