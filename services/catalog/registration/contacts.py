"""Use cases of the contact's mail address: a code is sent there, and whoever says it reads the mail."""

import base64
import re
import secrets
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import Session

from services.catalog.identity import throttle
from services.catalog.identity.throttle import Counted
from services.catalog.registration import letters, reading
from services.catalog.registration.context import Office
from services.catalog.registration.models import Registration
from services.catalog.registration.moving import allowed, own, touch
from services.catalog.registration.rules import EMAIL_CODE_LIFE, Party, Verb
from shared.db.upserts import Row, sql_table
from shared.http.problems import FieldError, Problem, conflict
from shared.mail.sending import Mail
from shared.security.secrets import digest

_TABLE = sql_table(Registration)
_TOO_MANY_LETTERS = "验证邮件发送过于频繁，请在 {wait}后再试。"
_TOO_MANY_GUESSES = "验证码输错次数过多，请在 {wait}后再试。"


def send_code(session: Session, office: Office, code: str, address: str) -> Mail:
    """The letter with a new code to the contact's address; an older code counts no more. Commits.

    422 without an address, 409 for one that is proved, 429 for too many letters: nobody's mailbox is to be flooded.
    """
    registration = own(session, office, code, address)
    allowed(registration, Verb.SAVE, Party.APPLICANT)
    email = registration.contact_email
    if email is None:
        raise _wrong("/contact_email", "missing", "请先填写联系邮箱。")
    if registration.email_verified:
        raise conflict("邮箱已验证", "无需再次验证。", "wrong-state")
    now = office.identity.clock()
    mailbox = Counted(f"email code:{digest(email)}", free=3, locks=6)
    throttle.count(session, [mailbox, throttle.by_address(address, "email code")], now, _TOO_MANY_LETTERS)
    registration = own(session, office, code, address)
    told = base64.b32encode(secrets.token_bytes(5)).decode()
    registration.email_digest = _digest(registration.id, told)
    registration.email_expires_at = now + EMAIL_CODE_LIFE
    session.add(registration)
    session.commit()
    return letters.email_code(email, f"{told[:4]}-{told[4:]}")


def verify_code(session: Session, office: Office, code: str, address: str, said: str) -> Row:
    """Prove the contact's address by the code out of the letter; the registration then. Commits.

    422 for a wrong code or one that is over, 429 for too many wrong ones: they are counted before they are judged.
    """
    registration = own(session, office, code, address)
    allowed(registration, Verb.SAVE, Party.APPLICANT)
    now, guesses = office.identity.clock(), Counted(f"email guess:{registration.id}", free=5, locks=10)
    throttle.count(session, [guesses], now, _TOO_MANY_GUESSES)
    registration = own(session, office, code, address)
    told = _digest(registration.id, re.sub(r"[\s-]", "", said).upper())
    lasts = registration.email_expires_at is not None and registration.email_expires_at > now
    if registration.email_digest != told or not lasts:
        raise _wrong("/code", "wrong_code", "验证码有误或已过期，请核对，或重新获取。")
    registration.email_verified, registration.email_digest = True, None
    throttle.forgive(session, guesses)
    touch(session, registration)
    row = reading.own_view(session, registration)
    session.commit()
    return row


def erase_contact(session: Session, email: str) -> int:
    """Forget the person at an address in every registration, whatever became of it; how many. The caller commits."""
    nobody = {"contact_name": None, "contact_phone": None, "contact_email": None, "email_verified": False}
    theirs = update(_TABLE).where(_TABLE.c.contact_email == email).returning(_TABLE.c.id)
    change = theirs.values(**nobody, version=_TABLE.c.version + 1, updated_at=func.now())
    return len(session.execute(change).all())


def contact_of(session: Session, email: str) -> list[Row]:
    """What registrations hold about the person at an address, oldest first."""
    names = ("id", "name", "contact_name", "contact_phone", "contact_email", "created_at")
    theirs = select(*(_TABLE.c[name] for name in names)).where(_TABLE.c.contact_email == email)
    return [dict(row) for row in session.execute(theirs.order_by(_TABLE.c.id)).mappings()]


def _digest(id: UUID, code: str) -> str:
    return digest(f"{id}:{code}")


def _wrong(pointer: str, code: str, sentence: str) -> Problem:
    return Problem(
        422, "validation", "提交的内容有误", sentence, [FieldError(pointer=pointer, detail=sentence, code=code)]
    )
