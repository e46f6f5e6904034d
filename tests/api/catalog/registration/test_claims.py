"""One live enterprise for each credit code: a second registration of a code is a claim, which a reviewer decides."""

from concurrent.futures import ThreadPoolExecutor

import httpx

from shared.codes.credit_code import make
from tests.support.applicant import Applicant, decide, in_review, new_code, ready, submitted
from tests.support.identity_desk import Desk, detail_of


def under_review(desk: Desk, applicant: Applicant) -> Applicant:
    """It is being reviewed now."""
    assert decide(desk.operator, applicant.id, "review").status_code == 200
    return applicant


def test_of_two_registrations_of_one_code_at_once_one_is_a_claim(desk: Desk) -> None:
    code = new_code()
    both = [ready(desk, credit_code=code) for _ in range(2)]
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda each: each.submit(), both))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert sorted(answer.json()["is_claim"] for answer in answers) == [False, True]


def test_who_registers_a_known_enterprise_claims_it_and_owns_it_when_upheld(desk: Desk, reviewer: httpx.Client) -> None:
    near = str(desk.world.enterprises["near"])
    applicant = in_review(desk, credit_code=make(3), name="丙阀门有限公司（虚构）")
    told = reviewer.get(f"/registrations/{applicant.id}").json()
    assert (told["is_claim"], told["claimed_id"]) == (True, near)
    assert told["known"] == {"id": near, "name": "丙阀门（虚构）", "status": "verified", "has_owner": False}
    assert told["allowed"] == ["return", "uphold", "deny"]
    said = (409, "这是对已有企业或同码申请的认领，请用“认领决定”处理。")
    assert detail_of(decide(reviewer, applicant.id, "verification")) == said
    assert detail_of(decide(reviewer, applicant.id, "refusal", reason="不符")) == said

    answer = decide(reviewer, applicant.id, "claim-decision", upheld=True, reason="营业执照与法人一致")
    assert (answer.status_code, answer.json()["state"]) == (200, "verified"), answer.text
    assert answer.json()["enterprise_id"] == near
    assert answer.json()["known"]["has_owner"] is False
    firm = reviewer.get(f"/enterprises/{near}").json()
    assert (firm["name"], firm["status"], firm["staff"]) == ("丙阀门有限公司（虚构）", "verified", 120)
    assert [each["name"] for each in reviewer.get(f"/enterprises/{near}/aliases").json()] == ["丙阀门（虚构）"]
    codes = {each["code"] for each in reviewer.get("/capabilities", params={"supplier": near}).json()["items"]}
    assert codes == {"C-1"}
    assert desk.letters.link_to(applicant.email)


def test_a_claim_that_is_denied_leaves_the_enterprise_as_it_was(desk: Desk, reviewer: httpx.Client) -> None:
    far = desk.world.enterprises["far"]
    before = reviewer.get(f"/enterprises/{far}").json()
    applicant = in_review(desk, credit_code=make(4))
    answer = decide(reviewer, applicant.id, "claim-decision", upheld=False, reason="")
    assert answer.status_code == 422
    answer = decide(reviewer, applicant.id, "claim-decision", upheld=False, reason="执照与企业不符")
    assert (answer.status_code, answer.json()["state"]) == (200, "refused")
    assert reviewer.get(f"/enterprises/{far}").json() == before
    letter = desk.letters.to(applicant.email, having="未通过").get_content()
    assert "说明：执照与企业不符" in letter
    told = applicant.get()
    assert (told["state"], told["reason"], told["allowed"]) == ("refused", "执照与企业不符", [])


def test_a_suspended_enterprise_is_nobodys_to_claim(desk: Desk, reviewer: httpx.Client) -> None:
    code = new_code()
    applicant = in_review(desk, credit_code=code)
    id = decide(reviewer, applicant.id, "verification").json()["enterprise_id"]
    version = reviewer.get(f"/enterprises/{id}").headers["ETag"]
    body, headers = {"reason": "查处中"}, {"If-Match": version}
    assert reviewer.post(f"/enterprises/{id}/suspension", json=body, headers=headers).status_code == 200
    claim = in_review(desk, credit_code=code)
    status, detail = detail_of(decide(reviewer, claim.id, "claim-decision", upheld=True, reason="一致"))
    assert status == 409
    assert detail.endswith("已暂停，请先恢复它，再决定这份申请。")
    assert claim.get()["state"] == "in_review"


def test_a_retired_enterprise_lives_again_when_its_claim_is_upheld(desk: Desk, reviewer: httpx.Client) -> None:
    code = new_code()
    id = decide(reviewer, in_review(desk, credit_code=code).id, "verification").json()["enterprise_id"]
    headers = {"If-Match": reviewer.get(f"/enterprises/{id}").headers["ETag"]}
    assert reviewer.post(f"/enterprises/{id}/retirement", json={"reason": "停产"}, headers=headers).status_code == 200
    claim = in_review(desk, credit_code=code)
    answer = decide(reviewer, claim.id, "claim-decision", upheld=True, reason="复产")
    assert answer.json()["enterprise_id"] == id
    assert reviewer.get(f"/enterprises/{id}").json()["status"] == "verified"


def test_when_one_is_verified_the_others_claim_what_it_became(desk: Desk, reviewer: httpx.Client) -> None:
    code = new_code()
    first, second = submitted(desk, credit_code=code), submitted(desk, credit_code=code)
    told = reviewer.get(f"/registrations/{first.id}").json()
    assert [(each["id"], each["is_claim"]) for each in told["rivals"]] == [(second.id, True)]
    id = decide(reviewer, under_review(desk, first).id, "verification").json()["enterprise_id"]
    told = reviewer.get(f"/registrations/{second.id}").json()
    assert (told["is_claim"], told["claimed_id"], told["known"]["id"]) == (True, id, id)


def test_an_upheld_claim_of_a_code_without_enterprise_makes_one(desk: Desk, reviewer: httpx.Client) -> None:
    code = new_code()
    first, second = submitted(desk, credit_code=code), submitted(desk, credit_code=code)
    under_review(desk, second)
    answer = decide(reviewer, second.id, "claim-decision", upheld=True, reason="第一份为冒名")
    assert answer.json()["state"] == "verified"
    assert reviewer.get(f"/enterprises/{answer.json()['enterprise_id']}").json()["credit_code"] == code
    under_review(desk, first)
    said = (409, "这是对已有企业或同码申请的认领，请用“认领决定”处理。")
    assert detail_of(decide(reviewer, first.id, "verification")) == said
    assert first.get()["is_claim"] is True


def test_an_enterprise_that_was_imported_meanwhile_makes_it_a_claim(desk: Desk, reviewer: httpx.Client) -> None:
    code = new_code()
    applicant = in_review(desk, credit_code=code)
    row = {"credit_code": code, "name": "导入示例（虚构）", "is_supplier": True}
    assert reviewer.post("/enterprises", json=row).status_code == 201
    said = (409, "此代码在申请期间已登记为企业，申请已转为认领；请重新读取，用“认领决定”处理。")
    assert detail_of(decide(reviewer, applicant.id, "verification")) == said
    assert decide(reviewer, applicant.id, "claim-decision", upheld=True, reason="一致").status_code == 200


def test_a_returned_one_that_takes_anothers_code_becomes_a_claim(desk: Desk, reviewer: httpx.Client) -> None:
    code = new_code()
    submitted(desk, credit_code=code)
    other = in_review(desk)
    fields = [{"pointer": "/credit_code", "reason": "代码有误"}]
    assert decide(reviewer, other.id, "return", fields=fields).status_code == 200
    other.get()
    answer = other.save(credit_code=code)
    assert (answer.status_code, answer.json()["is_claim"]) == (200, True), answer.text
    assert other.submit().json()["is_claim"] is True


def test_the_owners_learn_that_somebody_else_is_to_own_their_enterprise(desk: Desk, reviewer: httpx.Client) -> None:
    firm = desk.firm()
    owner = desk.person("zhao", kind="enterprise", enterprise_id=firm, level="owner")
    code = reviewer.get(f"/enterprises/{firm}").json()["credit_code"]
    applicant = in_review(desk, credit_code=code, name="认示例有限公司（虚构）")
    assert reviewer.get(f"/registrations/{applicant.id}").json()["known"]["has_owner"] is True
    assert decide(reviewer, applicant.id, "claim-decision", upheld=True, reason="一致").status_code == 200
    letter = desk.letters.to(owner, having="认领").get_content()
    assert "有人凭统一社会信用代码认领了“认示例有限公司（虚构）”" in letter
    assert "如有异议，请立即联系管理员。" in letter
