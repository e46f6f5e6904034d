"""Use cases of reviewers: begin to review, return, refuse, verify, decide a claim; each is told to the applicant.

On verification the enterprise, what it can make, its certificates, the feed and the owner's invitation are written in
one transaction.
"""

from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session

from services.catalog.capabilities import service as capabilities
from services.catalog.capabilities.schemas import CapabilityWrite
from services.catalog.enterprises import aliases, decisions
from services.catalog.enterprises import service as enterprises
from services.catalog.enterprises.rules import Trust
from services.catalog.enterprises.schemas import CertificateWrite, EnterpriseWrite
from services.catalog.feed import service as feed
from services.catalog.history import service as history
from services.catalog.identity.inviting import prepare
from services.catalog.identity.members import owners_of
from services.catalog.identity.rules import Kind, Level
from services.catalog.identity.schemas import InvitationRequest
from services.catalog.registration import letters, reading
from services.catalog.registration.applying import known_enterprise
from services.catalog.registration.context import Office
from services.catalog.registration.models import Registration
from services.catalog.registration.moving import allowed, for_review, move
from services.catalog.registration.rules import OPEN_FOR_REVIEW, Party, State, Verb
from services.catalog.registration.schemas import ClaimDecision, ReturnRequest
from shared.db.upserts import Row, among, sql_table
from shared.http.problems import conflict
from shared.mail.sending import Mail
from shared.security.actor import Actor

_TABLE = sql_table(Registration)
_OWN_FIELDS = ("credit_code", "name", "short_name", "region", "class_code", "staff", "revenue_wan")


def review(session: Session, actor: Actor, id: UUID, version: int) -> Row:
    """Begin to review; the applicant changes nothing meanwhile. Commits."""
    registration = for_review(session, id, version)
    move(session, registration, Verb.REVIEW, Party.REVIEWER, actor.subject)
    _weigh_anew(session, registration)
    return _told(session, registration)


def send_back(
    session: Session, office: Office, actor: Actor, id: UUID, version: int, asked: ReturnRequest
) -> tuple[Row, Mail]:
    """Return it with a reason for each field to be corrected; the letter about it. Commits."""
    registration = for_review(session, id, version)
    fields = [each.model_dump() for each in asked.fields]
    move(session, registration, Verb.RETURN, Party.REVIEWER, actor.subject, reason=asked.reason, fields=fields)
    registration.returned = fields
    registration.expires_at = office.identity.clock() + office.draft_life
    return _told(session, registration), letters.decided(registration)


def refuse(session: Session, office: Office, actor: Actor, id: UUID, version: int, reason: str) -> tuple[Row, Mail]:
    """Refuse it for good, with a reason; the letter about it. Commits."""
    registration = for_review(session, id, version)
    return _end(session, office, actor, registration, Verb.REFUSE, reason)


def verify(
    session: Session, office: Office, actor: Actor, id: UUID, version: int, reason: str
) -> tuple[Row, list[Mail]]:
    """Take the enterprise in, verified, and invite the applicant as its owner; the letters about it. Commits.

    409 where somebody has taken the code meanwhile: then it has become a claim.
    """
    registration = _to_decide(session, actor, id, version, reason)
    allowed(registration, Verb.VERIFY, Party.REVIEWER, reason)
    if _weigh_anew(session, registration):
        _told(session, registration)
        detail = "此代码在申请期间已登记为企业，申请已转为认领；请重新读取，用“认领决定”处理。"
        raise conflict("已有同一企业", detail, "became-claim")
    return _admit(session, office, actor, registration, Verb.VERIFY, reason)


def decide_claim(
    session: Session, office: Office, actor: Actor, id: UUID, version: int, asked: ClaimDecision
) -> tuple[Row, list[Mail]]:
    """Uphold a claim, so that the applicant owns the enterprise, or refuse it; the letters about it. Commits."""
    registration = _to_decide(session, actor, id, version, asked.reason)
    if asked.upheld:
        return _admit(session, office, actor, registration, Verb.UPHOLD, asked.reason)
    row, letter = _end(session, office, actor, registration, Verb.DENY, asked.reason)
    return row, [letter]


def _to_decide(session: Session, actor: Actor, id: UUID, version: int, reason: str) -> Registration:
    """The registration, locked, in a transaction that may write enterprises."""
    feed.take_turn(session)
    history.sign(session, actor, reason=reason)
    return for_review(session, id, version)


def _weigh_anew(session: Session, registration: Registration) -> bool:
    """Make a claim of what meanwhile claims an enterprise; whether it is one. The caller commits."""
    known = known_enterprise(session, registration.credit_code or "")
    if known is not None:
        registration.is_claim, registration.claimed_id = True, known
        session.add(registration)
    return registration.is_claim


def _admit(
    session: Session, office: Office, actor: Actor, registration: Registration, verb: Verb, reason: str
) -> tuple[Row, list[Mail]]:
    move(session, registration, verb, Party.REVIEWER, actor.subject, reason=reason)
    if registration.contact_email is None:
        detail = "联系人的信息已应其要求删除，没有人可以邀请为负责人；请驳回，或请企业重新申请。"
        raise conflict("不能通过这份申请", detail, "contact-erased")
    id = _write_enterprise(session, actor, registration)
    invitation = InvitationRequest(
        email=registration.contact_email, kind=Kind.ENTERPRISE, enterprise_id=id, level=Level.OWNER
    )
    _, letter = prepare(session, office.identity, actor, invitation)
    registration.enterprise_id, registration.decided_at = id, office.identity.clock()
    _turn_rivals_into_claims(session, registration, id)
    others = [letters.owner_joins(email, registration) for email in owners_of(session, id)]
    return _told(session, registration), [letters.decided(registration), letter, *others]


def _end(
    session: Session, office: Office, actor: Actor, registration: Registration, verb: Verb, reason: str
) -> tuple[Row, Mail]:
    move(session, registration, verb, Party.REVIEWER, actor.subject, reason=reason)
    registration.decided_at = office.identity.clock()
    return _told(session, registration), letters.decided(registration)


def _write_enterprise(session: Session, actor: Actor, registration: Registration) -> UUID:
    """Create or change the enterprise of the registration, and all that it states; its id. The caller commits.

    What an enterprise has on record and the applicant does not state stays.
    """
    stated = {name: value for name in _OWN_FIELDS if (value := getattr(registration, name)) is not None}
    claimed = known_enterprise(session, registration.credit_code or "")
    if claimed is not None:
        stated["credit_code"] = enterprises.labels(session, [claimed])[claimed].credit_code
    firm = EnterpriseWrite(**stated, is_supplier=True)
    (outcome,) = enterprises.upsert_enterprises(session, actor, [firm])
    aliases.remember(session, actor, outcome.id, registration.former_names, "企业登记时申报")
    decisions.admit(session, outcome.id)
    _write_offers(session, actor, registration, outcome.id)
    return outcome.id


def _write_offers(session: Session, actor: Actor, registration: Registration, id: UUID) -> None:
    """Its certificates, as well known as the documents make them, and its capabilities."""
    certificates = []
    for row in registration.certificates:
        seen = Trust.DOCUMENT_SEEN if row.get("document_id") else Trust.SELF_DECLARED
        fields = {name: value for name, value in row.items() if name != "document_id"}
        certificates.append(CertificateWrite.model_validate({**fields, "enterprise_id": id, "trust": seen}))
    enterprises.upsert_certificates(session, actor, certificates)
    offered = [CapabilityWrite.model_validate({**row, "supplier_id": id}) for row in registration.capabilities]
    capabilities.upsert_capabilities(session, actor, offered)


def _turn_rivals_into_claims(session: Session, registration: Registration, id: UUID) -> None:
    """Whoever else applies under the code claims the enterprise from now on; the caller commits."""
    waiting = among(_TABLE.c.state, [state.value for state in (*OPEN_FOR_REVIEW, State.RETURNED)])
    rivals = (_TABLE.c.credit_code == registration.credit_code) & (_TABLE.c.id != registration.id) & waiting
    change = update(_TABLE).where(rivals)
    session.execute(change.values(is_claim=True, claimed_id=id, version=_TABLE.c.version + 1))


def _told(session: Session, registration: Registration) -> Row:
    session.add(registration)
    session.commit()
    return reading.evidence(session, registration)
