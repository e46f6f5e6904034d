"""The second factor: an authenticator application, and codes on paper for when it is lost."""

from sqlalchemy import select
from sqlmodel import Session, col

from services.catalog.identity import throttle
from services.catalog.identity.codes import forget_recovery_codes, new_recovery_codes, use_code, use_totp
from services.catalog.identity.context import Identity
from services.catalog.identity.hats import hats_for
from services.catalog.identity.models import Account
from services.catalog.identity.noting import refused
from services.catalog.identity.refusals import unfinished, wrong_code, wrong_password
from services.catalog.identity.rules import NEEDS_SECOND_FACTOR, Stage
from services.catalog.identity.sign_ins import Present
from shared.audit import acting
from shared.http.problems import conflict
from shared.security.encryption import Encryption
from shared.security.totp import new_totp_secret, provisioning_uri

ISSUER = "携手 Xieshou"


def require_stage(present: Present) -> None:
    """401 for a sign-in that lacks the code of an authenticator: it must not get another one."""
    if present.sign_in.stage == Stage.CODE:
        raise unfinished(Stage.CODE)


def begin_enrolment(session: Session, identity: Identity, present: Present, password: str | None) -> tuple[str, str]:
    """A new secret and the address for the authenticator, which count once a code confirms them. Commits.

    Kept encrypted; 503 in a process that has no key for it.
    """
    account = present.account
    require_stage(present)
    if account.totp_confirmed:
        raise conflict("已启用动态验证码", "请先停用，再重新绑定。", "totp-enabled")
    require_password(session, identity, account, password)
    secret = new_totp_secret()
    account.totp_secret, account.totp_step = identity.secrets.encrypt(secret, str(account.id)), None
    session.add(account)
    session.commit()
    return secret, provisioning_uri(secret, account.email, ISSUER)


def confirm(session: Session, identity: Identity, present: Present, code: str) -> list[str]:
    """Turn the authenticator on by one of its codes; ten recovery codes, which are told this once. Commits."""
    account = present.account
    require_stage(present)
    if account.totp_secret is None or account.totp_confirmed:
        raise conflict("没有待确认的动态验证码", "请先申请绑定，再提交验证码。", "totp-not-begun")
    throttle.count(session, [throttle.by_account(account.email)], identity.clock())
    if not use_totp(session, identity, account, code):
        refused(session, account, "code")
        raise wrong_code()
    account.totp_confirmed = True
    if present.sign_in.stage == Stage.ENROL:
        present.sign_in.stage = Stage.FULL
    codes = new_recovery_codes(session, account)
    _settle(session, present)
    return codes


def pass_code(session: Session, identity: Identity, present: Present, code: str) -> None:
    """Let a sign-in that lacks the code go on. Commits."""
    if present.sign_in.stage != Stage.CODE:
        raise conflict("不需要验证码", "本次登录已完成验证。", "code-not-asked")
    throttle.count(session, [throttle.by_account(present.account.email)], identity.clock())
    if not use_code(session, identity, present.account, code):
        refused(session, present.account, "code")
        raise wrong_code()
    present.sign_in.stage = Stage.FULL
    _settle(session, present)


def remove(session: Session, identity: Identity, present: Present, password: str | None, code: str) -> None:
    """Turn the second factor off; 409 for whom it is required. Commits."""
    account = present.account
    if any(hat.role in NEEDS_SECOND_FACTOR for hat in hats_for(session, account.id)):
        raise conflict("不能停用动态验证码", "审核员必须使用动态验证码。", "totp-required")
    _prove(session, identity, account, password, code)
    account.totp_secret, account.totp_confirmed, account.totp_step = None, False, None
    forget_recovery_codes(session, account)
    session.add(account)
    session.commit()


def renew_codes(session: Session, identity: Identity, present: Present, password: str | None, code: str) -> list[str]:
    """Ten new recovery codes in place of the old ones. Commits."""
    _prove(session, identity, present.account, password, code)
    codes = new_recovery_codes(session, present.account)
    acting.note(session, "renewed", "recovery_codes", str(present.account.id))
    session.commit()
    return codes


def require_password(session: Session, identity: Identity, account: Account, password: str | None) -> None:
    """401 unless it is the account's password; an account without one has signed in elsewhere."""
    if account.password_hash is None:
        return
    throttle.count(session, [throttle.by_account(account.email)], identity.clock())
    if not identity.passwords.check(password or "", account.password_hash)[0]:
        refused(session, account, "password")
        raise wrong_password()
    throttle.uncount(session, throttle.by_account(account.email))


def _prove(session: Session, identity: Identity, account: Account, password: str | None, code: str) -> None:
    if not account.totp_confirmed:
        raise conflict("没有启用动态验证码", "请先绑定验证器。", "totp-not-enabled")
    require_password(session, identity, account, password)
    throttle.count(session, [throttle.by_account(account.email)], identity.clock())
    if not use_code(session, identity, account, code):
        refused(session, account, "code")
        raise wrong_code()
    throttle.forgive(session, throttle.by_account(account.email))


def _settle(session: Session, present: Present) -> None:
    throttle.forgive(session, throttle.by_account(present.account.email))
    session.add_all([present.account, present.sign_in])
    session.commit()


def renew_encryption(session: Session, secrets: Encryption) -> int:
    """Encrypt all authenticators' secrets anew that the newest key has not encrypted; how many. Commits."""
    kept = session.execute(select(Account).where(col(Account.totp_secret).is_not(None)).with_for_update()).scalars()
    older = [each for each in kept if not secrets.is_newest(str(each.totp_secret))]
    for account in older:
        id = str(account.id)
        account.totp_secret = secrets.encrypt(secrets.decrypt(str(account.totp_secret), id), id)
        session.add(account)
    session.commit()
    return len(older)
