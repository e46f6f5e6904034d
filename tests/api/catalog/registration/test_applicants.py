"""What an applicant is told: fields that are wrong or missing, codes that open nothing, states that allow no more."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import select

from services.catalog.registration.models import Registration, RegistrationDocument, SpentProof
from services.catalog.registration.store import Store
from services.catalog.registration.sweeping import sweep
from shared.codes.credit_code import make
from tests.support.applicant import FIELDS, begin, decide, in_review, new_code, ready, submitted
from tests.support.identity_desk import Desk, detail_of
from tests.support.papers import jpeg

TOO_SHORT = "统一社会信用代码应为 18 位，这里是 2 位；请按营业执照核对，补全 18 位代码。"
NO_SUCH = (404, "查询码有误，或草稿已过期删除。")


def errors_of(answer: httpx.Response) -> dict[str, str]:
    """The sentences of a refusal by field."""
    assert answer.status_code == 422, answer.text
    return {error["pointer"]: error["detail"] for error in answer.json()["errors"]}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"credit_code": "91"},
            {"/credit_code": "统一社会信用代码应为 18 位，这里是 2 位；请按营业执照核对，补全 18 位代码。"},
        ),
        ({"credit_code": make(1)[:-1] + "?"}, {"/credit_code": None}),
        ({"region": "999999"}, {"/region": "没有代码为“999999”的行政区划，请查代码表。"}),
        ({"class_code": "0000"}, {"/class_code": "没有代码为“0000”的行业类别，请查代码表。"}),
        ({"contact_email": "wang"}, {"/contact_email": "不是有效的邮箱地址。"}),
        ({"contact_phone": "call me"}, {"/contact_phone": None}),
        ({"name": " "}, {"/name": "不能为空，也不能含有控制字符。"}),
        ({"staff": -1}, {"/staff": "应不小于 0。"}),
        ({"nmae": "甲"}, {"/nmae": "没有这一项，请删去或检查拼写。"}),
        ({"capabilities": [{"code": "1"}]}, {"/capabilities/0/name": "缺少这一项。"}),
        (
            {"capabilities": [{"code": "1", "name": "阀门"}, {"code": "1", "name": "管件"}]},
            {"/capabilities": "供给能力编码“1”重复出现，请只保留一项。"},
        ),
        (
            {"capabilities": [{"code": "1", "name": "其他业务"}]},
            {"/capabilities/0": None},
        ),
        (
            {"certificates": [{"scheme": "ISO 1", "number": "1", "valid_until": "2028-01-01"}]},
            {"/certificates/0/scheme": "没有代码为“ISO 1”的证书体系，请查代码表。"},
        ),
        (
            {
                "certificates": [
                    {
                        "scheme": "ISO 9001",
                        "number": "1",
                        "valid_until": "2028-01-01",
                        "document_id": "0193a5c2-6f1e-7c3a-9d52-3b1f2a6c8e01",
                    }
                ]
            },
            {"/certificates/0/document_id": "没有这份材料，请先上传。"},
        ),
    ],
)
def test_a_field_that_is_wrong_is_named(desk: Desk, fields: dict[str, Any], said: dict[str, str | None]) -> None:
    found = errors_of(begin(desk).save(**fields))
    assert found.keys() == said.keys()
    assert all(sentence in (None, found[pointer]) for pointer, sentence in said.items())


def test_what_is_missing_is_asked_for_field_by_field(desk: Desk) -> None:
    applicant = begin(desk)
    assert errors_of(applicant.submit()) == {
        "/credit_code": "请填写统一社会信用代码。",
        "/name": "请填写企业名称，与营业执照一致。",
        "/region": "请选择所在地区。",
        "/class_code": "请选择行业类别。",
        "/contact_name": "请填写联系人姓名。",
        "/contact_email": "请先用邮件中的验证码验证联系邮箱。",
        "/capabilities": "请至少填写一项供给能力。",
        "/documents": "请上传营业执照。",
    }
    applicant.save(contact_email=None)
    assert errors_of(applicant.submit())["/contact_email"] == "请填写联系邮箱。"
    assert applicant.get()["state"] == "draft"


def test_codes_are_kept_in_their_one_form_and_fields_can_be_emptied(desk: Desk) -> None:
    code = new_code()
    applicant = begin(desk, credit_code=f" {code[:8].lower()}-{code[8:]} ", short_name="甲", former_names=["乙"])
    told = applicant.get()
    assert (told["credit_code"], told["former_names"]) == (code, ["乙"])
    told = applicant.save(credit_code="", short_name=None, former_names=[], makes="阀门", capabilities=[]).json()
    assert (told["credit_code"], told["short_name"], told["former_names"]) == (None, None, [])
    assert told["makes"] == "阀门"


def test_a_code_that_opens_nothing_gets_one_and_the_same_answer(desk: Desk) -> None:
    known = begin(desk)
    expired = begin(desk)
    desk.clock.forward(days=20)
    assert known.save(makes="阀门").status_code == 200
    desk.clock.forward(days=11)
    answers = []
    for code in ("x", "A" * 43, str(expired.http.headers["Registration-Code"])):
        for method, path in (("GET", ""), ("PATCH", ""), ("POST", "/submission"), ("GET", f"/documents/{known.id}")):
            headers = {"Registration-Code": code, "If-Match": '"1"'}
            answer = desk.client().request(method, f"/registrations/mine{path}", headers=headers, json={})
            answers.append((detail_of(answer), answer.json()["title"]))
    assert set(answers) == {(NO_SUCH, "没有这份申请")}
    assert known.get()["state"] == "draft"
    answer = desk.client().get("/registrations/mine")
    assert errors_of(answer) == {"/Registration-Code": "缺少这一项。"}


def test_guessing_codes_is_slowed_down_and_known_ones_still_open(desk: Desk) -> None:
    applicant = begin(desk)
    statuses = []
    for guess in range(40):
        answer = desk.client().get("/registrations/mine", headers={"Registration-Code": f"guess-{guess}"})
        statuses.append(answer.status_code)
    assert statuses == [404] * 31 + [429] * 9
    assert answer.json()["detail"].startswith("查询码输错次数过多，请在 ")
    assert int(answer.headers["Retry-After"]) >= 1
    assert applicant.get()["state"] == "draft"


def test_only_the_version_that_was_seen_is_changed(desk: Desk) -> None:
    applicant = begin(desk)
    old = applicant.version
    assert applicant.save(makes="阀门").status_code == 200
    applicant.version = old
    assert detail_of(applicant.save(makes="管件")) == (412, "请重新读取后再提交。")
    answer = applicant.http.patch("/registrations/mine", json={})
    assert answer.status_code == 428


def test_while_it_is_reviewed_nothing_is_changed(desk: Desk) -> None:
    applicant = submitted(desk)
    said = (409, "该申请已提交，不能再修改。")
    assert detail_of(applicant.save(name="乙")) == said
    assert detail_of(applicant.upload()) == said
    assert detail_of(applicant.http.post("/registrations/mine/email-codes")) == said
    (document,) = applicant.get()["documents"]
    assert detail_of(applicant.http.delete(f"/registrations/mine/documents/{document['id']}")) == said
    assert detail_of(applicant.submit()) == (409, "该申请已提交，不能再提交。")


def test_taken_back_it_frees_the_credit_code(desk: Desk, reviewer: httpx.Client) -> None:
    code = new_code()
    first = submitted(desk, credit_code=code)
    assert first.withdraw("填错了").json()["state"] == "withdrawn"
    assert detail_of(first.withdraw()) == (409, "该申请已撤回，不能再撤回。")
    assert submitted(desk, credit_code=code).get()["is_claim"] is False
    assert detail_of(decide(reviewer, first.id, "review")) == (409, "该申请已撤回，不能再开始审核。")
    begun = begin(desk)
    assert begun.withdraw().json()["state"] == "withdrawn"


def test_the_mail_address_is_proved_by_the_code_of_the_letter(desk: Desk) -> None:
    applicant = begin(desk)
    wrong = (422, "验证码有误或已过期，请核对，或重新获取。")

    def say(code: str) -> tuple[int, str]:
        answer = applicant.http.post("/registrations/mine/email-verification", json={"code": code})
        return (200, "") if answer.status_code == 200 else detail_of(answer)

    assert say("AAAA-AAAA") == wrong
    assert applicant.http.post("/registrations/mine/email-codes").status_code == 202
    code = applicant.letter_code()
    desk.clock.forward(hours=1, seconds=1)
    assert say(code) == wrong
    assert applicant.http.post("/registrations/mine/email-codes").status_code == 202
    code = applicant.letter_code()
    assert say(code.lower().replace("-", " ")) == (200, "")
    assert say(code) == wrong
    told = applicant.get()
    assert told["email_verified"] is True
    answer = applicant.http.post("/registrations/mine/email-codes")
    assert detail_of(answer) == (409, "无需再次验证。")
    assert applicant.save(contact_email="other@firm.example").json()["email_verified"] is False
    assert applicant.save(contact_email=None).status_code == 200
    assert detail_of(applicant.http.post("/registrations/mine/email-codes")) == (422, "请先填写联系邮箱。")


def test_neither_letters_nor_guesses_come_without_end(desk: Desk) -> None:
    applicant = begin(desk)
    letters = [applicant.http.post("/registrations/mine/email-codes") for _ in range(5)]
    assert [answer.status_code for answer in letters] == [202] * 4 + [429]
    assert letters[-1].json()["detail"].startswith("验证邮件发送过于频繁，请在 ")
    body = {"code": "AAAAAAAA"}
    guesses = [applicant.http.post("/registrations/mine/email-verification", json=body) for _ in range(8)]
    assert [answer.status_code for answer in guesses] == [422] * 6 + [429] * 2
    assert guesses[-1].json()["detail"].startswith("验证码输错次数过多，请在 ")


def test_class_and_region_are_proposed(desk: Desk) -> None:
    applicant = begin(desk)
    asked = {"makes": "生产球墨铸铁阀门、管件", "credit_code": make(7, "370214"), "place": "青岛市"}
    told = applicant.http.post("/registrations/mine/proposals", json=asked).json()
    assert [each["code"] for each in told["regions"]] == ["370200", "370214"]
    assert "3443" in {each["code"] for each in told["classes"]}
    assert all(0 <= each["score"] <= 1 and each["name"] for each in told["classes"])


def test_a_draft_that_is_over_is_forgotten_with_its_documents(desk: Desk) -> None:
    office, database = desk.app.state.registration, desk.app.state.database
    lasting, over = ready(desk), ready(desk)
    kept = over.upload(jpeg(5, 5), "图.jpg", "other").json()["sha256"]
    lasting.upload(jpeg(5, 5), "图.jpg", "other")
    gone = over.upload(jpeg(6, 6), "图.jpg", "other").json()["sha256"]
    orphan = office.store.put(jpeg(7, 7))
    desk.clock.forward(days=20)
    assert lasting.save(makes="阀门").status_code == 200
    desk.clock.forward(days=11)
    assert sweep(database, office.store, desk.clock()) >= 1
    assert sweep(database, office.store, desk.clock()) == 0
    with database.session() as session:
        assert session.get(Registration, over.id) is None
        theirs = select(RegistrationDocument).where(RegistrationDocument.registration_id == over.id)
        assert session.exec(theirs).all() == []
        assert session.exec(select(SpentProof)).all() == []
    names = set(office.store.names())
    assert kept in names
    assert not names & {gone, orphan}
    assert len(lasting.get()["documents"]) == 2


def test_what_a_killed_upload_left_is_removed_after_a_day(tmp_path: Path) -> None:
    store, now = Store(tmp_path), datetime.now(UTC)
    name = store.put(b"whole")
    half = tmp_path / name[:2] / ".draft-half"
    half.write_bytes(b"ha")
    store.forget_halves(now - timedelta(days=1))
    assert half.exists()
    store.forget_halves(now + timedelta(minutes=1))
    assert not half.exists()
    assert list(store.names()) == [name]
    assert store.get(name) == b"whole"


def test_nobody_reads_who_reviews(desk: Desk) -> None:
    applicant = in_review(desk)
    assert "operator" not in applicant.http.get("/registrations/mine").text
    assert FIELDS["region"] in applicant.http.get("/registrations/mine").text
