"""The audit of a service: who did what, why and from where, append-only and chained by hashes.

An *entry* is what one transaction did: who, in which role and for whom, by which operation, why, from where. The
*changes* of an entry say what became of which row: they are written by triggers, into `audit_change` or into a history
that the service keeps anyway (a `Source`), and belong to the entry of the same transaction. Nothing is stored twice.

A worker seals entries: the *seal* number N holds the digest of an entry with all its changes, and a hash over that and
the hash of seal N - 1. The database refuses to change, remove or insert any of it to everybody but its owner, and what
the owner changes behind its back no longer fits the hashes.
"""
