"""What reviewers see and may do: the list with its filters, evidence of names alike, decisions in their states."""

from uuid import uuid4

import httpx
import pytest

from services.catalog.registration.contacts import contact_of, erase_contact
from shared.security.actor import Actor, Role
from tests.support.applicant import begin, decide, in_review, new_code, submitted
from tests.support.identity_desk import Desk, detail_of


def test_the_list_is_narrowed_by_all_conditions_and_turns_pages(desk: Desk, reviewer: httpx.Client) -> None:
    mark = f"筛{uuid4().hex[:6]}"
    code = new_code()
    first = submitted(desk, name=f"{mark}一厂（虚构）", credit_code=code)
    second = in_review(desk, name=f"{mark}二厂（虚构）", region="370100")
    claim = submitted(desk, name=f"{mark}三厂（虚构）", credit_code=code)
    begin(desk, name=f"{mark}四厂（虚构）")

    def found(**conditions: str) -> list[str]:
        answer = reviewer.get("/registrations", params={"q": mark, **conditions})
        assert answer.status_code == 200, answer.text
        return [each["id"] for each in answer.json()["items"]]

    assert found() == [first.id, second.id, claim.id]
    assert found(state="in_review") == [second.id]
    assert found(claim="true") == [claim.id]
    assert found(region="370000", state="submitted") == [first.id, claim.id]
    assert found(region="370200", claim="false") == [first.id]
    assert found(credit_code=f"{code[:4]} {code[4:].lower()}") == [first.id, claim.id]
    page = reviewer.get("/registrations", params={"q": mark, "limit": 2}).json()
    rest = reviewer.get("/registrations", params={"q": mark, "limit": 2, "after": page["next"]}).json()
    assert [each["id"] for each in page["items"] + rest["items"]] == [first.id, second.id, claim.id]
    assert rest["next"] is None


def test_the_list_is_exported(desk: Desk, reviewer: httpx.Client) -> None:
    name = f"出{uuid4().hex[:6]}厂（虚构）"
    submitted(desk, name=name)
    text = reviewer.get("/registrations.csv", params={"q": name}).content.decode("utf-8-sig")
    assert name in text
    assert "已提交" in text
    assert "认领" in text


@pytest.mark.parametrize("role", [Role.SUPPLIER, Role.CHAIN_LEADER, Role.SERVICE])
def test_it_is_for_reviewers_and_auditors(desk: Desk, role: Role) -> None:
    applicant = submitted(desk)
    paths = ("/registrations", f"/registrations/{applicant.id}")
    ids = {Role.SUPPLIER: "near", Role.CHAIN_LEADER: "A"}
    firm = desk.world.enterprises[ids[role]] if role in ids else None
    client = desk.client(desk.token(Actor("somebody", role, firm)))
    assert [client.get(path).status_code for path in paths] == [403, 403]
    assert [desk.client().get(path).status_code for path in paths] == [401, 401]
    auditor = desk.client(desk.token(Actor("auditor", Role.AUDITOR)))
    assert [auditor.get(path).status_code for path in paths] == [200, 200]
    assert decide(auditor, applicant.id, "review").status_code == 403


def organisation(desk: Desk, cluster: str) -> httpx.Client:
    """A client of a cluster's organisation."""
    own = frozenset({desk.world.clusters[cluster]})
    return desk.client(desk.token(Actor("organisation", Role.CLUSTER_ORGANISATION, cluster_ids=own)))


def make_valves(desk: Desk) -> None:
    """Let the ships' member be of the valves' trade, and so the cluster."""
    path = f"/enterprises/{desk.world.enterprises['near']}"
    version = desk.operator.get(path).headers["ETag"]
    answer = desk.operator.patch(path, json={"class_code": "3443"}, headers={"If-Match": version})
    assert answer.status_code == 200, answer.text


def test_an_organisation_reads_what_concerns_its_clusters_and_nobodys_name(desk: Desk) -> None:
    mark = uuid4().hex[:6]
    make_valves(desk)
    own = in_review(desk, name=f"阀{mark}厂（虚构）")
    submitted(desk, name=f"漆{mark}厂（虚构）", class_code="2641")
    submitted(desk, name=f"济{mark}厂（虚构）", region="370100")
    ships, tools = (organisation(desk, name) for name in ("ships", "tools"))
    found = ships.get("/registrations", params={"q": mark}).json()["items"]
    assert [each["id"] for each in found] == [own.id]
    assert tools.get("/registrations", params={"q": mark}).json()["items"] == []
    assert tools.get(f"/registrations/{own.id}").status_code == 404
    told = ships.get(f"/registrations/{own.id}")
    assert (told.json()["makes"], told.json()["capabilities"][0]["name"]) == ("生产球墨铸铁阀门", "球墨铸铁阀门")
    assert [step["after"] for step in told.json()["steps"]] == ["submitted", "in_review"]
    for secret in ("王示例", own.email, "contact", "actor", "documents", "reason"):
        assert secret not in told.text, secret


def test_an_organisation_decides_nothing_and_gets_no_papers(desk: Desk, reviewer: httpx.Client) -> None:
    make_valves(desk)
    own = submitted(desk)
    looking = organisation(desk, "ships")
    assert decide(looking, own.id, "review").status_code == 403
    (paper, *_) = reviewer.get(f"/registrations/{own.id}").json()["documents"]
    assert looking.get(f"/registrations/{own.id}/documents/{paper['id']}").status_code == 403


def test_names_that_are_or_were_alike_are_shown(desk: Desk, reviewer: httpx.Client) -> None:
    mark = uuid4().hex[:8]
    row = {"credit_code": new_code(), "name": f"青岛{mark}精密铸造有限公司（虚构）", "is_supplier": True}
    firm = reviewer.post("/enterprises", json=row)
    version, id = firm.headers["ETag"], firm.json()["id"]
    renamed = {"name": f"岚{uuid4().hex[:8]}动力（虚构）"}
    assert reviewer.patch(f"/enterprises/{id}", json=renamed, headers={"If-Match": version}).status_code == 200
    applicant = in_review(desk, name=f"山东{mark}精密鑄造有限責任公司（虚构）")
    (similar,) = reviewer.get(f"/registrations/{applicant.id}").json()["similar"]
    assert (similar["id"], similar["former"], similar["name"]) == (id, True, renamed["name"])
    assert similar["known_as"] == row["name"]
    assert similar["score"] == 100
    other = in_review(desk, former_names=[renamed["name"]])
    (similar,) = reviewer.get(f"/registrations/{other.id}").json()["similar"]
    assert (similar["id"], similar["former"], similar["score"]) == (id, False, 100)


def test_the_region_of_the_code_stands_beside_what_is_said(desk: Desk, reviewer: httpx.Client) -> None:
    applicant = in_review(desk)
    assert reviewer.get(f"/registrations/{applicant.id}").json()["code_region"] is None


def test_decisions_are_refused_outside_of_their_states(desk: Desk, reviewer: httpx.Client) -> None:
    applicant = submitted(desk)
    fields = [{"pointer": "/name", "reason": "不符"}]
    for verb, body, word in (
        ("return", {"fields": fields}, "退回"),
        ("refusal", {"reason": "不符"}, "驳回"),
        ("verification", {}, "通过"),
        ("claim-decision", {"upheld": True, "reason": "一致"}, "认定认领"),
        ("claim-decision", {"upheld": False, "reason": "不符"}, "驳回认领"),
    ):
        assert detail_of(decide(reviewer, applicant.id, verb, **body)) == (409, f"该申请已提交，不能再{word}。")
    assert decide(reviewer, applicant.id, "review").status_code == 200
    assert detail_of(decide(reviewer, applicant.id, "review")) == (409, "该申请审核中，不能再开始审核。")
    body = {"upheld": True, "reason": "一致"}
    said = (409, "这不是认领，请直接通过、退回或驳回。")
    assert detail_of(decide(reviewer, applicant.id, "claim-decision", **body)) == said
    assert decide(reviewer, applicant.id, "return", fields=[]).status_code == 422
    assert decide(reviewer, applicant.id, "refusal", reason="").status_code == 422
    headers = {"If-Match": '"1"'}
    answer = reviewer.post(f"/registrations/{applicant.id}/refusal", json={"reason": "不符"}, headers=headers)
    assert detail_of(answer) == (412, "请重新读取后再提交。")
    answer = decide(reviewer, applicant.id, "refusal", reason="主体不符")
    assert answer.json()["state"] == "refused"
    assert "说明：主体不符" in desk.letters.to(applicant.email, having="未通过").get_content()
    assert reviewer.get(f"/registrations/{uuid4()}").status_code == 404
    assert reviewer.get(f"/registrations/{begin(desk).id}").status_code == 404


def test_who_was_forgotten_cannot_be_invited(desk: Desk, reviewer: httpx.Client) -> None:
    applicant = in_review(desk)
    with desk.app.state.database.session() as session:
        assert [row["contact_name"] for row in contact_of(session, applicant.email)] == ["王示例"]
        assert erase_contact(session, applicant.email) == 1
        assert contact_of(session, applicant.email) == []
        session.commit()
    said = "联系人的信息已应其要求删除，没有人可以邀请为负责人；请驳回，或请企业重新申请。"
    assert detail_of(decide(reviewer, applicant.id, "verification")) == (409, said)
    assert decide(reviewer, applicant.id, "refusal", reason="联系人已退出").json()["state"] == "refused"


def test_a_decision_is_carried_out_once_for_a_key(desk: Desk, reviewer: httpx.Client) -> None:
    applicant = in_review(desk)
    version = reviewer.get(f"/registrations/{applicant.id}").headers["ETag"]
    headers = {"If-Match": version, "Idempotency-Key": str(uuid4())}
    path = f"/registrations/{applicant.id}/verification"
    first, again = (reviewer.post(path, json={}, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200), first.text
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
