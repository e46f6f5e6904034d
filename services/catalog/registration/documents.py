"""Use cases of documents: upload, fetch, remove. Applicants see their own, reviewers those of what was submitted."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlmodel import Session

from services.catalog.registration.context import Office
from services.catalog.registration.models import Registration, RegistrationDocument
from services.catalog.registration.moving import allowed, for_review, own
from services.catalog.registration.recognising import BY_NAME, UnfitDocument, recognise
from services.catalog.registration.rules import (
    LARGEST_DOCUMENT,
    LARGEST_DOCUMENTS,
    MOST_DOCUMENTS,
    DocumentKind,
    Party,
    Verb,
)
from services.catalog.registration.store import Store, digest
from shared.audit import acting
from shared.db.upserts import Row, among, sql_table
from shared.http.limits import MB
from shared.http.problems import FieldError, Problem, not_found, unavailable

_TABLE = sql_table(RegistrationDocument)
_SHOWN = ("id", "kind", "filename", "media_type", "size", "sha256", "uploaded_at")


@dataclass(frozen=True)
class Paper:
    """A document as it is sent: its content, media type and name."""

    content: bytes
    media_type: str
    filename: str


def upload(
    session: Session, office: Office, code: str, address: str, kind: DocumentKind, filename: str, content: bytes
) -> Row:
    """Add a document to a draft, or to what was returned; it. Commits.

    413 for one that is too large, or for too many, 422 for a content that is no whole PDF, JPEG or PNG.
    """
    registration = own(session, office, code, address)
    allowed(registration, Verb.SAVE, Party.APPLICANT)
    _require_room(session, registration, content)
    try:
        media = recognise(content)
    except UnfitDocument as unfit:
        raise _refused(422, unfit.code, unfit.sentence) from unfit
    _hold(session, digest(content))
    document = RegistrationDocument(
        registration_id=registration.id,
        kind=kind,
        filename=_named(filename, media.ending),
        media_type=media.name,
        size=len(content),
        sha256=office.store.put(content),
    )
    session.add(document)
    session.flush()
    row = next(each for each in of(session, [registration.id])[registration.id] if each["id"] == document.id)
    session.commit()
    return row


def fetch_own(session: Session, office: Office, code: str, address: str, id: UUID) -> Paper:
    """A document of one's own registration; 404."""
    return _fetch(session, office, own(session, office, code, address), id)


def fetch_for_review(session: Session, office: Office, registration_id: UUID, id: UUID) -> Paper:
    """A document of a registration that was submitted; 404."""
    return _fetch(session, office, for_review(session, registration_id), id)


def remove(session: Session, office: Office, code: str, address: str, id: UUID) -> None:
    """Take a document out again; 404, 409 while it is being reviewed. Commits."""
    registration = own(session, office, code, address)
    allowed(registration, Verb.SAVE, Party.APPLICANT)
    gone = delete(_TABLE).where(_TABLE.c.registration_id == registration.id, _TABLE.c.id == id)
    found = session.execute(gone.returning(_TABLE.c.sha256)).first()
    if found is None:
        raise not_found("材料", id)
    session.commit()
    drop_unused(session, office.store, [found.sha256])


def of(session: Session, ids: Collection[UUID]) -> dict[UUID, list[Row]]:
    """The documents of registrations, oldest first; one query."""
    found: dict[UUID, list[Row]] = {id: [] for id in ids}
    statement = select(_TABLE).where(among(_TABLE.c.registration_id, ids)).order_by(_TABLE.c.id)
    for row in session.execute(statement).mappings():
        found[row["registration_id"]].append({name: row[name] for name in _SHOWN})
    return found


def has(session: Session, registration: Registration, kind: DocumentKind) -> bool:
    """Whether there is a document of this kind."""
    return any(each["kind"] == kind for each in of(session, [registration.id])[registration.id])


def require_known(session: Session, registration: Registration) -> None:
    """422 where a certificate names a document that is not one of the registration's."""
    known = {str(each["id"]) for each in of(session, [registration.id])[registration.id]}
    named = [each.get("document_id") for each in registration.certificates]
    sentence = "没有这份材料，请先上传。"
    errors = [
        FieldError(pointer=f"/certificates/{at}/document_id", detail=sentence, code="unknown")
        for at, id in enumerate(named)
        if id is not None and id not in known
    ]
    if errors:
        raise Problem(422, "validation", "提交的内容有误", f"共 {len(errors)} 处需要更正。", errors)


def forget(session: Session, registration_ids: Collection[UUID]) -> None:
    """Delete the documents of registrations that are about to be deleted; the caller commits, then drops the unused."""
    session.execute(delete(_TABLE).where(among(_TABLE.c.registration_id, registration_ids)))


def drop_unused(session: Session, store: Store, names: Sequence[str]) -> int:
    """Drop those of these contents that belong to no document any more; how many. Commits.

    Who uploads such a content right now is waited for.
    """
    used = select(_TABLE.c.sha256).where(among(_TABLE.c.sha256, names))
    unused = set(names) - set(session.execute(used).scalars())
    session.commit()
    dropped = 0
    for name in sorted(unused):
        _hold(session, name)
        if session.execute(select(_TABLE.c.id).where(_TABLE.c.sha256 == name).limit(1)).first() is None:
            store.drop(name)
            dropped += 1
        session.commit()
    return dropped


def _hold(session: Session, name: str) -> None:
    """Let nobody else put or drop this content till the transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 20_261_125))))


def _require_room(session: Session, registration: Registration, content: bytes) -> None:
    there = of(session, [registration.id])[registration.id]
    if not content:
        raise _refused(422, "empty", "文件是空的。")
    if len(content) > LARGEST_DOCUMENT:
        raise _refused(413, "too-large", f"每份材料至多 {LARGEST_DOCUMENT // MB} MB，请压缩后上传。")
    if len(there) >= MOST_DOCUMENTS:
        raise _refused(413, "too-many", f"一份申请至多 {MOST_DOCUMENTS} 份材料，请先删去不用的。")
    if sum(each["size"] for each in there) + len(content) > LARGEST_DOCUMENTS:
        raise _refused(413, "too-large", f"一份申请的材料合计至多 {LARGEST_DOCUMENTS // MB} MB，请先删去不用的。")


def _refused(status: int, code: str, sentence: str) -> Problem:
    error = FieldError(pointer="/file", detail=sentence, code=code)
    return Problem(status, "document", "材料不能接收", sentence, [error])


def _fetch(session: Session, office: Office, registration: Registration, id: UUID) -> Paper:
    wanted = select(_TABLE).where(_TABLE.c.registration_id == registration.id, _TABLE.c.id == id)
    row = session.execute(wanted).first()
    if row is None:
        raise not_found("材料", id)
    try:
        content = office.store.get(row.sha256)
    except FileNotFoundError as error:
        raise unavailable("材料暂时取不到", "存放材料的文件夹里没有它，请联系管理员。", 300) from error
    acting.note(session, "read", "registration_document", str(id))
    session.commit()
    return Paper(content, row.media_type, row.filename)


def _named(filename: str, ending: str) -> str:
    """A name as it may be shown and saved: no path, no control characters, and the ending that the content has."""
    bare = "".join(each for each in filename.replace("\\", "/") if each.isprintable() and each not in '<>:"|?*')
    stem = PurePath(bare).name
    for known in (each.ending for each in BY_NAME.values()):
        stem = stem.removesuffix(known)
    return f"{stem.strip('. ')[:100] or '材料'}{ending}"
