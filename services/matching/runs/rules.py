"""The states of a run."""

from enum import StrEnum


class RunStatus(StrEnum):
    """Where a run is: waiting, following the catalog's feed, running the engine, or done one way or the other."""

    QUEUED = "queued"
    FOLLOWING = "following"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


FINISHED = frozenset({RunStatus.SUCCEEDED, RunStatus.FAILED})
