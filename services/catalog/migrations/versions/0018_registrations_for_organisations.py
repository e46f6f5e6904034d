"""Cluster organisations read the registrations that concern their clusters.

Revision ID: 0018
Revises: 0017
"""

from alembic import op

from shared.db.row_policies import CLUSTERS, ROLE, read_by

revision = "0018"
down_revision: str | None = "0017"
branch_labels: str | None = None
depends_on: str | None = None

_CLASSES = """
SELECT left(p.class_code, 2) FROM products AS p WHERE p.cluster_id = c.id
UNION ALL
SELECT left(n.class_code, 2) FROM needs AS n JOIN products AS p ON p.id = n.product_id WHERE p.cluster_id = c.id
UNION ALL
SELECT left(e.class_code, 2) FROM enterprises AS e JOIN cluster_members AS m ON m.enterprise_id = e.id
WHERE m.cluster_id = c.id
"""
_CONCERNS = f"""
CREATE FUNCTION registration_concerns(place text, class text, ours uuid[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM clusters AS c
        WHERE c.id = ANY (ours)
        AND EXISTS (SELECT FROM unnest(c.cities) AS city WHERE left(city, 4) = left(place, 4))
        AND left(class, 2) IN ({_CLASSES})
    )
$$
"""
_SERVING = f"{ROLE} = 'cluster_organisation'"


def upgrade() -> None:
    """A firm in a city of a cluster, of a division that its products, their needs or its members are of.

    The use case asks by the same function. Documents, and what proves an applicant, stay the reviewers'.
    """
    op.execute(_CONCERNS)
    concerns = f"registration_concerns(region, class_code, {CLUSTERS})"
    read_by("registrations", f"{_SERVING} AND submitted_at IS NOT NULL AND {concerns}")
    read_by("registration_steps", f"{_SERVING} AND registration_id IN (SELECT id FROM registrations)")
