"""Documents over HTTP: taken by their content and size, served to their applicant and to reviewers, never shown."""

from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from services.catalog.registration.rules import LARGEST_DOCUMENT
from shared.security.actor import Actor, Role
from tests.support import papers
from tests.support.applicant import Applicant, begin, decide, ready, submitted
from tests.support.identity_desk import Desk, detail_of


@pytest.fixture
def applicant(desk: Desk) -> Applicant:
    return begin(desk)


@pytest.mark.parametrize(
    ("content", "name", "media", "called"),
    [
        (papers.PDF, "营业执照.pdf", "application/pdf", "营业执照.pdf"),
        (papers.png(), "执照.jpg", "image/png", "执照.png"),
        (papers.jpeg(), "../../etc/passwd", "image/jpeg", "passwd.jpg"),
        (papers.jpeg(), "C:\\照片\\1.jpg", "image/jpeg", "1.jpg"),
        (papers.png(), ".png", "image/png", "材料.png"),
        (papers.png(), "a<b>|?*: 1.png", "image/png", "ab 1.png"),
    ],
)
def test_the_content_tells_what_it_is_and_the_name_is_made_fit(
    applicant: Applicant, content: bytes, name: str, media: str, called: str
) -> None:
    answer = applicant.upload(content, name, "other")
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["media_type"], told["size"]) == (media, len(content))
    assert told["filename"] == called
    served = applicant.http.get(f"/registrations/mine/documents/{told['id']}")
    assert (served.status_code, served.content) == (200, content)
    assert served.headers["Content-Type"] == media
    assert served.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in served.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", (422, "文件是空的。")),
        (b"MZ" + b"\0" * 500, (422, "只收 PDF、JPEG、PNG 文件（按内容判断，改文件名无效）。")),
        (papers.PDF + papers.archive(), (422, "文件里还藏着一个压缩包，请重新导出或扫描后上传。")),
        (papers.png()[:-4], (422, "PNG 文件不完整或已损坏，请重新导出或扫描后上传。")),
        (b"%PDF-1.4\n" + b" " * LARGEST_DOCUMENT, (413, "每份材料至多 10 MB，请压缩后上传。")),
    ],
)
def test_what_is_no_document_is_refused(applicant: Applicant, content: bytes, said: tuple[int, str]) -> None:
    answer = applicant.upload(content, "执照.pdf")
    assert detail_of(answer) == said
    assert answer.json()["errors"][0]["pointer"] == "/file"
    assert applicant.get()["documents"] == []


def test_all_together_are_bounded(applicant: Applicant) -> None:
    tail = papers.PDF.index(b"startxref")
    large = papers.PDF[:tail] + b"%" + b" " * (LARGEST_DOCUMENT - len(papers.PDF) - 2) + b"\n" + papers.PDF[tail:]
    assert [applicant.upload(large).status_code for _ in range(4)] == [201] * 4
    assert detail_of(applicant.upload()) == (413, "一份申请的材料合计至多 40 MB，请先删去不用的。")


def test_a_document_can_be_taken_out_and_its_content_goes_with_the_last_one(
    applicant: Applicant, only_office: Desk
) -> None:
    folder: Path = only_office.app.state.registration.store._folder
    content = papers.PDF + b"\n" * 7
    first, second = (applicant.upload(content).json() for _ in range(2))
    place = folder / first["sha256"][:2] / first["sha256"]
    assert place.stat().st_mode & 0o777 == 0o600
    assert applicant.http.delete(f"/registrations/mine/documents/{first['id']}").status_code == 204
    assert place.read_bytes() == content
    assert applicant.http.delete(f"/registrations/mine/documents/{second['id']}").status_code == 204
    assert not place.exists()
    answer = applicant.http.delete(f"/registrations/mine/documents/{second['id']}")
    assert (answer.status_code, answer.json()["title"]) == (404, "没有这个材料")


def test_only_the_applicant_and_reviewers_get_it(desk: Desk, reviewer: httpx.Client) -> None:
    applicant, other = submitted(desk), begin(desk)
    (document,) = applicant.get()["documents"]
    path = f"/registrations/{applicant.id}/documents/{document['id']}"
    served = reviewer.get(path)
    assert (served.status_code, served.content) == (200, papers.PDF)
    assert served.headers["Content-Disposition"].startswith("attachment; ")
    assert other.http.get(f"/registrations/mine/documents/{document['id']}").status_code == 404
    assert desk.client().get(path).status_code == 401
    for actor in (desk.world.supplier("near"), desk.world.leader("A"), desk.world.organisation("ships")):
        assert desk.client(desk.token(actor)).get(path).status_code == 403
    assert desk.client(desk.token(Actor("auditor", Role.AUDITOR))).get(path).status_code == 200
    assert reviewer.get(f"/registrations/{applicant.id}/documents/{uuid4()}").status_code == 404
    draft = ready(desk)
    (hidden,) = draft.get()["documents"]
    assert reviewer.get(f"/registrations/{draft.id}/documents/{hidden['id']}").status_code == 404


def test_a_certificate_whose_document_is_there_counts_as_seen(desk: Desk, reviewer: httpx.Client) -> None:
    applicant = ready(desk)
    id = applicant.upload(papers.jpeg(), "证书.jpg", "certificate").json()["id"]
    row = {"scheme": "ISO 9001", "number": "Q-2", "valid_until": "2028-12-31", "document_id": id}
    assert applicant.save(certificates=[row]).status_code == 200
    applicant.submit()
    decide(reviewer, applicant.id, "review")
    firm = decide(reviewer, applicant.id, "verification").json()["enterprise_id"]
    (certificate,) = reviewer.get("/certificates", params={"enterprise": firm}).json()["items"]
    assert certificate["trust"] == "document_seen"
