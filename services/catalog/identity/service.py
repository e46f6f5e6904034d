"""Use cases of identity: make keys, issue tokens."""

from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from services.catalog.identity.rules import IncompleteActor, actor
from shared.security.actor import Role
from shared.security.keys import create_keys
from shared.security.tokens import sign_token

__all__ = ["IncompleteActor", "create_keys", "issue_token"]

LONGEST = timedelta(days=400)


def issue_token(
    key_file: Path,
    role: Role,
    *,
    now: datetime,
    enterprise_id: UUID | None = None,
    cluster_ids: Collection[UUID] = (),
    lifetime: timedelta = timedelta(days=30),
) -> str:
    """A signed token for a role and whom it acts for; IncompleteActor when these do not fit."""
    if not timedelta(0) < lifetime <= LONGEST:
        raise IncompleteActor(f"令牌有效期应在 1 到 {LONGEST.days} 天之间。")
    bearer = actor(role, enterprise_id, cluster_ids)
    return sign_token(key_file.read_text("utf-8"), bearer, lifetime, now)
