"""Rows of new enterprises whose names are like those of registered ones: one firm under two codes, or a near namesake.

Told where the rows of an import are looked at, as things are then; nothing of it is kept.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session

from services.catalog.imports.outcomes import Outcome
from services.catalog.imports.templates import ImportKind
from services.catalog.search.names import ALIKE, Firm, names
from services.catalog.search.schemas import Similar
from shared.security.actor import Actor
from shared.text.normalise import company_core

SHOWN = 5
_UNKNOWN = UUID(int=0)


def similar(session: Session, actor: Actor, rows: Sequence[Mapping[str, Any]]) -> dict[UUID, list[Similar]]:
    """For each of these rows, by id, that brings a new enterprise: those with names like its own, most alike first.

    Who does not see all enterprises is told of none.
    """
    new = [row for row in rows if row["kind"] == ImportKind.ENTERPRISES and row["outcome"] == Outcome.CREATED]
    if not new or not actor.sees_everything:
        return {}
    known, found = names(session), {}
    for row in new:
        name, code = row["cleaned"]["name"], row["cleaned"].get("credit_code")
        alike = known.alike(Firm(_UNKNOWN, name, None, code, company_core(name)), ALIKE)
        # where the import was applied the row's own enterprise is among them
        others = [_told(firm, score) for firm, score in alike if (firm.credit_code, firm.name) != (code, name)]
        if others:
            found[row["id"]] = sorted(others, key=lambda each: (-each.score, each.name, str(each.id)))[:SHOWN]
    return found


def _told(firm: Firm, score: int) -> Similar:
    return Similar(id=firm.id, name=firm.name, credit_code=firm.credit_code, score=score)
