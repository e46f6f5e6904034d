"""A process that seals the catalog's audit and does nothing else, to be killed: the worker's loop by itself."""

import asyncio
import sys

from shared.audit.sealing import seal_for_ever
from shared.db.database import Database

if __name__ == "__main__":
    asyncio.run(seal_for_ever(Database(sys.argv[1], pool_size=1)))
