"""Small markets with closed offers beside the open ones, and their optimum from scratch."""

from dataclasses import dataclass
from random import Random

import numpy as np

from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.plan import Objective
from services.matching.engine.raise_rate.market import Ints, Market, Offers, assemble, objective_of
from services.matching.engine.raise_rate.targets import Optimum, alone, first_guess, optimum
from services.matching.engine.what_if.kept import Kept, Mask, passable


def ints(values: list[int]) -> Ints:
    """As the engine has them."""
    return np.array(values, np.int64)


@dataclass(frozen=True)
class World:
    """Rows of offers (those of `Offers`, then 1 where open), and what they meet."""

    rows: list[tuple[int, ...]]
    movable: Ints
    product: Ints
    room: Ints
    stock: Ints
    limit: Ints

    def market(self, rows: list[tuple[int, ...]]) -> Market:
        """The market of these rows."""
        columns = [ints([row[at] for row in rows]) for at in range(10)]
        return assemble(Offers(*columns), self.movable, self.product, self.room, self.stock, self.limit)

    def solved(self, rows: list[tuple[int, ...]]) -> tuple[Market, Optimum]:
        """Their optimum from scratch, once the pairs are gone that cannot reach their minimum."""
        market = self.market(rows)
        viable = np.flatnonzero(passable(market, np.ones(len(market.line), bool)))
        return market, optimum(market, viable, first_guess(market, alone(market, viable)))

    def value(self, rows: list[tuple[int, ...]]) -> Objective:
        """What that optimum reaches."""
        market, best = self.solved(rows)
        return objective_of(market, best.amounts)

    def open_rows(self, opened: set[tuple[int, int]] = frozenset()) -> list[tuple[int, ...]]:  # type: ignore[assignment]
        """The open rows, and those that a test opens (line, capability)."""
        return [row for row in self.rows if row[-1] or (row[0], row[2]) in opened]

    def kept(self) -> tuple[Kept, Mask]:
        """The optimum of the open rows, kept in the market of all of them, and which of those are open."""
        market, plain = self.market(self.rows), self.open_rows()
        opened = {(row[0], row[2]) for row in plain}
        keys = list(zip(market.line.tolist(), market.capability.tolist(), strict=True))
        mask = np.array([key in opened for key in keys], bool)
        own, best = self.solved(plain)
        carried = dict(
            zip(zip(own.line.tolist(), own.capability.tolist(), strict=True), best.amounts.tolist(), strict=True)
        )
        return Kept(market, mask, ints([carried.get(key, 0) for key in keys])), mask


def make_world(random: Random) -> World:
    """A dense world: capabilities in 元, in pieces and without limit, limited suppliers, minimums, two-offer pairs."""
    lines, capabilities, products = random.randint(1, 5), random.randint(1, 6), random.randint(1, 3)
    suppliers = max(1, capabilities * 2 // 3)
    of = [random.randrange(suppliers) for _ in range(capabilities)]
    limit = [random.choice((UNLIMITED, UNLIMITED, random.randint(5, 60))) for _ in range(suppliers)]
    spend = [random.randint(10, 60) for _ in range(lines)]
    movable = [random.randint(each // 2, each) for each in spend]
    price = [random.choice((1, 2, 3)) for _ in range(lines)]
    stock = [random.choice((UNLIMITED, random.randint(2, 40))) for _ in range(capabilities)]
    in_pieces = [each < UNLIMITED and random.random() < 0.5 for each in stock]
    share = [random.choice((0, 15, 30)) * each // 100 for each in spend]
    rows = []
    for line in range(lines):
        for capability in range(capabilities):
            reach = stock[capability] * (price[line] if in_pieces[capability] else 1)
            cap = max(1, spend[line] * 6 // 10)
            most = min(movable[line], cap, reach, limit[of[capability]])
            if most > 0 and random.random() < 0.7:
                score, order, is_open = random.randint(0, 9), random.choice((0, 0, 4, 9)), int(random.random() < 0.55)
                row = (line, of[capability], capability, score, most, order, 1, reach, share[line], cap, is_open)
                rows.append(row)
    return World(
        rows=rows,
        movable=ints(movable),
        product=ints([random.randrange(products) for _ in range(lines)]),
        room=ints([random.choice((0, 10, 30, 200)) for _ in range(products)]),
        stock=ints(stock),
        limit=ints(limit),
    )
