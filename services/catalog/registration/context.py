"""What the use cases of registration work with besides the database."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from services.catalog.identity.context import Identity
from services.catalog.registration.store import Store


@dataclass(frozen=True)
class Office:
    """The means of registration in one process.

    `secret` signs challenges of `bits` bits; a draft that nobody touches lasts for `draft_life`.
    """

    identity: Identity
    store: Store
    secret: Callable[[], str]
    bits: int
    draft_life: timedelta
