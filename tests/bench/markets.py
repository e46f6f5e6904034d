"""Fictitious markets of any size for benches: skewed classes, spend and capacity over many orders of magnitude.

Lines and capabilities fall into classes whose sizes follow a power law; a line's pairs lie in its class but for a
`crossing` share. Some capacity is stated in pieces that lines pay different prices for, some suppliers have several
capabilities or a total, some offers a minimum order.
"""

import numpy as np

from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.raise_rate.market import Ints, Market, Offers, assemble, starts
from services.matching.engine.raise_rate.stocks import divided, set_stocks

SIZES = {"S": (1_000, 1_000, 10), "M": (10_000, 10_000, 19), "L": (100_000, 50_000, 19)}
"""Lines, capabilities, pairs per line."""


def market_of(size: str, seed: int, *, crossing: float = 0.0) -> Market:
    """A market of a named size."""
    lines, capabilities, degree = SIZES[size]
    return make_market(lines, capabilities, degree, seed, crossing=crossing)


def make_market(lines: int, capabilities: int, degree: int, seed: int, *, crossing: float = 0.0) -> Market:
    """A market of so many lines and capabilities, with about `degree` pairs per line."""
    random = np.random.default_rng(seed)
    classes = max(2, capabilities // 60)
    weight = 1 / np.arange(1, classes + 1) ** 0.6
    spend = np.maximum(1000, np.exp(random.normal(13.5, 1.3, lines))).astype(np.int64)
    line, capability = _pairs(random, weight / weight.sum(), lines, capabilities, degree, crossing)
    supplier = np.sort(random.integers(0, max(1, capabilities * 3 // 4), capabilities))
    share = random.uniform(0.3, 1, lines) * spend
    movable = np.where(random.random(lines) < 0.5, spend, share.astype(np.int64))
    yuan = np.maximum(1000, np.exp(random.normal(13.0, 1.4, capabilities))).astype(np.int64)
    in_pieces = random.random(capabilities) < 0.1
    price = random.choice([50_000, 120_000, 370_000, 1_000_000, 2_500_000], lines)
    top, bottom = price[line], np.full(len(line), 10_000_000)
    shared = np.gcd(top, bottom)
    top, bottom = top // shared, bottom // shared
    units = np.where(in_pieces, yuan * 25, -1)
    reach = yuan[capability]
    for row in np.flatnonzero(in_pieces[capability]):
        reach[row] = divided(int(units[capability[row]]), int(top[row]), int(bottom[row]))[0]
    cap = spend[line] * 6 // 10
    most = np.minimum(np.minimum(movable[line], cap), reach)
    stock = np.where(in_pieces, 0, yuan)
    order = np.argsort(capability, kind="stable").astype(np.int64)
    use = set_stocks(starts(capability, capabilities), order, top, bottom, reach, units, stock)
    moq = np.where(random.random(capabilities) < 0.2, yuan // 10, 0)
    limit = np.where(random.random(capabilities) < 0.05, yuan, UNLIMITED)
    product = np.sort(random.integers(0, max(1, lines // 40), lines))
    offers = Offers(
        line=line,
        supplier=supplier[capability],
        capability=capability,
        score=random.integers(200, 1000, len(line)),
        most=most,
        order=moq[capability],
        use=use,
        reach=reach,
        share=-(-spend[line] * 15 // 100),
        cap=cap,
    )
    room = np.bincount(product, weights=spend).astype(np.int64) * random.integers(2, 6, product[-1] + 1) // 10
    return assemble(offers, movable, product, room, stock, limit)


def _pairs(
    random: np.random.Generator, weight: np.ndarray, lines: int, capabilities: int, degree: int, crossing: float
) -> tuple[Ints, Ints]:
    """Distinct pairs: capabilities of the line's class, or of any, the sooner the better known they are."""
    class_of_line = np.sort(random.choice(len(weight), lines, p=weight))
    class_of = np.sort(random.choice(len(weight), capabilities, p=weight))
    begin = starts(class_of, len(weight))
    line = np.repeat(np.arange(lines), degree)
    own = class_of_line[line]
    size = begin[own + 1] - begin[own]
    near = begin[own] + (random.random(len(line)) ** 1.3 * size).astype(np.int64)
    far = random.integers(0, capabilities, len(line))
    capability = np.where((random.random(len(line)) < crossing) | (size == 0), far, np.minimum(near, capabilities - 1))
    keys = np.unique(line * capabilities + capability)
    return keys // capabilities, keys % capabilities
