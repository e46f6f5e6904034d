"""All tables of the catalog, for migrations and for the test that both agree."""

from services.catalog.base import CatalogTable
from services.catalog.capabilities import models as capabilities
from services.catalog.clusters import models as clusters
from services.catalog.enterprises import models as enterprises
from services.catalog.feed import models as feed
from services.catalog.history import models as history
from services.catalog.identity import models as identity
from services.catalog.imports import models as imports
from services.catalog.products import models as products
from services.catalog.registration import models as registration
from shared.audit.tables import audit_tables
from shared.http.kept_answers import kept_answers

FEATURES = (enterprises, clusters, products, capabilities, feed, history, imports, identity, registration)
metadata = CatalogTable.metadata
kept_answers(metadata)
audit_tables(metadata)
