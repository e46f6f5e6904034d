"""Metrics in Prometheus' text form, read from the database at the moment they are asked for.

What is told is a state that all processes of a service share (how far a feed was followed, what waits), so that no
process counts anything of its own, and any of them may be asked.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlmodel import Session

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True)
class Gauge:
    """A metric: its name with the unit at its end, what it tells, its labels, and its values by the labels' values.

    A value that is not known is left out.
    """

    name: str
    about: str
    labels: tuple[str, ...] = ()
    values: Mapping[tuple[str, ...], float | None] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, about: str, value: float | None) -> "Gauge":
        """A gauge without labels."""
        return cls(name, about, (), {(): value})


Gauges = Callable[[Session], Iterable[Gauge]]
"""What a feature has to tell: read in the session, now."""


def exposition(session: Session, sources: Iterable[Gauges]) -> bytes:
    """All gauges of the sources in Prometheus' text form (version 0.0.4)."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Read([_family(gauge) for source in sources for gauge in source(session)]))
    return generate_latest(registry)


class _Read(Collector):
    """Families that have been read already."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        """The families."""
        return self._families


def _family(gauge: Gauge) -> Metric:
    family = GaugeMetricFamily(gauge.name, gauge.about, labels=gauge.labels)
    for labels, value in gauge.values.items():
        if value is not None:
            family.add_metric(labels, value)
    return family
