"""A near miss as the what-if needs it."""

from dataclasses import dataclass

from services.matching.engine.plan import Rule


@dataclass(frozen=True, slots=True)
class NearRow:
    """A pair that `rule` alone blocks; `obstacle` is what the supplier lacks, to group by. Positions; score 0–1000."""

    line: int
    supplier: int
    capability: int
    score: int
    rule: Rule
    obstacle: str
