"""Writers of the catalog take turns."""

from sqlalchemy import func, select
from sqlmodel import Session

from shared.db.acting import read_beyond

#: Any constant will do.
_WRITERS = 7_420_231_112
#: The longest import takes seconds; a request that waits longer than this for others only piles up.
PATIENCE = "60s"


def take_turn(session: Session) -> None:
    """Wait until no other writer of the catalog is in its transaction; the first thing that a writing use case does.

    Taken before the first write it gives transactions their numbers in the order of their commits, so that the feed
    never shows a row's older version after its newer one. It also lets an upsert trust what it has just read.
    Who waits too long gets an OperationalError, over HTTP a 503 that says to try again.

    From then on the transaction reads all rows, whoever's it is: keys, references and bills are checked against those
    of others too. What it may write stays its own.
    """
    # one statement: the limit is set before the lock is asked for, and both end with the transaction
    limit = func.set_config("lock_timeout", PATIENCE, True)
    session.execute(select(limit, func.pg_advisory_xact_lock(_WRITERS)))
    read_beyond(session)
