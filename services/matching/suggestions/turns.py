"""Publishing a plan and bringing suggestions back take turns."""

from sqlalchemy import func, select
from sqlmodel import Session

#: Any constant will do.
_PROPOSING = 7_420_231_121


def take_proposing_turn(session: Session) -> None:
    """Wait until nobody else publishes or restores; before any suggestion is locked, so that no two wait in a circle.

    Who brings a suggestion back asks whether a newer one speaks for its pair: a plan that is being published meanwhile
    could not be seen, and the pair would be proposed twice.
    """
    session.execute(select(func.pg_advisory_xact_lock(_PROPOSING)))
