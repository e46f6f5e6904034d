"""The catalog's worker: what the service does beside its requests.

It keeps the outbox short, carries imports out, seals the audit, and forgets drafts of registrations. It may be killed
at any time, and any number of workers may run.
"""

import asyncio
from datetime import timedelta

from services.catalog.feed.compaction import compact_for_ever
from services.catalog.imports.stepwise.jobs import work_for_ever
from services.catalog.registration.store import Store
from services.catalog.registration.sweeping import sweep_for_ever
from services.catalog.settings import WorkerSettings
from shared.audit.sealing import seal_for_ever
from shared.db.database import Database


def main(settings: WorkerSettings) -> None:
    """Work until told to stop; what the database does is raised."""
    asyncio.run(work(settings))


async def work(settings: WorkerSettings) -> None:
    """All that the worker does, for ever."""
    database = Database(settings.database_url, pool_size=6)
    try:
        await asyncio.gather(
            compact_for_ever(database, timedelta(days=settings.feed_keep_days)),
            work_for_ever(database),
            seal_for_ever(database),
            sweep_for_ever(database, Store(settings.documents_folder) if settings.documents_folder else None),
        )
    finally:
        # what still works in a thread gives its connection back first
        await asyncio.get_running_loop().shutdown_default_executor()
        database.dispose()
