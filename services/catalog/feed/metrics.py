"""What the feed tells of itself as metrics: how far its followers are behind, and what it holds back."""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import text
from sqlmodel import Session

from services.catalog.feed import followers
from services.catalog.feed.horizon import UNSETTLED
from shared.observability.metrics import Gauge

Values = dict[tuple[str, ...], float | None]

_HELD_BACK = text(
    f"""
    SELECT count(*) AS events, extract(epoch FROM now() - min(at)) AS seconds
    FROM outbox WHERE xid >= {UNSETTLED}
    """
)


def gauges(session: Session) -> Iterable[Gauge]:
    """The feed's lag as the catalog sees it: zero is a follower that has read all, none one that never asked."""
    now, known = datetime.now(UTC), followers.all_followers(session)
    held = session.execute(_HELD_BACK).one()
    lag: Values = {(row.name,): _since(row.oldest, now) for row in known}
    silent: Values = {(row.name,): _since(row.read_at, now) for row in known}
    changes: Values = {(row.name,): float(row.behind) for row in known}
    by_follower = ("follower",)
    return [
        Gauge("xieshou_feed_lag_seconds", "Age of the oldest change that a follower has not read.", by_follower, lag),
        Gauge("xieshou_feed_lag_changes", "Changes that a follower has not read.", by_follower, changes),
        Gauge("xieshou_feed_silence_seconds", "Time since a follower last asked.", by_follower, silent),
        Gauge.of("xieshou_feed_held_back_changes", "Committed behind a transaction that still runs.", held.events),
        Gauge.of(
            "xieshou_feed_held_back_seconds", "Age of the oldest change that is held back.", float(held.seconds or 0)
        ),
    ]


def _since(moment: datetime | None, now: datetime) -> float:
    """Seconds; none where nothing waits."""
    return 0.0 if moment is None else max((now - moment).total_seconds(), 0.0)
