"""`python -m tests.faults.matching.tender DAY`: tends once, as the worker does, as if it were that day."""

import sys
from datetime import datetime

import services.matching.tables  # noqa: F401 - rows refer to tables of every feature
from services.matching.settings import WorkerSettings
from services.matching.tending import tend
from shared.db.database import Database

if __name__ == "__main__":
    settings = WorkerSettings()
    tend(Database(settings.database_url, pool_size=1), datetime.fromisoformat(sys.argv[1]), settings.waiting)
