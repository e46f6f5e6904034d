"""Use cases of applicants: begin, save, submit, withdraw. Nobody is known here but the bearer of the code."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from services.catalog.enterprises import service as enterprises
from services.catalog.identity import throttle
from services.catalog.registration import documents, proofs, reading
from services.catalog.registration.context import Office
from services.catalog.registration.models import Registration, SpentProof
from services.catalog.registration.moving import APPLICANT, allowed, move, own, touch
from services.catalog.registration.proofs import BadProof, Challenge
from services.catalog.registration.rules import HOLDING, REQUIRED, DocumentKind, Party, State, Verb
from services.catalog.registration.schemas import DraftFields, NewRegistration, Proof
from shared.db.upserts import Row, among, sql_table
from shared.http.problems import FieldError, Problem
from shared.security.actor import Actor, Role, Scope
from shared.security.secrets import digest, new_secret

_TABLE, _SPENT = sql_table(Registration), sql_table(SpentProof)
#: Registrations that one address begins: a park registers its firms in a day, a program far more.
_BEGUN_FREE, _BEGUN_MOST = 20, 40
_TOO_MANY = "从这里开始的登记过多，请在 {wait}后再试；批量登记请使用带令牌的程序。"
_JSON = ("capabilities", "certificates")
_EMPTY = {"former_names": [], "makes": "", "capabilities": [], "certificates": []}


def challenge(office: Office) -> Challenge:
    """A new challenge; nothing is kept of it."""
    return proofs.new_challenge(office.secret(), office.bits, office.identity.clock())


def begin(
    session: Session, office: Office, asked: NewRegistration, actor: Actor | None, address: str
) -> tuple[Row, str]:
    """A new draft, as its applicant sees it, and the code to follow it by. Commits.

    422 for a proof of work that does not count, which programs with the scope catalog.write and reviewers need not
    bring; 429 for too many from one address.
    """
    now = office.identity.clock()
    if not _is_trusted(actor):
        begun = throttle.by_address(address, "registration", free=_BEGUN_FREE, locks=_BEGUN_MOST)
        throttle.count(session, [begun], now, _TOO_MANY)
        _spend(session, office, asked.proof, now)
    code = new_secret()
    draft = Registration(
        follow_digest=digest(code), expires_at=now + office.draft_life, brought_by=actor.subject if actor else None
    )
    session.add(draft)
    session.flush()
    _write(session, draft, asked.registration)
    row = reading.own_view(session, draft)
    session.commit()
    return row, code


def look(session: Session, office: Office, code: str, address: str) -> Row:
    """A registration as its applicant sees it."""
    return reading.own_view(session, own(session, office, code, address))


def save(session: Session, office: Office, code: str, address: str, version: int, fields: DraftFields) -> Row:
    """Change the fields given; another address for mail has to be proved anew. Commits."""
    registration = own(session, office, code, address, version)
    allowed(registration, Verb.SAVE, Party.APPLICANT)
    _write(session, registration, fields)
    registration.expires_at = office.identity.clock() + office.draft_life
    return _told(session, registration)


def submit(session: Session, office: Office, code: str, address: str, version: int) -> Row:
    """Hand it in: 422 naming each field that it lacks, 409 where it cannot be. Commits.

    Of one credit code one registration is under way; where an enterprise has the code, or another registration holds
    it, this one is a claim, which a reviewer decides.
    """
    registration = own(session, office, code, address, version)
    allowed(registration, Verb.SUBMIT, Party.APPLICANT)
    _require_complete(session, registration)
    _weigh_claim(session, registration)
    registration.returned = []
    registration.submitted_at = office.identity.clock()
    move(session, registration, Verb.SUBMIT, Party.APPLICANT, APPLICANT)
    return _told(session, registration)


def withdraw(session: Session, office: Office, code: str, address: str, version: int, reason: str) -> Row:
    """Take it back; the credit code is free again. Commits."""
    registration = own(session, office, code, address, version)
    move(session, registration, Verb.WITHDRAW, Party.APPLICANT, APPLICANT, reason=reason)
    registration.decided_at = office.identity.clock()
    return _told(session, registration)


def known_enterprise(session: Session, credit_code: str) -> UUID | None:
    """The enterprise that a credit code means, whatever its status; one that was merged means where it went."""
    return enterprises.by_keys(session, [credit_code]).get(credit_code)


def _told(session: Session, registration: Registration) -> Row:
    session.add(registration)
    session.flush()
    row = reading.own_view(session, registration)
    session.commit()
    return row


def _is_trusted(actor: Actor | None) -> bool:
    return actor is not None and (actor.role is Role.REVIEWER or Scope.CATALOG_WRITE in actor.scopes)


def _spend(session: Session, office: Office, proof: Proof | None, now: datetime) -> None:
    """Take a proof of work, once; the caller commits."""
    try:
        if proof is None:
            raise proofs.refused("proof_missing")
        solved = proofs.check(office.secret(), proof.challenge, proof.nonce, office.bits, now)
        name = hashlib.sha256(solved.text.encode()).hexdigest()
        taken = insert(_SPENT).values(digest=name, expires_at=solved.expires_at).on_conflict_do_nothing()
        if session.execute(taken.returning(_SPENT.c.digest)).first() is None:
            raise proofs.refused("proof_spent")
    except BadProof as bad:
        error = FieldError(pointer="/proof", detail=bad.sentence, code=bad.code)
        raise Problem(422, "bad-proof", "工作量证明无效", bad.sentence, [error]) from bad


def _write(session: Session, registration: Registration, fields: DraftFields) -> None:
    """Take over the fields given, in the form that the table keeps them in."""
    given = fields.model_dump(exclude_unset=True) | fields.model_dump(mode="json", exclude_unset=True, include={*_JSON})
    if "contact_email" in given and given["contact_email"] != registration.contact_email:
        registration.email_verified, registration.email_digest = False, None
    with session.no_autoflush:
        for name, value in given.items():
            setattr(registration, name, _EMPTY.get(name) if value in (None, "") else value)
        documents.require_known(session, registration)
        if registration.state == State.RETURNED and registration.credit_code:
            _weigh_claim(session, registration)
    touch(session, registration)


def _require_complete(session: Session, registration: Registration) -> None:
    """422 with a pointer for each thing that is missing."""
    missing = {f"/{name}": sentence for name, sentence in REQUIRED.items() if not getattr(registration, name)}
    if registration.contact_email and not registration.email_verified:
        missing["/contact_email"] = "请先用邮件中的验证码验证联系邮箱。"
    if not documents.has(session, registration, DocumentKind.LICENCE):
        missing["/documents"] = "请上传营业执照。"
    if missing:
        errors = [FieldError(pointer=pointer, detail=detail, code="missing") for pointer, detail in missing.items()]
        raise Problem(422, "incomplete", "申请还不完整", f"共 {len(errors)} 处需要补充。", errors)


def _weigh_claim(session: Session, registration: Registration) -> None:
    """Say whether it claims what another one has; nobody else of the same code is weighed meanwhile."""
    code = registration.credit_code or ""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(code, 20_261_124))))
    known = known_enterprise(session, code)
    holding = among(_TABLE.c.state, [state.value for state in HOLDING])
    others = (_TABLE.c.credit_code == code) & (_TABLE.c.id != registration.id) & holding & ~_TABLE.c.is_claim
    held = session.execute(select(_TABLE.c.id).where(others).limit(1)).first() is not None
    registration.is_claim, registration.claimed_id = held or known is not None, known
