"""Identifiers: UUIDv7, so that ids made later sort later and index pages stay dense."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new time-ordered identifier."""
    return uuid7()
