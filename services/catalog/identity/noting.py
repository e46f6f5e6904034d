"""What the audit is told of people who come to the door: why somebody was not let in, and what leaves no row."""

from uuid import UUID

from sqlmodel import Session

from services.catalog.identity.models import Account
from shared.audit import acting


def refused(session: Session, account: Account | None, why: str) -> None:
    """Note that somebody was not let in by a `password`, a `code` …; what was to be written is not. Commits.

    An address that nobody has is not told: it may be a password, typed into the wrong field.
    """
    subject = str(account.id) if account is not None else "unknown"
    session.rollback()
    acting.note(session, "refused", "sign_in", subject, {"why": why})
    session.commit()


def known(session: Session, account: Account, role: str | None = None, enterprise: UUID | None = None) -> None:
    """From now on it is this account that acts."""
    acting.name(session, f"account:{account.id}", role, enterprise)
