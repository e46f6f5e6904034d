"""What one suggestion does to the rates of its product and of its cluster, by the run's own numbers. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from services.matching.engine.policy import Policy
from services.matching.engine.snapshot import Cluster, Line, Product, Snapshot
from services.matching.rates.definition import Definition, Period, Stage
from services.matching.rates.rules import ratio


@dataclass(frozen=True)
class Standing:
    """A product's or a cluster's lines together: what is local now or approved, and what counts, in 元 (or lines)."""

    key: str
    name: str
    secured: int
    counted: int

    def with_amount(self, amount: int) -> dict[str, Any]:
        """The rate before, and with `amount` more; shares of 1, rounded down. No rate where nothing counts."""
        before, after = Fraction(self.secured), Fraction(self.secured + amount)
        whole = Fraction(self.counted)
        return {
            "key": self.key,
            "name": self.name,
            "secured": self.secured,
            "counted": self.counted,
            "rate_before": _text(ratio(before, whole)),
            "rate_after": _text(ratio(after, whole)),
        }


class Standings:
    """The standing of each product and each cluster in a snapshot, and the effect of an amount on them."""

    def __init__(self, snapshot: Snapshot, policy: Policy, run: str) -> None:
        self._snapshot = snapshot
        self._products = _standings(snapshot.products, snapshot.lines, lambda line: line.product)
        self._clusters = _standings(snapshot.clusters, snapshot.lines, self._cluster)
        # without purchases to tell origins all are unknown, whatever the period: that of its day
        period = Period.parse(snapshot.period or str(snapshot.as_of.year))
        self._definition = Definition(policy.basis, policy.scope, period, Stage.APPROVED, run).sentence()

    def effect(self, line: Line, amount: int) -> dict[str, Any]:
        """What `amount` of `line` does, that suggestion alone, on top of what is local now and approved."""
        cluster = self._cluster(line)
        return {
            "amount": amount,
            "product": self._products[line.product].with_amount(amount),
            "cluster": None if cluster is None else self._clusters[cluster].with_amount(amount),
            "definition": self._definition,
        }

    def _cluster(self, line: Line) -> int | None:
        return self._snapshot.products[line.product].cluster


def _standings(
    groups: Sequence[Product | Cluster], lines: Iterable[Line], group_of: Callable[[Line], int | None]
) -> list[Standing]:
    secured, counted = [0] * len(groups), [0] * len(groups)
    for line in lines:
        at = group_of(line)
        if at is not None:
            secured[at] += line.local_now + line.committed
            counted[at] += line.spend - line.excluded
    return [Standing(row.key, row.name, *sums) for row, *sums in zip(groups, secured, counted, strict=True)]


def _text(rate: object | None) -> str | None:
    return None if rate is None else str(rate)
