"""What others ask of identity: make and renew keys, issue tokens, open the first account, end what acts for a firm."""

from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog

from services.catalog.enterprises.rules import Standing
from services.catalog.identity.context import Identity
from services.catalog.identity.links import first_account
from services.catalog.identity.rules import IncompleteActor, actor, check_standing
from shared.mail.sending import Mail, MailNotSent
from shared.security.actor import Actor, Role
from shared.security.keys import LONGEST, SigningKey, create_keys, rotate_keys

__all__ = ["IncompleteActor", "create_keys", "first_account", "issue_token", "rotate_keys"]


def issue_token(
    key_file: Path,
    role: Role,
    *,
    now: datetime,
    enterprise_id: UUID | None = None,
    standing: Standing | None = None,
    cluster_ids: Collection[UUID] = (),
    lifetime: timedelta = timedelta(days=30),
) -> str:
    """A signed token for a role and whom it acts for; IncompleteActor when these do not fit.

    `standing` is what the enterprise is: nobody gets a token for a role that it does not have.
    """
    if not timedelta(0) < lifetime <= LONGEST:
        raise IncompleteActor(f"令牌有效期应在 1 到 {LONGEST.days} 天之间。")
    bearer = actor(role, enterprise_id, cluster_ids)
    if standing is not None:
        check_standing(role, standing)
    return SigningKey(key_file).sign(bearer, lifetime, now)


def post(identity: Identity, letter: Mail) -> None:
    """Send a letter after the answer; who waits for it can ask for another one."""
    try:
        identity.mailer.send(letter)
    except MailNotSent as error:
        # neither the address nor the text, which has a link in it
        structlog.get_logger("mail").error("mail not sent", subject=letter.subject, error=str(error))


def note(who: Actor, what: str, id: UUID, reason: str) -> None:
    """Tell the log what somebody did to an account."""
    structlog.get_logger("identity").info(what, by=who.subject, account=str(id), reason=reason)
