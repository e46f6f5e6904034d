"""Use cases of signing in: by password, looking at it, acting as somebody else, ending it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from services.catalog.identity import throttle
from services.catalog.identity.codes import use_code
from services.catalog.identity.context import Identity
from services.catalog.identity.ending import end_all_of, end_one, tidy
from services.catalog.identity.hats import choose, hats_for, worn
from services.catalog.identity.models import Account, SignIn
from services.catalog.identity.noting import known, refused
from services.catalog.identity.refusals import unfinished, wrong_code, wrong_password
from services.catalog.identity.rules import LIVES, NEEDS_SECOND_FACTOR, Carrier, Hat, Stage, normal_email
from services.catalog.identity.schemas import SignInRequest
from shared.db.upserts import Row, sql_table
from shared.http.problems import Problem, forbidden, not_found, unauthorised
from shared.security.actor import Actor, Scope
from shared.security.secrets import derived, digest, new_secret
from shared.security.tokens import SHORT

_ACCOUNTS = sql_table(Account)
_SIGN_INS = sql_table(SignIn)
_SHOWN = ("id", "carrier", "role", "enterprise_id", "device", "address", "began_at", "seen_at", "ends_at")


@dataclass(frozen=True)
class Where:
    """From where somebody signs in: the address, and what the browser calls itself."""

    address: str
    device: str


@dataclass(frozen=True)
class Present:
    """A sign-in that lasts, and its account; `secret` is what the browser's cookie holds."""

    sign_in: SignIn
    account: Account
    secret: str | None = None

    @property
    def csrf(self) -> str | None:
        """What our own pages say beside the cookie."""
        return derived(self.secret, "csrf") if self.secret else None


def sign_in(session: Session, identity: Identity, asked: SignInRequest, where: Where) -> Present:
    """Sign in by password, and by a code where one is given. Commits.

    Problem 401 for a wrong password, which an unknown address answers too; 403 for who may not come in, 429 while too
    many attempts failed.
    """
    now, email = identity.clock(), normal_email(asked.email)
    throttle.count(session, [throttle.by_account(email), throttle.by_address(where.address)], now)
    account = find_account(session, email)
    right, renewed = identity.passwords.check(asked.password, account.password_hash if account else None)
    if account is None or not right:
        refused(session, account, "password")
        raise wrong_password()
    account.password_hash = renewed or account.password_hash
    throttle.uncount(session, throttle.by_address(where.address))
    return admit(session, identity, account, asked, where)


def admit(
    session: Session, identity: Identity, account: Account, asked: SignInRequest, where: Where, *, strong: bool = False
) -> Present:
    """Let somebody in who has proved who it is; `strong` when with two factors already. Commits."""
    known(session, account)
    require_active(account)
    hats = hats_for(session, account.id)
    hat = choose(hats, asked.role, asked.enterprise_id)
    if hat is None:
        raise forbidden("账号没有可用的身份：企业已暂停或注销，或您已被移出。请联系管理员。")
    stage = _stage(account, hats, strong=strong)
    if stage is Stage.CODE and asked.code is not None:
        if not use_code(session, identity, account, asked.code):
            refused(session, account, "code")
            raise wrong_code()
        stage = Stage.FULL
    if asked.carrier is Carrier.TOKENS and stage is not Stage.FULL:
        raise unfinished(stage)
    counted = throttle.by_account(account.email)
    (throttle.forgive if stage is Stage.FULL else throttle.uncount)(session, counted)
    known(session, account, hat.role, hat.enterprise_id)
    throttle.tidy(session, identity.clock())
    tidy(session, identity.clock())
    present = _begin(account, hat, stage, asked.carrier, where, identity.clock())
    session.add(account)
    session.add(present.sign_in)
    session.commit()
    return present


def by_secret(session: Session, identity: Identity, secret: str) -> Present:
    """The sign-in of a browser's cookie; 401 when it is over."""
    found = session.execute(select(SignIn).where(_SIGN_INS.c.secret_digest == digest(secret))).scalar_one_or_none()
    return _lasting(session, identity, found, secret)


def by_id(session: Session, identity: Identity, id: UUID | None) -> Present:
    """The sign-in that a token came from; 401 when it is over, or the token came from none."""
    return _lasting(session, identity, session.get(SignIn, id) if id else None, None)


def look(session: Session, identity: Identity, present: Present) -> list[Hat]:
    """Note that the sign-in is in use; what its account may act as. Commits.

    401 when what it acts as is gone: it ends.
    """
    hats, now = hats_for(session, present.account.id), identity.clock()
    if worn(hats, present.sign_in) is None:
        end_one(session, present.sign_in, now, "role")
        session.commit()
        raise unauthorised("您登录时的身份已失效（企业已暂停，或您已被移出），请重新登录。")
    present.sign_in.seen_at = now
    session.add(present.sign_in)
    session.commit()
    return hats


def act_as(session: Session, present: Present, role: str, enterprise_id: UUID | None) -> None:
    """Go on in another of the account's roles. Commits."""
    hat = choose(hats_for(session, present.account.id), role, enterprise_id)
    if hat is None:
        raise forbidden("您没有这个身份，请从 roles 中选择。")
    if hat.role in NEEDS_SECOND_FACTOR and not present.account.totp_confirmed:
        raise unfinished(Stage.ENROL)
    present.sign_in.role, present.sign_in.enterprise_id = hat.role, hat.enterprise_id
    session.add(present.sign_in)
    session.commit()


def access_token(identity: Identity, present: Present, hat: Hat, scopes: frozenset[Scope] = frozenset()) -> str:
    """A token for ten minutes; in a browser's cookie it tells what our pages say beside it."""
    worn_now = hat.worn_by(present.account.id, present.sign_in.id)
    bearer = Actor(**{**vars(worn_now), "scopes": frozenset(scopes)}) if scopes else worn_now
    return identity.key.sign(bearer, SHORT, identity.clock(), present.csrf)


def own_sign_ins(session: Session, identity: Identity, present: Present) -> list[Row]:
    """The account's sign-ins that last, the newest first; `current` is the one that asks."""
    columns = [_SIGN_INS.c[name] for name in _SHOWN]
    mine = select(*columns).where(_SIGN_INS.c.account_id == present.account.id, _SIGN_INS.c.ended_at.is_(None))
    rows = session.execute(mine.order_by(_SIGN_INS.c.id.desc())).mappings()
    now = identity.clock()
    lasting = [dict(row) for row in rows if _lasts(row["carrier"], row["seen_at"], row["ends_at"], now)]
    return [{**row, "current": row["id"] == present.sign_in.id} for row in lasting]


def end_own(session: Session, identity: Identity, present: Present, id: UUID) -> None:
    """End one of the account's sign-ins; 404 where it has no such one. Commits."""
    found = session.get(SignIn, id)
    if found is None or found.account_id != present.account.id or found.ended_at is not None:
        raise not_found("登录", id)
    end_one(session, found, identity.clock(), "own")
    session.commit()


def end_others(session: Session, identity: Identity, present: Present) -> int:
    """End all of the account's sign-ins but this one; how many. Commits."""
    ended = end_all_of(session, present.account.id, identity.clock(), "own", but=present.sign_in.id)
    session.commit()
    return ended


def find_account(session: Session, email: str) -> Account | None:
    """The account of an address."""
    return session.execute(select(Account).where(_ACCOUNTS.c.email == email)).scalar_one_or_none()


def require_active(account: Account) -> None:
    """403 where a reviewer has suspended the account."""
    if account.status != "active":
        raise Problem(403, "account-suspended", "账号已停用", "请联系管理员。")


def _stage(account: Account, hats: list[Hat], *, strong: bool) -> Stage:
    if strong:
        return Stage.FULL
    if account.totp_confirmed:
        return Stage.CODE
    return Stage.ENROL if any(hat.role in NEEDS_SECOND_FACTOR for hat in hats) else Stage.FULL


def _begin(account: Account, hat: Hat, stage: Stage, carrier: Carrier, where: Where, now: datetime) -> Present:
    secret = new_secret() if carrier is Carrier.COOKIE else None
    begun = SignIn(
        account_id=account.id,
        carrier=carrier,
        stage=stage,
        role=hat.role,
        enterprise_id=hat.enterprise_id,
        secret_digest=digest(secret) if secret else None,
        device=where.device,
        address=where.address,
        began_at=now,
        seen_at=now,
        ends_at=now + LIVES[carrier].absolute,
    )
    return Present(begun, account, secret)


def _lasting(session: Session, identity: Identity, found: SignIn | None, secret: str | None) -> Present:
    if found is None or found.ended_at or not _lasts(found.carrier, found.seen_at, found.ends_at, identity.clock()):
        raise unauthorised("登录已结束，请重新登录。")
    account = session.get_one(Account, found.account_id)
    known(session, account, found.role, found.enterprise_id)
    require_active(account)
    return Present(found, account, secret)


def _lasts(carrier: str, seen_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Whether a sign-in that nobody ended is neither too old nor unused for too long."""
    return now < ends_at and now - seen_at < LIVES[Carrier(carrier)].idle
