"""Identifiers: UUIDv7, so that ids made later sort later and index pages stay dense."""

from random import getrandbits
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new time-ordered identifier."""
    return uuid7()


def new_ids(count: int) -> list[UUID]:
    """As many identifiers in their order: one of `new_id`, of which the last 32 bits, random ones, count on.

    The bits before them are a counter of that function, so that ids made later sort behind all of these.
    """
    step = 2**32 // max(count, 1)
    first = (new_id().int >> 32 << 32) + getrandbits(32) % step
    return [UUID(int=first + at * step) for at in range(count)]
