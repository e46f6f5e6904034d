"""Where a plan loses against its bound: what the prices of the bound's optimum say.

By complementary slackness, each 元 that a plan falls short of the bound is lost in one of three places: on a line that
the optimum moves whole and the plan does not, at a capability that the optimum fills and the plan does not, or on an
offer that the optimum uses as far as it goes. Reduced costs tell which these are, and which offers no good plan wants.
A search that begins there tries a small part of all offers.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.engine.raise_rate.market import Ints
from services.matching.engine.raise_rate.targets import Optimum

Bools = NDArray[np.bool_]


class Guide(NamedTuple):
    """`dear` (lines,) lines that the optimum moves whole, `scarce` (capabilities,) capabilities that it fills.

    `wanted` (offers of the market,) lose nothing against the optimum, and it uses `tight` ones as far as they go.
    """

    dear: Bools
    scarce: Bools
    wanted: Bools
    tight: Bools


def guide_of(bound: Optimum) -> Guide:
    """Read the prices of an optimum; what is worth less than half a 元 in all (a score) does not count. O(arcs)."""
    layout, potential = bound.layout, bound.solution.potential
    problem, half = layout.problem, layout.weights.total // 2
    reduced = problem.cost + potential[problem.tail] - potential[problem.head]
    size = len(layout.offers)
    wanted, tight = np.zeros(len(layout.offer_arc), np.bool_), np.zeros(len(layout.offer_arc), np.bool_)
    wanted[layout.offers], tight[layout.offers] = reduced[:size] < half, reduced[:size] < -half
    return Guide(
        dear=_where(layout.stay_arc, reduced > half),
        scarce=_where(layout.capability_arc, reduced < -half),
        wanted=wanted,
        tight=tight,
    )


def _where(arcs: Ints, said: Bools) -> Bools:
    """What is said of each arc; False for what has none."""
    return (arcs >= 0) & said[arcs]
