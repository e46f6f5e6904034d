"""Use cases of the feed: writing the outbox in the transaction of a change, reading it as a feed without gaps."""

from services.catalog.feed.outbox import record, record_rows, retract, write_parcel
from services.catalog.feed.pages import FeedPage, follow, page, read_cursor
from services.catalog.feed.turns import take_turn

__all__ = ["FeedPage", "follow", "page", "read_cursor", "record", "record_rows", "retract", "take_turn", "write_parcel"]
