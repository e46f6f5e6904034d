"""The best amounts on the pairs that a plan uses: one exact flow in which each of them keeps its minimum.

It moves money along ways of any length, where the search looks at neighbours only, and makes the most of the scores.
"""

import numpy as np

from services.matching.engine.raise_rate.flows import best_amounts
from services.matching.engine.raise_rate.ledger import Ledger, booked
from services.matching.engine.raise_rate.market import Ints
from services.matching.engine.raise_rate.minimum import in_mixed_pieces
from services.matching.engine.raise_rate.supply_network import Counting, Terms, highest_capacity


def polish(ledger: Ledger) -> Ledger:
    """The plan with the best amounts on the offers in use, or the same one where that is no better.

    The plan itself keeps all bounds, so there is such a flow. Where offers take different amounts of a capability's
    stock for each 元, they may only take less than they do. O(one solve on the offers in use).
    """
    market, amounts = ledger.market, ledger.amounts
    used = np.flatnonzero(amounts)
    if not len(used):
        return ledger
    fixed = in_mixed_pieces(market)[market.capability]
    terms = Terms(
        counting=[Counting.ALL if below else Counting.NONE for below in (ledger.moved < market.room).tolist()],
        capacity=highest_capacity(market, used),
        minimum=np.where(ledger.carried > 0, market.minimum, 0),
        least=market.least,
        most=np.where(fixed, amounts, market.most),
    )
    better = booked(market, best_amounts(market, used, terms))
    return better if _value(better) > _value(ledger) else ledger


def _value(ledger: Ledger) -> tuple[int, ...]:
    found: Ints = ledger.books.value
    return tuple(found.tolist())
