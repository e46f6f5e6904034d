"""Counting the statements that a database is sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Engine, event


@dataclass
class Statements:
    """The statements that were sent while they were recorded."""

    sent: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many there were."""
        return len(self.sent)


@contextmanager
def recorded(engine: Engine) -> Iterator[Statements]:
    """Record every statement that the engine's connections send."""
    found = Statements()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        found.sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)
