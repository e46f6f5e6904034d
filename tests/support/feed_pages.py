"""Pages of the catalog's feed as a test reads them: the JSON that goes out, with ids as ids."""

from typing import Any
from uuid import UUID

import orjson
from sqlmodel import Session

from services.catalog.feed import service as feed


def page(session: Session, after: str | None, limit: int, epoch: str | None = None) -> dict[str, Any]:
    """The page after a cursor, read from its JSON."""
    found: dict[str, Any] = orjson.loads(feed.page(session, after, limit, epoch).body)
    found["events"] = [{**event, "id": UUID(event["id"])} for event in found["events"]]
    return found
