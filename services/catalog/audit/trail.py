"""What the catalog's audit consists of, and how its changes are completed out of the rows themselves."""

import json
from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, func, select
from sqlmodel import Session

from services.catalog.audit.sources import HISTORY
from services.catalog.kinds import KINDS
from shared.audit.reading import Change, Trail
from shared.db.upserts import among

_TABLES = {kind.name: kind.table for kind in KINDS.values()}


def complete(session: Session, changes: Sequence[Change]) -> None:
    """Fill in what rows became that have not changed since: as they are now."""
    lacking = [each for each in changes if each["after"] is None and each["op"] != "delete" and each["kind"] in _TABLES]
    for kind, group in groupby(sorted(lacking, key=lambda each: str(each["kind"])), key=lambda each: each["kind"]):
        those = list(group)
        now = _rows(session, kind, {UUID(each["entity"]) for each in those})
        for each in those:
            each["after"] = now.get(each["entity"])


def _rows(session: Session, kind: str, ids: set[UUID]) -> dict[str, dict[str, Any]]:
    """The rows of a kind as JSON has them, by id."""
    table = _TABLES[kind]
    columns = cast(table.c.id, Text), cast(func.to_jsonb(table.table_valued()), Text)
    found = session.execute(select(*columns).where(among(table.c.id, ids)))
    return {id: json.loads(row, parse_float=Decimal) for id, row in found}


TRAIL = Trail((HISTORY,), complete)
