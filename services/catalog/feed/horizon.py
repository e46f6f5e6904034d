"""Up to where the outbox is settled: no transaction that still runs can write an event before that any more.

`pg_snapshot_xmin` would do, but it waits for the transactions of every database of the server: a mirror of this very
feed, kept in another one, would hold back what it is about to ask for, and take it for all there is.
"""

#: SQL of the first transaction number that is not settled, an xid8: of those that run by this statement's snapshot, the
#: oldest that is not known to run in another database; else the first that the snapshot knows nothing of. Locks are
#: looked at after the snapshot was taken: who has ended since then is in none, and counts as running.
UNSETTLED = """
    (SELECT coalesce(min(running), pg_snapshot_xmax(pg_current_snapshot()))
    FROM pg_snapshot_xip(pg_current_snapshot()) AS running
    WHERE NOT EXISTS (
        SELECT FROM pg_locks AS held JOIN pg_stat_get_activity(NULL) AS backend ON backend.pid = held.pid
        WHERE held.locktype = 'transactionid' AND held.granted AND held.mode = 'ExclusiveLock'
            AND held.transactionid = CAST(running AS xid)
            AND backend.datid <> (SELECT oid FROM pg_database WHERE datname = current_database())
    ))
"""
