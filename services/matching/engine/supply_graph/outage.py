"""What happens when all suppliers of a region are gone: a county, a city or a province."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from services.matching.engine.supply_graph.critical import flags
from services.matching.engine.supply_graph.losses import Alternatives, Loss, loss_of
from services.matching.engine.supply_graph.supply import Supply, place_of
from shared.codes.regions import is_within

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Damage:
    """Of `lost` 元 of a product or of a cluster, suppliers elsewhere could take over `recovered`."""

    lost: int
    recovered: int

    @property
    def stopped(self) -> int:
        """What nobody takes over."""
        return self.lost - self.recovered


@dataclass(frozen=True)
class Outage:
    """A region's outage: the `suppliers` in it that supply anything, and the damage by line and by product.

    `coarse`: suppliers known only by a place around the region, which may or may not be in it; they go on here.
    """

    suppliers: list[int]
    coarse: list[int]
    loss: Loss
    by_product: dict[int, Damage]

    def by_cluster(self, supply: Supply) -> dict[int | None, Damage]:
        """The damage by cluster position; None: products that belong to none."""
        products = supply.snapshot.products
        return _summed((products[at].cluster, row) for at, row in self.by_product.items())


def outage(supply: Supply, others: Alternatives, region: str) -> Outage:
    """The outage of a region (code): the lines of all suppliers in it are offered to those elsewhere, together."""
    supplying = sorted(set(supply.supplier.tolist()))
    places = [place_of(row) for row in supply.snapshot.suppliers]
    gone = [at for at, place in enumerate(places) if place is not None and is_within(place, region)]
    loss = loss_of(supply, others, flags(supply, gone))
    damage = zip(loss.line.tolist(), loss.lost.tolist(), loss.recovered.tolist(), strict=True)
    lines = supply.snapshot.lines
    return Outage(
        suppliers=sorted(set(gone).intersection(supplying)),
        coarse=[at for at in supplying if _may_be_in(places[at], region)],
        loss=loss,
        by_product=_summed((lines[line].product, Damage(lost, back)) for line, lost, back in damage),
    )


def _may_be_in(place: str | None, region: str) -> bool:
    """Whether a place is around the region, but not in it."""
    return place is None or (place != region and is_within(region, place))


def _summed(rows: Iterable[tuple[Key, Damage]]) -> dict[Key, Damage]:
    sums: dict[Key, Damage] = defaultdict(lambda: Damage(0, 0))
    for key, row in rows:
        sums[key] = Damage(sums[key].lost + row.lost, sums[key].recovered + row.recovered)
    return dict(sums)
