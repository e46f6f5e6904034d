"""Who says who acts for an enterprise: its owners and reviewers; nobody else, and nobody for others."""

from uuid import UUID

import httpx
import pytest

from shared.security.actor import Role
from tests.support.identity_desk import Desk, detail_of

NOT_YOURS = (403, "只有审核员和本企业的负责人可以管理成员与程序。")


@pytest.fixture
def firm(desk: Desk) -> UUID:
    return desk.firm()


def join(desk: Desk, firm: UUID, level: str) -> httpx.Client:
    return desk.sign_in(desk.person("li", kind="enterprise", enterprise_id=firm, level=level))


def row_of(http: httpx.Client) -> dict[str, str]:
    """The member that asks."""
    me = http.get("/session").json()["account"]["id"]
    (row,) = [row for row in http.get("/members").json()["items"] if row["account_id"] == me]
    found: dict[str, str] = row
    return found


def change(http: httpx.Client, row: dict[str, str], level: str) -> httpx.Response:
    return http.patch(f"/members/{row['id']}", json={"level": level}, headers={"If-Match": f'"{row["version"]}"'})


def test_an_owner_invites_and_is_answered(desk: Desk, firm: UUID) -> None:
    owner, email = join(desk, firm, "owner"), f"new-{firm}@firm.example"
    asked = {"email": email, "kind": "enterprise", "enterprise_id": str(firm)}
    answer = owner.post("/invitations", json=asked)
    assert answer.status_code == 201
    assert "client_secret" not in answer.text and "token" not in answer.text
    assert [row["email"] for row in owner.get("/invitations").json()["items"]] == [email]
    token = desk.letters.link_to(email)
    said = {"token": token, "name": "某", "password": "seven quiet herons"}
    assert desk.client().post("/links/completion", json=said).status_code == 204
    assert len(owner.get("/members").json()["items"]) == 2
    assert owner.get("/invitations").json()["items"] == []


@pytest.mark.parametrize(
    "into", [{"kind": "reviewer"}, {"kind": "auditor"}, {"kind": "enterprise", "enterprise_id": "B"}]
)
def test_an_owner_invites_nowhere_else(desk: Desk, firm: UUID, into: dict[str, str]) -> None:
    owner = join(desk, firm, "owner")
    if "enterprise_id" in into:
        into = {**into, "enterprise_id": str(desk.world.enterprises["B"])}
    assert detail_of(owner.post("/invitations", json={"email": "x@firm.example", **into})) == NOT_YOURS


def test_members_see_each_other_and_change_nothing(desk: Desk, firm: UUID) -> None:
    join(desk, firm, "owner")
    member = join(desk, firm, "member")
    row = row_of(member)
    assert detail_of(change(member, row, "owner")) == NOT_YOURS
    asked = {"email": "x@firm.example", "kind": "enterprise", "enterprise_id": str(firm)}
    assert detail_of(member.post("/invitations", json=asked)) == NOT_YOURS
    said = {"name": "门户", "enterprise_id": str(firm), "role": "supplier", "scopes": ["catalog.read"]}
    assert detail_of(member.post("/clients", json=said)) == NOT_YOURS
    assert detail_of(member.get("/accounts")) == (403, "此操作只对这些角色开放：reviewer。")


def test_people_of_others_are_not_there(desk: Desk, firm: UUID) -> None:
    stranger = row_of(join(desk, desk.firm(), "owner"))
    owner = join(desk, firm, "owner")
    assert all(row["enterprise_id"] == str(firm) for row in owner.get("/members").json()["items"])
    told = (404, f"找不到编号为 {stranger['id']} 的成员，或您无权查看。")
    assert detail_of(owner.get(f"/members/{stranger['id']}")) == told
    assert detail_of(change(owner, stranger, "read_only")) == told


def test_a_level_holds_from_the_next_token_on(desk: Desk, firm: UUID) -> None:
    owner, member = join(desk, firm, "owner"), join(desk, firm, "member")
    row = row_of(member)
    assert detail_of(change(owner, {**row, "version": "7"}, "read_only")) == (412, "请重新读取后再提交。")
    assert change(owner, row, "read_only").json()["level"] == "read_only"
    assert member.get("/session").json()["access"] == "read"
    only = (403, "您的账号只能查看，不能修改或提交。")
    assert detail_of(member.post("/capabilities", json={})) == only
    assert detail_of(member.post("/invitations", json={})) == only
    assert member.get("/capabilities").status_code == 200


def test_an_enterprise_keeps_an_owner(desk: Desk, firm: UUID) -> None:
    owner = join(desk, firm, "owner")
    row, told = row_of(owner), (409, "请先把另一位成员设为负责人（owner）。")
    assert detail_of(change(owner, row, "member")) == told
    assert detail_of(owner.delete(f"/members/{row['id']}", headers={"If-Match": '"1"'})) == told
    second = row_of(join(desk, firm, "member"))
    assert change(owner, second, "owner").status_code == 200
    assert change(owner, row, "member").status_code == 200


def test_reviewers_are_not_owners_and_do_not_remove_themselves(desk: Desk) -> None:
    http, _, _ = desk.reviewer()
    me = http.get("/session").json()["account"]["id"]
    rows = http.get("/members", params={"limit": 1000}).json()["items"]
    (row,) = [row for row in rows if row["account_id"] == me]
    assert detail_of(change(http, row, "owner")) == (409, "只有企业有负责人（owner）。")
    gone = http.delete(f"/members/{row['id']}", headers={"If-Match": '"1"'})
    assert detail_of(gone) == (409, "请由另一位审核员操作。")
    body, version = {"reason": "试"}, {"If-Match": f'"{http.get(f"/accounts/{me}").json()["version"]}"'}
    assert detail_of(http.post(f"/accounts/{me}/suspension", json=body, headers=version)) == (
        409,
        "请由另一位审核员操作。",
    )


def test_programs_see_no_people(desk: Desk) -> None:
    world = desk.world
    http = desk.client(desk.token(world.supplier("near")))
    assert http.get("/members").json()["items"] == []
    assert http.get("/clients").json()["items"] == []


def test_an_auditor_sees_everybody_and_changes_nobody(desk: Desk, firm: UUID) -> None:
    row = row_of(join(desk, firm, "owner"))
    http = desk.sign_in(desk.person("shen", kind="auditor"))
    assert http.get("/session").json()["acting_as"]["role"] == Role.AUDITOR
    assert http.get(f"/members/{row['id']}").status_code == 200
    assert http.get("/accounts").status_code == 200
    assert detail_of(change(http, row, "member")) == (403, "您的账号只能查看，不能修改或提交。")
