"""Where a step of an import is, told beside the step's own transaction; and the wish to end it.

A step runs in one transaction, of which nothing can be seen before its end. So what it is doing stands in the import's
record, written by a connection of its own; whether it still runs is told by a lock that ends with the step, however it
ends.
"""

from uuid import UUID

from sqlalchemy import Engine, func, select, text, update
from sqlmodel import Session

from services.catalog.imports.models import Import
from shared.db.acting import SERVICE, tell
from shared.db.upserts import sql_table
from shared.http.problems import conflict

_IMPORTS = sql_table(Import)
#: Any constant will do; with a number made of the import's id it is the lock of that import.
_STEPS = 742_023


class Cancelled(Exception):
    """Somebody asked the step to end."""


class Progress:
    """Tells of one import's step."""

    def __init__(self, engine: Engine, import_id: UUID) -> None:
        self._engine = engine
        self._id = import_id

    def __call__(self, doing: str, done: int, of: int) -> None:
        """Say what is being done. Raises Cancelled."""
        told = {"doing": doing, "done": done, "of": of}
        statement = update(_IMPORTS).where(_IMPORTS.c.id == self._id).values(progress=told)
        with self._engine.begin() as connection:
            tell(connection, SERVICE)
            if connection.execute(statement.returning(_IMPORTS.c.cancelling)).scalar():
                raise Cancelled


def untold(doing: str, done: int, of: int) -> None:
    """Tell nobody: the whole import is one request, and its record appears at the end."""


def hold(session: Session, import_id: UUID) -> None:
    """Let no other step of the import run till the transaction ends; 409 while one runs."""
    locked = session.execute(select(func.pg_try_advisory_xact_lock(_STEPS, number(import_id)))).scalar_one()
    if not locked:
        raise conflict("这次导入正在处理", "请等它完成，或先取消。", "import-running")


def is_running(session: Session, import_id: UUID) -> bool:
    """Tell whether a step of the import runs now."""
    held = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = :steps AND objid = :number AND granted"
    mine = " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND objsubid = 2 LIMIT 1"
    found = session.execute(text(held + mine), {"steps": _STEPS, "number": number(import_id)})
    return found.first() is not None


def number(import_id: UUID) -> int:
    """What tells an import's locks from those of others.

    The last bits of the id: the first ones tell the time, and are alike for imports of one moment.
    """
    return import_id.int & 0x7FFF_FFFF
