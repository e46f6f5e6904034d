"""What the mirror tells of itself as metrics: its lag, its rows, the changes set aside."""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlmodel import Session

from services.matching.mirror import service
from services.matching.mirror.schemas import MirrorStatus
from shared.observability.metrics import Gauge


def gauges(session: Session) -> Iterable[Gauge]:
    """The mirror's state, now; without a lag as long as it was never complete."""
    position, rows, aside = service.position(session), service.counts(session), service.set_aside_counts(session)
    status = MirrorStatus.of(position, rows, aside, datetime.now(UTC))
    return [
        Gauge.of("xieshou_mirror_lag_seconds", "Time since the mirror last knew all changes.", status.lag_seconds),
        Gauge.of(
            "xieshou_mirror_delay_seconds", "From the last change's writing to its arrival.", status.delay_seconds
        ),
        Gauge.of("xieshou_mirror_rebuilding", "1 while the mirror is built from the beginning.", status.rebuilding),
        Gauge("xieshou_mirror_rows", "Rows of the mirror.", ("kind",), {(kind.value,): n for kind, n in rows.items()}),
        Gauge(
            "xieshou_mirror_set_aside_changes",
            "Changes that could not be applied: anything above 0 is an alarm.",
            ("what",),
            {(what.value,): n for what, n in aside.items()},
        ),
    ]
