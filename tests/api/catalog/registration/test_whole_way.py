"""The whole way of a registration: draft, submitted, returned, corrected, verified, and the owner signs in."""

import httpx
from sqlalchemy import text

from tests.support.applicant import decide, in_review, submitted
from tests.support.identity_desk import PASSWORD, Desk


def test_from_draft_to_the_owner_of_a_verified_enterprise(desk: Desk, reviewer: httpx.Client) -> None:
    applicant = submitted(
        desk,
        former_names=["老阀门厂（虚构）"],
        certificates=[{"scheme": "ISO 9001", "number": "Q-1", "valid_until": "2028-12-31"}],
    )
    answer = decide(reviewer, applicant.id, "review")
    assert (answer.status_code, answer.json()["state"]) == (200, "in_review"), answer.text
    wrong = {"fields": [{"pointer": "/name", "reason": "名称与营业执照不符"}], "reason": "请更正"}
    answer = decide(reviewer, applicant.id, "return", **wrong)
    assert (answer.status_code, answer.json()["state"]) == (200, "returned"), answer.text
    letter = desk.letters.to(applicant.email, having="已退回").get_content()
    assert "- /name：名称与营业执照不符" in letter
    assert "说明：请更正" in letter

    told = applicant.get()
    assert (told["state"], told["returned"]) == ("returned", wrong["fields"])
    assert told["allowed"] == ["save", "submit", "withdraw"]
    assert applicant.save(name="泰示例阀门有限公司（虚构）").status_code == 200
    assert applicant.submit().json()["state"] == "submitted"
    decide(reviewer, applicant.id, "review")
    answer = decide(reviewer, applicant.id, "verification", reason="资料齐全")
    assert (answer.status_code, answer.json()["state"]) == (200, "verified"), answer.text
    id = answer.json()["enterprise_id"]

    firm = reviewer.get(f"/enterprises/{id}").json()
    assert (firm["name"], firm["status"], firm["is_supplier"]) == ("泰示例阀门有限公司（虚构）", "verified", True)
    assert [each["name"] for each in reviewer.get(f"/enterprises/{id}/aliases").json()] == ["老阀门厂（虚构）"]
    (capability,) = reviewer.get("/capabilities", params={"supplier": id}).json()["items"]
    assert (capability["code"], capability["spare_capacity"]) == ("C-1", "1200.000")
    (certificate,) = reviewer.get("/certificates", params={"enterprise": id}).json()["items"]
    assert (certificate["number"], certificate["trust"]) == ("Q-1", "self_declared")

    assert "已通过" in desk.letters.to(applicant.email, having="已通过").get_content()
    secret = desk.letters.link_to(applicant.email)
    said = {"token": secret, "name": "王示例", "password": PASSWORD}
    assert desk.client().post("/links/completion", json=said).status_code == 204
    owner = desk.sign_in(applicant.email)
    session = owner.get("/session").json()
    assert (session["acting_as"]["role"], session["acting_as"]["level"]) == ("supplier", "owner")
    verbs = [(step["verb"], step["before"], step["after"]) for step in applicant.get()["steps"]]
    assert verbs == [
        ("submit", "draft", "submitted"),
        ("review", "submitted", "in_review"),
        ("return", "in_review", "returned"),
        ("submit", "returned", "submitted"),
        ("review", "submitted", "in_review"),
        ("verify", "in_review", "verified"),
    ]


def test_the_feed_tells_of_all_that_a_verification_writes(desk: Desk, reviewer: httpx.Client) -> None:
    applicant = in_review(desk)
    id = decide(reviewer, applicant.id, "verification").json()["enterprise_id"]
    history = reviewer.get(f"/enterprises/{id}/history").json()["items"]
    assert [each["op"] for each in history] == ["update", "insert"]
    assert {each["actor"] for each in history} == {"operator"}
    with desk.app.state.database.session() as session:
        told = session.execute(
            text("SELECT kind, data ->> 'status' AS status FROM outbox WHERE data ->> 'id' = :id"), {"id": id}
        ).all()
        offers = session.execute(
            text("SELECT count(*) FROM outbox WHERE kind = 'capability' AND data ->> 'supplier_id' = :id"), {"id": id}
        ).scalar_one()
    assert [(row.kind, row.status) for row in told] == [("enterprise", "submitted"), ("enterprise", "verified")]
    assert offers == 1
