"""`python -m tests.faults.matching.follower`: only follows the feed, as the worker does beside its jobs."""

import asyncio

from services.matching.mirror.feed import CatalogFeed
from services.matching.mirror.follower import follow
from services.matching.settings import WorkerSettings
from shared.db.database import Database


async def main(settings: WorkerSettings) -> None:
    """Follow until killed."""
    database = Database(settings.database_url, pool_size=2)
    token = settings.catalog_token_file.read_text("utf-8").strip()
    async with CatalogFeed(settings.catalog_url, token) as feed:
        await follow(database, feed)


if __name__ == "__main__":
    asyncio.run(main(WorkerSettings()))
