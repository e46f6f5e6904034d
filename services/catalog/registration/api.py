"""Routes of applicants: nobody is signed in, the bearer of a registration's code is its applicant.

They may be embedded in pages of others (`CATALOG_REGISTRATION_ORIGINS`); the code goes in a header, which no log has.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Depends, File, Form, Response, UploadFile

from services.catalog.identity import service as identity
from services.catalog.registration import applying, contacts, documents
from services.catalog.registration.doors import PAPER, Address, Code, Means, Sender, download
from services.catalog.registration.proposing import propose
from services.catalog.registration.rules import LARGEST_DOCUMENT, DocumentKind
from services.catalog.registration.schemas import (
    BegunRegistration,
    ChallengeOut,
    DocumentOut,
    DraftFields,
    EmailCode,
    NewRegistration,
    OwnRegistration,
    ProposalRequest,
    ProposalsOut,
    Withdrawal,
)
from shared.db.upserts import Row
from shared.http.acting import act_as_service
from shared.http.auth import READING
from shared.http.etag import IfMatch, etag
from shared.http.problems import documented
from shared.http.responses import json_response
from shared.http.sessions import DbSession

router = APIRouter(prefix="/catalog/v1/registrations", tags=["企业登记"], dependencies=[Depends(act_as_service)])

_CHANGE = documented(404, 409, 412, 428)


def _own(row: Row, status: int = 200, **more: str) -> Response:
    return json_response({**row, **more}, status, {"ETag": etag(row["version"]), "Cache-Control": "no-store"})


@router.get("/challenge", response_model=ChallengeOut, summary="取一道工作量证明的题目")
def get_challenge(office: Means) -> Response:
    """A challenge for one new registration, good for ten minutes."""
    told = applying.challenge(office)
    return json_response(
        {"challenge": told.text, "bits": told.bits, "algorithm": "sha256", "expires_at": told.expires_at}
    )


@router.post("", response_model=BegunRegistration, status_code=201, summary="开始登记，得到查询码")
def create_registration(
    session: DbSession, office: Means, sender: Sender, asked: NewRegistration, address: Address
) -> Response:
    """A draft, which may lack anything; the code to follow it by is told this once.

    Programs with a token of scope catalog.write bring no proof of work.
    """
    row, code = applying.begin(session, office, asked, sender, address)
    return _own(row, 201, registration_code=code)


@router.get("/mine", response_model=OwnRegistration, summary="凭查询码查看申请", responses=documented(404))
def get_own_registration(session: DbSession, office: Means, code: Code, address: Address) -> Response:
    """The registration of the code, with its way so far, and its version as ETag."""
    return _own(applying.look(session, office, code, address))


@router.patch("/mine", response_model=OwnRegistration, summary="填写或更正申请", responses=_CHANGE)
def change_own_registration(
    session: DbSession, office: Means, code: Code, fields: DraftFields, version: IfMatch, address: Address
) -> Response:
    """Change the fields given of a draft, or of what was returned."""
    return _own(applying.save(session, office, code, address, version, fields))


@router.post("/mine/submission", response_model=OwnRegistration, summary="提交申请", responses=_CHANGE)
def post_submission(session: DbSession, office: Means, code: Code, version: IfMatch, address: Address) -> Response:
    """Hand it in for review, or again after corrections."""
    return _own(applying.submit(session, office, code, address, version))


@router.post("/mine/withdrawal", response_model=OwnRegistration, summary="撤回申请", responses=_CHANGE)
def withdraw_registration(
    session: DbSession, office: Means, code: Code, version: IfMatch, body: Withdrawal, address: Address
) -> Response:
    """Take it back for good."""
    return _own(applying.withdraw(session, office, code, address, version, body.reason))


@router.post("/mine/email-codes", status_code=202, response_class=Response, summary="发送邮箱验证码", responses=_CHANGE)
def request_email_code(
    session: DbSession, office: Means, code: Code, later: BackgroundTasks, address: Address
) -> Response:
    """Send a code to the contact's address."""
    letter = contacts.send_code(session, office, code, address)
    later.add_task(identity.post, office.identity, letter)
    return Response(status_code=202)


@router.post(
    "/mine/email-verification", response_model=OwnRegistration, summary="验证联系邮箱", responses=documented(404, 409)
)
def confirm_email(session: DbSession, office: Means, code: Code, body: EmailCode, address: Address) -> Response:
    """Prove the contact's address by the code out of the letter."""
    return _own(contacts.verify_code(session, office, code, address, body.code))


@router.post(
    "/mine/proposals",
    response_model=ProposalsOut,
    summary="推荐行业类别与地区",
    responses=documented(404),
    openapi_extra=READING,
)
def propose_fields(session: DbSession, office: Means, code: Code, asked: ProposalRequest, address: Address) -> Response:
    """Industry classes from what the firm makes, regions from its credit code and place."""
    applying.look(session, office, code, address)
    session.rollback()
    return json_response(propose(asked))


@router.post(
    "/mine/documents",
    response_model=DocumentOut,
    status_code=201,
    summary="上传材料",
    responses=documented(404, 409, 413),
)
def upload_document(
    session: DbSession,
    office: Means,
    code: Code,
    file: Annotated[UploadFile, File(description="PDF、JPEG 或 PNG，按内容判断，每份至多 10 MB")],
    kind: Annotated[DocumentKind, Form(description="营业执照、资质证书或其他")],
    address: Address,
) -> Response:
    """Add a document to a draft, or to what was returned."""
    # one byte more than allowed tells that there is more
    content = file.file.read(LARGEST_DOCUMENT + 1)
    row = documents.upload(session, office, code, address, kind, file.filename or "", content)
    return json_response(row, 201)


@router.get(
    "/mine/documents/{id}", response_class=Response, summary="下载自己的材料", responses={**PAPER, **documented(404)}
)
def download_own_document(session: DbSession, office: Means, code: Code, id: UUID, address: Address) -> Response:
    """A document as it was sent, to be saved."""
    return download(documents.fetch_own(session, office, code, address, id))


@router.delete("/mine/documents/{id}", status_code=204, summary="删去材料", responses=documented(404, 409))
def delete_own_document(session: DbSession, office: Means, code: Code, id: UUID, address: Address) -> Response:
    """Take a document out again."""
    documents.remove(session, office, code, address, id)
    return Response(status_code=204)
