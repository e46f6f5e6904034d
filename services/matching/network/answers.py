"""The resident engine's answers about a supply network, from JSON to what the engine calls them."""

from typing import Any

from services.matching.engine.supply_graph.critical import CriticalFirm, CriticalFirms
from services.matching.engine.supply_graph.interdiction import WorstSet
from services.matching.engine.supply_graph.losses import Loss
from services.matching.engine.supply_graph.outage import Damage, Outage


def read_critical(answer: dict[str, Any]) -> tuple[CriticalFirms, WorstSet]:
    """The critical firms, each alone, and the worst set."""
    alone = answer["alone"]
    found = [CriticalFirm(**(row | {"loss": Loss.read(row["loss"])})) for row in alone["found"]]
    return CriticalFirms(**(alone | {"found": found})), WorstSet(**answer["together"])


def read_outage(answer: dict[str, Any]) -> Outage:
    """A region's outage."""
    damage = {product: Damage(**row) for product, row in answer["by_product"]}
    return Outage(**(answer | {"loss": Loss.read(answer["loss"]), "by_product": damage}))
