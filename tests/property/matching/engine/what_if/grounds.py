"""Small snapshots with random eligible pairs and near misses, changes to them, and the full solve after changes."""

from dataclasses import dataclass, replace
from random import Random

import numpy as np

from services.matching.engine.columns import Columns
from services.matching.engine.flow.problem import UNLIMITED
from services.matching.engine.plan import Objective
from services.matching.engine.policy import Policy
from services.matching.engine.preparation.encoding import columns_of
from services.matching.engine.raise_rate.market import Ints, Market, objective_of
from services.matching.engine.raise_rate.opening import Pairs, Trade, open_market, trade_of
from services.matching.engine.raise_rate.targets import Optimum, alone, first_guess, optimum
from services.matching.engine.what_if.changes import (
    AddSupplier,
    Change,
    ClosePair,
    OpenPair,
    RemoveSupplier,
    SetCapacity,
    SetMovable,
)
from services.matching.engine.what_if.kept import passable
from services.matching.engine.what_if.union import Union, unite
from tests.property.matching.engine.worlds import make_world

Pair = tuple[int, int]


def ints(values: list[int]) -> Ints:
    """As the engine has them."""
    return np.array(values, np.int64)


@dataclass(frozen=True)
class Ground:
    """What a run had: the columns, what limits pairs, scores of those that are eligible, and of near misses."""

    columns: Columns
    trade: Trade
    eligible: dict[Pair, int]
    near: dict[Pair, int]

    def union(self) -> Union:
        """Laid out."""
        return unite(self.columns, self.trade, pairs_of(self.eligible), pairs_of(self.near))

    def solved(self) -> tuple[Market, Optimum]:
        """The bound from scratch."""
        market = open_market(self.columns, self.trade, pairs_of(self.eligible))
        viable = np.flatnonzero(passable(market, np.ones(len(market.line), bool)))
        return market, optimum(market, viable, first_guess(market, alone(market, viable)))

    def value(self) -> Objective:
        """What the bound reaches."""
        market, best = self.solved()
        return objective_of(market, best.amounts)

    def after(self, change: Change) -> "Ground":
        """What a run would have had, had this been so from the beginning."""
        trade, eligible, known = self.trade, dict(self.eligible), self.near | self.eligible
        match change:
            case OpenPair(line, capability):
                eligible |= {(line, capability): known[line, capability]}
            case ClosePair(line, capability):
                eligible.pop((line, capability), None)
            case RemoveSupplier(supplier):
                eligible = {pair: score for pair, score in eligible.items() if trade.supplier[pair[1]] != supplier}
            case SetMovable(line, movable):
                trade = trade._replace(movable=_with(trade.movable, line, movable))
            case SetCapacity(capability, yuan, units):
                trade = trade._replace(
                    yuan=_with(trade.yuan, capability, UNLIMITED if yuan is None else yuan),
                    units=_with(trade.units, capability, -1 if units is None else units),
                )
            case AddSupplier(lines, scores, yuan):
                capability = len(trade.supplier)
                trade = _one_more(trade, UNLIMITED if yuan is None else yuan)
                eligible |= {(line, capability): score for line, score in zip(lines, scores, strict=True)}
        return replace(self, trade=trade, eligible=eligible, near=known)


def pairs_of(scores: dict[Pair, int]) -> Pairs:
    """In columns."""
    rows = sorted(scores)
    return Pairs(ints([row[0] for row in rows]), ints([row[1] for row in rows]), ints([scores[row] for row in rows]))


def make_ground(random: Random) -> Ground:
    """A small one, in which offers compete."""
    snapshot = make_world(random, lines=random.randint(1, 6), capabilities=random.randint(1, 6), products=2, big=5)
    share, cap = random.choice((0, 0.15, 0.3)), random.choice((0.6, 1))
    columns = columns_of(snapshot, Policy(minimum_share=share, supplier_cap=cap))
    pairs = [
        (line, capability) for line in range(len(snapshot.lines)) for capability in range(len(snapshot.capabilities))
    ]
    kind = {pair: random.choice(("eligible", "eligible", "near", "neither")) for pair in pairs}
    score = {pair: random.randint(0, 9) for pair in pairs}
    return Ground(
        columns,
        trade_of(columns),
        {pair: score[pair] for pair in pairs if kind[pair] == "eligible"},
        {pair: score[pair] for pair in pairs if kind[pair] == "near"},
    )


def make_changes(random: Random, ground: Ground) -> list[Change]:
    """One to four changes of any kind."""
    return [_change(random, ground) for _ in range(random.randint(1, 4))]


def _change(random: Random, ground: Ground) -> Change:
    trade, laid_out = ground.trade, [*ground.eligible, *ground.near]
    line, capability = random.randrange(len(trade.movable)), random.randrange(len(trade.yuan))
    amount = random.choice((0, 50, 3_000, 10**5))
    lines = tuple(sorted(random.sample(range(len(trade.movable)), random.randint(1, len(trade.movable)))))
    made: list[Change] = [
        SetCapacity(capability, *random.choice(((amount, None), (None, amount * 100), (None, None)))),
        RemoveSupplier(int(trade.supplier[capability])),
        SetMovable(line, amount),
        AddSupplier(lines, tuple(random.randint(0, 9) for _ in lines), random.choice((None, amount))),
    ]
    if laid_out:
        made += [OpenPair(*random.choice(laid_out)), ClosePair(*random.choice(laid_out))]
    if ground.near:
        made += [OpenPair(*random.choice(list(ground.near)))] * 3
    return random.choice(made)


def _with(column: Ints, at: int, value: int) -> Ints:
    changed = column.copy()
    changed[at] = value
    return changed


def _one_more(trade: Trade, yuan: int) -> Trade:
    """With one more supplier, that has one more capability."""
    suppliers = len(trade.limit)
    return trade._replace(
        supplier=np.append(trade.supplier, suppliers),
        yuan=np.append(trade.yuan, yuan),
        units=np.append(trade.units, -1),
        moq=np.append(trade.moq, -1),
        unit=np.append(trade.unit, -1),
        limit=np.append(trade.limit, UNLIMITED),
        held_key=trade.held_key // suppliers * (suppliers + 1) + trade.held_key % suppliers,
    )
