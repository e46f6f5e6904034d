"""One-time links: to set a new password, to accept an invitation, to open the first account.

The database holds their digests. The secret is behind a `#`, which browsers do not send, so that no log has it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import Session

from services.catalog.enterprises import service as enterprises
from services.catalog.identity import throttle
from services.catalog.identity.codes import forget_recovery_codes
from services.catalog.identity.context import Identity
from services.catalog.identity.ending import end_all_of
from services.catalog.identity.members import join
from services.catalog.identity.models import Account, OneTimeLink
from services.catalog.identity.noting import known
from services.catalog.identity.password_rules import normal_password, objection
from services.catalog.identity.refusals import refused_password
from services.catalog.identity.rules import LINK_LIVES, Kind, Level, Purpose
from services.catalog.identity.schemas import Completion, LinkOut
from services.catalog.identity.sign_ins import find_account
from shared.db.upserts import sql_table
from shared.http.problems import FieldError, Problem
from shared.mail.sending import Mail
from shared.security.secrets import digest, new_secret

_LINKS = sql_table(OneTimeLink)
#: Letters about one address within the life of a link: nobody's mailbox is to be flooded through us.
_RESETS_AT_A_TIME = 3


@dataclass(frozen=True)
class Into:
    """What an invitation invites into, and who invites."""

    kind: Kind | None
    enterprise_id: UUID | None = None
    cluster_ids: Sequence[UUID] = ()
    level: Level = Level.MEMBER
    invited_by: str | None = None


def ask_for_reset(session: Session, identity: Identity, email: str) -> Mail | None:
    """The letter with a link to set a new password; None where nobody may get one, of which the asker is not told.

    Commits.
    """
    account, now = find_account(session, email), identity.clock()
    if account is None or account.status != "active":
        return None
    since = now - LINK_LIVES[Purpose.RESET]
    recent = (_LINKS.c.email == email) & (_LINKS.c.purpose == Purpose.RESET.value) & (_LINKS.c.created_at > since)
    if session.execute(select(func.count()).where(recent)).scalar_one() >= _RESETS_AT_A_TIME:
        return None
    url, _ = make_link(session, now, identity.public_url, Purpose.RESET, email)
    session.commit()
    told = "请在 1 小时内打开下面的链接重设密码，只能用一次"
    text = f"{account.name}：\n\n{told}：\n{url}\n\n如果不是您本人申请，请不必理会。\n"
    return Mail(email, "携手：重设密码", text)


def first_account(session: Session, now: datetime, public_url: str, email: str) -> str:
    """The address by which the first reviewer opens an account, or one who lost everything gets in again. Commits."""
    url, _ = make_link(session, now, public_url, Purpose.FIRST, email, Into(Kind.REVIEWER))
    session.commit()
    return url


def make_link(
    session: Session, now: datetime, public_url: str, purpose: Purpose, email: str, into: Into | None = None
) -> tuple[str, OneTimeLink]:
    """A new link and its address; links for the same that the e-mail address already has end. The caller commits."""
    secret, into = new_secret(), into or Into(None)
    older = (_LINKS.c.email == email) & (_LINKS.c.purpose == purpose.value) & _LINKS.c.used_at.is_(None)
    older &= _LINKS.c.enterprise_id.is_not_distinct_from(into.enterprise_id)
    older &= _LINKS.c.kind.is_not_distinct_from(into.kind) & _LINKS.c.withdrawn_at.is_(None)
    session.execute(update(_LINKS).where(older).values(withdrawn_at=now))
    link = OneTimeLink(
        digest=digest(secret),
        purpose=purpose,
        email=email,
        kind=into.kind,
        enterprise_id=into.enterprise_id,
        cluster_ids=[str(id) for id in into.cluster_ids],
        level=into.level,
        invited_by=into.invited_by,
        created_at=now,
        expires_at=now + LINK_LIVES[purpose],
    )
    session.add(link)
    session.flush()
    return f"{public_url}/catalog/link#{secret}", link


def read_link(session: Session, identity: Identity, token: str) -> LinkOut:
    """What a link is for and what its bearer still has to say; Problem 410 when it is over."""
    link = _living(session, identity, token)
    account = find_account(session, link.email)
    return LinkOut(
        purpose=Purpose(link.purpose),
        email=link.email,
        kind=Kind(link.kind) if link.kind else None,
        enterprise_name=_enterprise_name(session, link.enterprise_id),
        needs_name=account is None,
        needs_password=_needs_password(link, account),
        expires_at=link.expires_at,
    )


def complete(session: Session, identity: Identity, said: Completion) -> tuple[Account, Mail]:
    """Do what a link is for, once; the account, and the letter that tells its bearer. Commits.

    Problem 410 when the link is over, 422 for a password that is missing or refused.
    """
    link = _living(session, identity, said.token)
    found = find_account(session, link.email)
    account = found or Account(email=link.email, name=_given(said.name, "/name", "请填写姓名。"))
    if _needs_password(link, found):
        _set_password(session, identity, account, _given(said.password, "/password", "请设置密码。"))
    session.add(account)
    session.flush()
    known(session, account)
    if link.purpose == Purpose.FIRST:
        account.totp_secret, account.totp_confirmed = None, False
        forget_recovery_codes(session, account)
    if link.kind is not None:
        join(session, account, link)
    link.used_at = identity.clock()
    session.add(link)
    session.commit()
    return account, _told(link, account)


def set_password(identity: Identity, account: Account, password: str, pointer: str) -> None:
    """Give an account a new password; Problem 422 naming the field when it is refused. The caller commits."""
    wanted = normal_password(password)
    if why := objection(wanted, (account.email, account.name)):
        raise refused_password(pointer, why)
    account.password_hash = identity.passwords.hash(wanted)


def _set_password(session: Session, identity: Identity, account: Account, password: str) -> None:
    """As above, by a link: whoever was signed in is no more, and back-off is forgotten."""
    set_password(identity, account, password, "/password")
    end_all_of(session, account.id, identity.clock(), "password")
    throttle.forgive(session, throttle.by_account(account.email))


def _needs_password(link: OneTimeLink, account: Account | None) -> bool:
    return account is None or account.password_hash is None or link.purpose != Purpose.INVITATION


def _given(value: str | None, pointer: str, sentence: str) -> str:
    if value is None:
        error = FieldError(pointer=pointer, detail=sentence, code="missing")
        raise Problem(422, "validation", "提交的内容有误", sentence, [error])
    return value


def _living(session: Session, identity: Identity, token: str) -> OneTimeLink:
    """The link of a secret, locked; Problem 410 saying why it is over."""
    wanted = select(OneTimeLink).where(_LINKS.c.digest == digest(token)).with_for_update()
    link: OneTimeLink | None = session.execute(wanted).scalar_one_or_none()
    if link is None:
        raise _over("没有这个链接，请检查是否完整复制。")
    if link.used_at is not None:
        raise _over("链接已使用过。")
    if link.withdrawn_at is not None:
        raise _over("链接已被撤回，或已有更新的链接。")
    if link.expires_at <= identity.clock():
        raise _over("链接已过期，请重新申请。")
    return link


def _over(why: str) -> Problem:
    return Problem(410, "link-over", "链接已失效", why)


def _told(link: OneTimeLink, account: Account) -> Mail:
    changed = "密码已重设" if link.purpose != Purpose.INVITATION else "账号已开通新的身份"
    text = f"{account.name}：\n\n您的{changed}。如果不是您本人操作，请立即重设密码并联系管理员。\n"
    return Mail(account.email, f"携手：{changed}", text)


def _enterprise_name(session: Session, id: UUID | None) -> str | None:
    return enterprises.standings(session, [id])[id].name if id else None
