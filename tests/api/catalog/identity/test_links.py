"""One-time links: invitations, new passwords, the first account; each serves once, for a while."""

import pytest
from typer.testing import CliRunner

from services.catalog.__main__ import app as command_line
from tests.support.identity_desk import PASSWORD, Desk, detail_of

NEW = "nine slow turtles"


@pytest.fixture
def supplier(desk: Desk) -> str:
    return desk.person("li", kind="enterprise", enterprise_id=desk.world.enterprises["near"])


def reset_link(desk: Desk, email: str) -> str:
    answer = desk.client().post("/password-resets", json={"email": email})
    assert detail_of(answer) == (202, "如果有这个账号，重设密码的邮件会在几分钟内送达。")
    return desk.letters.link_to(email)


def complete(desk: Desk, **said: str) -> tuple[int, str]:
    answer = desk.client().post("/links/completion", json=said)
    return (204, "") if answer.status_code == 204 else detail_of(answer)


def test_a_password_is_set_anew_by_mail(desk: Desk, supplier: str) -> None:
    desk.letters.to(supplier)
    http, token = desk.sign_in(supplier), reset_link(desk, supplier)
    told = desk.client().post("/links/inspection", json={"token": token}).json()
    assert (told["purpose"], told["email"], told["needs_name"], told["needs_password"]) == (
        "reset",
        supplier,
        False,
        True,
    )
    assert complete(desk, token=token) == (422, "请设置密码。")
    assert complete(desk, token=token, password=NEW) == (204, "")
    assert "密码已重设" in desk.letters.to(supplier)["Subject"]
    assert complete(desk, token=token, password=NEW) == (410, "链接已使用过。")
    assert detail_of(http.get("/session")) == (401, "登录已结束，请重新登录。")
    asked = {"email": supplier, "password": PASSWORD}
    assert desk.client().post("/session", json=asked).status_code == 401
    assert desk.client().post("/session", json={**asked, "password": NEW}).status_code == 201


def test_a_new_password_forgives_the_failures_before_it(desk: Desk, supplier: str) -> None:
    desk.letters.to(supplier)
    for _ in range(6):
        desk.client().post("/session", json={"email": supplier, "password": "wrong"})
    assert desk.client().post("/session", json={"email": supplier, "password": PASSWORD}).status_code == 429
    assert complete(desk, token=reset_link(desk, supplier), password=NEW) == (204, "")
    assert desk.client().post("/session", json={"email": supplier, "password": NEW}).status_code == 201


def test_for_an_unknown_address_the_answer_is_the_same_and_nothing_is_sent(desk: Desk) -> None:
    answer = desk.client().post("/password-resets", json={"email": "ghost@firm.example"})
    assert detail_of(answer) == (202, "如果有这个账号，重设密码的邮件会在几分钟内送达。")
    assert desk.letters.none_to("ghost@firm.example")


def test_nobodys_mailbox_is_flooded(desk: Desk, supplier: str) -> None:
    desk.letters.to(supplier)
    for _ in range(3):
        reset_link(desk, supplier)
    assert desk.client().post("/password-resets", json={"email": supplier}).status_code == 202
    other = desk.person("qian", kind="auditor")
    desk.letters.to(other)
    reset_link(desk, other)
    assert desk.letters.none_to(supplier)


def test_links_that_are_over(desk: Desk, supplier: str) -> None:
    desk.letters.to(supplier)
    first = reset_link(desk, supplier)
    second = reset_link(desk, supplier)
    assert complete(desk, token=first, password=NEW) == (410, "链接已被撤回，或已有更新的链接。")
    desk.clock.forward(minutes=60)
    assert complete(desk, token=second, password=NEW) == (410, "链接已过期，请重新申请。")
    assert complete(desk, token="made-up", password=NEW) == (410, "没有这个链接，请检查是否完整复制。")
    over = desk.client().post("/links/inspection", json={"token": second})
    assert detail_of(over) == (410, "链接已过期，请重新申请。")


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("eleven char", "密码应为 12 至 128 个字符，现为 11 个。"),
        ("long " * 26, "密码应为 12 至 128 个字符，现为 130 个。"),
        ("password1234", "密码过于常见或有规律，容易被猜到，请换一个。"),
        ("qwertyuiopas", "密码过于常见或有规律，容易被猜到，请换一个。"),
        ("ababababababab", "密码过于常见或有规律，容易被猜到，请换一个。"),
        ("here is li某 again", None),
        ("my firm is fine", "密码不能包含您的姓名、邮箱名或本系统的名称。"),
        ("Xieshou for ever", "密码不能包含您的姓名、邮箱名或本系统的名称。"),
    ],
)
def test_passwords_that_are_refused(desk: Desk, supplier: str, password: str, said: str | None) -> None:
    desk.letters.to(supplier)
    told = complete(desk, token=reset_link(desk, supplier), password=password)
    assert told == (422, said or "密码不能包含您的姓名、邮箱名或本系统的名称。")


def test_an_invitation_opens_an_account(desk: Desk) -> None:
    firm = desk.world.enterprises["far"]
    token = desk.invited("new.li@firm.example", kind="enterprise", enterprise_id=firm, level="read_only")
    told = desk.client().post("/links/inspection", json={"token": token}).json()
    assert (told["enterprise_name"], told["needs_name"], told["needs_password"]) == ("丁铸造（虚构）", True, True)
    assert complete(desk, token=token, password=NEW) == (422, "请填写姓名。")
    assert complete(desk, token=token, name="李某") == (422, "请设置密码。")
    assert complete(desk, token=token, name="李某", password=NEW) == (204, "")
    http = desk.client()
    said = http.post("/session", json={"email": "new.li@firm.example", "password": NEW}).json()
    assert (said["access"], said["acting_as"]["level"]) == ("read", "read_only")


def test_an_invitation_is_withdrawn(desk: Desk) -> None:
    token = desk.invited("late@firm.example", kind="auditor")
    operator = desk.operator
    rows = operator.get("/invitations", params={"limit": 1000}).json()["items"]
    (row,) = [row for row in rows if row["email"] == "late@firm.example"]
    assert operator.delete(f"/invitations/{row['id']}").status_code == 204
    gone = operator.delete(f"/invitations/{row['id']}")
    assert detail_of(gone) == (404, f"找不到编号为 {row['id']} 的邀请，或您无权查看。")
    assert complete(desk, token=token, name="某", password=NEW) == (410, "链接已被撤回，或已有更新的链接。")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"kind": "enterprise"}, "邀请企业成员须指明 enterprise_id，其他身份不能有。"),
        (
            {"kind": "reviewer", "enterprise_id": "00000000-0000-0000-0000-000000000001"},
            "邀请企业成员须指明 enterprise_id，其他身份不能有。",
        ),
        ({"kind": "cluster_organisation"}, "邀请集群促进组织须指明 cluster_ids，其他身份不能有。"),
        ({"kind": "auditor", "level": "owner"}, "只有企业有负责人（owner）。"),
    ],
)
def test_invitations_that_do_not_fit(desk: Desk, asked: dict[str, str], said: str) -> None:
    answer = desk.operator.post("/invitations", json={"email": "a@firm.example", **asked})
    assert (answer.status_code, answer.json()["errors"][0]["detail"]) == (422, said)


def test_invitations_into_what_is_not_there(desk: Desk) -> None:
    nothing = "00000000-0000-0000-0000-000000000001"
    said = {"email": "a@firm.example", "kind": "enterprise", "enterprise_id": nothing}
    told = (404, f"找不到编号为 {nothing} 的企业，或您无权查看。")
    assert detail_of(desk.operator.post("/invitations", json=said)) == told
    said = {"email": "a@firm.example", "kind": "cluster_organisation", "cluster_ids": [nothing]}
    told = (404, f"找不到编号为 {nothing} 的集群，或您无权查看。")
    assert detail_of(desk.operator.post("/invitations", json=said)) == told


def test_an_organisation_sees_its_clusters(desk: Desk) -> None:
    email = desk.person("zu", kind="cluster_organisation", cluster_ids=[str(desk.world.clusters["ships"])])
    http = desk.sign_in(email)
    assert http.get("/session").json()["acting_as"]["cluster_ids"] == [str(desk.world.clusters["ships"])]
    assert [row["code"] for row in http.get("/clusters").json()["items"]] == ["SHIP"]


def test_the_first_account(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    url = desk.app.state.database.engine.url.set(drivername="postgresql")
    monkeypatch.setenv("CATALOG_DATABASE_URL", url.render_as_string(hide_password=False))
    monkeypatch.setenv("XIESHOU_PUBLIC_URL", "https://xieshou.example/")
    monkeypatch.setattr("services.catalog.__main__.utc_now", desk.clock)

    def first_link() -> str:
        result = CliRunner().invoke(command_line, ["first-account", "First@Gov.example"])
        assert result.stdout.startswith("https://xieshou.example/catalog/link#"), result.output
        return result.stdout.strip().partition("#")[2]

    assert complete(desk, token=first_link(), name="首位", password=NEW) == (204, "")
    asked = {"email": "first@gov.example", "password": NEW}
    http = desk.client()
    said = http.post("/session", json=asked).json()
    assert (said["stage"], said["acting_as"]["role"]) == ("enrol", "reviewer")
    http.headers["X-CSRF-Token"] = said["csrf"]
    secret = http.post("/session/totp", json={"password": NEW}).json()["secret"]
    http.post("/session/totp/confirmation", json={"code": desk.code(secret)})
    # who lost everything gets in again: with another password, and to a new enrolment
    assert complete(desk, token=first_link(), password=PASSWORD) == (204, "")
    assert desk.client().post("/session", json={**asked, "password": PASSWORD}).json()["stage"] == "enrol"


def test_the_first_account_needs_an_address(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from services.catalog.__main__ import main

    monkeypatch.setattr("sys.argv", ["catalog", "first-account", "nobody"])
    with pytest.raises(SystemExit):
        main()
    assert capsys.readouterr().err.strip() == "“nobody”不是有效的邮箱地址。"
