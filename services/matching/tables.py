"""All tables of the matching service, for migrations and for the test that both agree.

The job queue's own tables are not among them: procrastinate owns those.
"""

from services.matching.base import Table
from services.matching.cooperation import models as cooperation
from services.matching.disclosure import models as disclosure
from services.matching.mirror import models as mirror
from services.matching.rates import models as rates
from services.matching.runs import models as runs
from services.matching.suggestions import models as suggestions
from shared.audit.tables import audit_tables
from shared.http.kept_answers import kept_answers

FEATURES = (mirror, rates, runs, suggestions, cooperation, disclosure)
metadata = Table.metadata
kept_answers(metadata)
audit_tables(metadata)
