"""Codes that prove a second factor: the authenticator's, and the recovery codes on paper; each counts once."""

import base64
import hashlib
import re
import secrets

from sqlalchemy import delete
from sqlmodel import Session

from services.catalog.identity.context import Identity
from services.catalog.identity.models import Account, RecoveryCode
from shared.db.upserts import sql_table
from shared.security.totp import matching_step

_CODES = sql_table(RecoveryCode)
_HOW_MANY = 10


def use_code(session: Session, identity: Identity, account: Account, code: str) -> bool:
    """Whether this is a code of the authenticator or a recovery code; it is none ever after. The caller commits."""
    bare = re.sub(r"[\s-]", "", code).upper()
    return use_totp(session, identity, account, bare) or _use_recovery(session, account, bare)


def use_totp(session: Session, identity: Identity, account: Account, code: str) -> bool:
    """Whether this is a code of the authenticator that was not used yet; it is used then. The caller commits."""
    # locked: of two requests with one code, the second sees the step used
    session.refresh(account, with_for_update=True)
    if account.totp_secret is None or not re.fullmatch(r"[0-9]{6}", code):
        return False
    secret = identity.secrets.decrypt(account.totp_secret, str(account.id))
    step = matching_step(secret, code, identity.clock(), account.totp_step)
    if step is None:
        return False
    account.totp_step = step
    session.add(account)
    return True


def _use_recovery(session: Session, account: Account, code: str) -> bool:
    used = delete(_CODES).where(_CODES.c.account_id == account.id, _CODES.c.digest == _digest(account, code))
    return session.execute(used.returning(_CODES.c.digest)).first() is not None


def new_recovery_codes(session: Session, account: Account) -> list[str]:
    """Ten codes of 80 bits each, as people can type them, in place of all older ones; the caller commits."""
    forget_recovery_codes(session, account)
    bare = [base64.b32encode(secrets.token_bytes(10)).decode() for _ in range(_HOW_MANY)]
    session.add_all(RecoveryCode(account_id=account.id, digest=_digest(account, code)) for code in bare)
    return ["-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in bare]


def forget_recovery_codes(session: Session, account: Account) -> None:
    """Make the recovery codes worthless; the caller commits."""
    session.execute(delete(_CODES).where(_CODES.c.account_id == account.id))


def _digest(account: Account, code: str) -> str:
    return hashlib.sha256(f"{account.id}:{code}".encode()).hexdigest()
