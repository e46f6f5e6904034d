"""Which registrations are seen by whom, beside their applicants."""

from sqlalchemy import ARRAY, ColumnElement, Uuid, and_, func, literal, true

from services.catalog.registration.models import Registration
from shared.db.upserts import sql_table
from shared.security.actor import Actor, Role

_TABLE = sql_table(Registration).c


def visible(actor: Actor) -> ColumnElement[bool]:
    """What was ever submitted: all for reviewers and auditors; an organisation sees what concerns its clusters.

    That are firms in a cluster's cities, of a division (GB/T 4754) of its products, of their needs or of its members.
    """
    return and_(_TABLE.submitted_at.is_not(None), _concerning(actor))


def _concerning(actor: Actor) -> ColumnElement[bool]:
    if actor.role is not Role.CLUSTER_ORGANISATION:
        return true()
    ours = literal(sorted(actor.cluster_ids), ARRAY(Uuid))
    return func.registration_concerns(_TABLE.region, _TABLE.class_code, ours)
