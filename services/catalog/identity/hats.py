"""What an account may act as at present: its memberships, and the standing of its enterprises."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from services.catalog.enterprises import service as enterprises
from services.catalog.identity.models import Membership, SignIn
from services.catalog.identity.rules import Hat, Held, Kind, Level, hats_of
from shared.db.upserts import sql_table
from shared.security.actor import Role

_MEMBERSHIPS = sql_table(Membership)
_ORDER = list(Role)


def hats_for(session: Session, account_id: UUID) -> list[Hat]:
    """What the account may act as now, the widest role first."""
    rows = session.execute(select(_MEMBERSHIPS).where(_MEMBERSHIPS.c.account_id == account_id)).all()
    held = [Held(Kind(row.kind), row.enterprise_id, row.cluster_id, Level(row.level)) for row in rows]
    firms = [each.enterprise_id for each in held if each.enterprise_id is not None]
    found = hats_of(held, enterprises.standings(session, firms))
    return sorted(found, key=lambda hat: (_ORDER.index(hat.role), hat.enterprise_name or ""))


def choose(hats: list[Hat], role: str | None, enterprise_id: UUID | None) -> Hat | None:
    """The hat of a role (any where none is asked for) and an enterprise (any); None where there is none."""
    fits = (hat for hat in hats if role in (None, hat.role) and enterprise_id in (None, hat.enterprise_id))
    return next(fits, None)


def worn(hats: list[Hat], sign_in: SignIn) -> Hat | None:
    """The hat that a sign-in acts with; None where it is gone."""
    return next((h for h in hats if h.role == sign_in.role and h.enterprise_id == sign_in.enterprise_id), None)
