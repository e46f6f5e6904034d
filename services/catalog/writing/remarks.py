"""What is worth saying about rows that were created, though nothing speaks against them; by kind."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session

from services.catalog.kinds import EntityKind
from services.catalog.search.similar import similar

Remarks = Mapping[UUID, Mapping[str, Any]]


def _similar(session: Session, ids: Sequence[UUID]) -> Remarks:
    """Enterprises with names like those of the new ones."""
    return {id: {"similar": found} for id, found in similar(session, ids).items()}


_REMARKS: Mapping[str, Callable[[Session, Sequence[UUID]], Remarks]] = {"enterprise": _similar}


def remarks(session: Session, kind: EntityKind, ids: Sequence[UUID]) -> Remarks:
    """What to say about new rows, by id; about most there is nothing."""
    remark = _REMARKS.get(kind.name)
    return remark(session, ids) if remark and ids else {}
