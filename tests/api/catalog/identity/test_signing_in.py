"""Signing in by e-mail and password: what it gives, whom it refuses in which words, how long it lasts."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from shared.security.actor import Actor, Role
from tests.support.identity_desk import PASSWORD, Desk, detail_of

WRONG = (401, "邮箱或密码不正确。")
OVER = (401, "登录已结束，请重新登录。")


@pytest.fixture
def supplier(desk: Desk) -> str:
    """The address of somebody who may act for a supplier."""
    return desk.person("li", kind="enterprise", enterprise_id=desk.world.enterprises["near"], level="owner")


def attempt(desk: Desk, email: str, password: str = "not the password") -> httpx.Response:
    return desk.client().post("/session", json={"email": email, "password": password})


def test_a_browser_gets_a_session_and_reads_with_it(desk: Desk, supplier: str) -> None:
    http = desk.client()
    answer = http.post("/session", json={"email": f" {supplier.upper()}", "password": PASSWORD})
    said = answer.json()
    assert (answer.status_code, said["stage"], said["access"]) == (201, "full", "full")
    assert said["acting_as"]["role"] == "supplier"
    assert said["acting_as"]["enterprise_name"] == "丙阀门（虚构）"
    assert {cookie.split("=")[0] for cookie in answer.headers.get_list("set-cookie")} == {
        "xieshou-session",
        "xieshou-access",
    }
    for cookie in answer.headers.get_list("set-cookie"):
        assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie and "Secure" not in cookie
    names = [row["name"] for row in http.get("/capabilities").json()["items"]]
    assert names
    assert http.get("/session").json()["account"]["email"] == supplier


def test_over_https_cookies_are_secure_and_of_this_host_alone(desk: Desk, supplier: str) -> None:
    http = desk.client(**{"X-Forwarded-Proto": "https"})
    cookies = http.post("/session", json={"email": supplier, "password": PASSWORD}).headers.get_list("set-cookie")
    assert all(cookie.startswith("__Host-xieshou-") and "Secure" in cookie for cookie in cookies)
    # a cookie that plain http could have set counts for nothing
    plain = {"Cookie": cookies[0].split(";")[0].removeprefix("__Host-")}
    assert detail_of(desk.client(**{"X-Forwarded-Proto": "https"}, **plain).get("/session")) == (401, "尚未登录。")


def test_an_unknown_address_is_refused_as_a_wrong_password_is(desk: Desk, supplier: str) -> None:
    assert detail_of(attempt(desk, supplier)) == WRONG
    assert detail_of(attempt(desk, "nobody@firm.example")) == WRONG


def test_something_that_is_no_address(desk: Desk) -> None:
    answer = attempt(desk, "li at firm")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["detail"] == "不是有效的邮箱地址。"


@pytest.mark.parametrize("known", [True, False])
def test_back_off_and_lock_out_of_an_account(desk: Desk, supplier: str, known: bool) -> None:
    email = supplier if known else "ghost@firm.example"
    for _ in range(5):
        assert detail_of(attempt(desk, email)) == WRONG
    assert detail_of(attempt(desk, email)) == WRONG
    blocked = attempt(desk, email, PASSWORD)
    assert detail_of(blocked) == (429, "登录失败次数过多，请在 2 秒后再试，或通过邮箱重设密码。")
    assert blocked.headers["Retry-After"] == "2"
    for wait in (2, 4, 8, 16):
        desk.clock.forward(seconds=wait)
        assert detail_of(attempt(desk, email)) == WRONG
    locked = attempt(desk, email, PASSWORD)
    assert locked.status_code == 429
    assert locked.json()["detail"] == "登录失败次数过多，请在 15 分钟后再试，或通过邮箱重设密码。"
    desk.clock.forward(minutes=15)
    assert attempt(desk, email, PASSWORD).status_code == (201 if known else 401)


def test_many_guesses_at_once_are_no_more_than_one_after_another(desk: Desk, supplier: str) -> None:
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: attempt(desk, supplier).status_code, range(12)))
    assert sorted(answers) == [401] * 6 + [429] * 6


def test_a_sign_in_forgives_the_failures_before_it(desk: Desk, supplier: str) -> None:
    for _ in range(2):
        for _ in range(4):
            assert detail_of(attempt(desk, supplier)) == WRONG
        assert attempt(desk, supplier, PASSWORD).status_code == 201


def test_many_accounts_from_one_address(desk: Desk, supplier: str) -> None:
    for number in range(31):
        assert detail_of(attempt(desk, f"guess-{number}@firm.example")) == WRONG
    assert attempt(desk, supplier, PASSWORD).status_code == 429
    elsewhere = desk.client(**{"X-Forwarded-For": "192.0.2.7"})
    assert elsewhere.post("/session", json={"email": supplier, "password": PASSWORD}).status_code == 201


def test_what_a_cookie_changes_needs_the_word_of_our_pages(desk: Desk, supplier: str) -> None:
    http = desk.sign_in(supplier)
    csrf = http.headers.pop("X-CSRF-Token")
    told = "请刷新页面后重试；程序应在 X-CSRF-Token 头中带上 GET /catalog/v1/session 返回的 csrf。"
    for path in ("/capabilities", "/session/totp"):
        assert detail_of(http.post(path, json={})) == (403, told)
        assert detail_of(http.post(path, json={}, headers={"X-CSRF-Token": csrf[:-1]})) == (403, told)
    # with it, the door is open, and the fields are looked at
    assert http.post("/capabilities", json={}, headers={"X-CSRF-Token": csrf}).status_code == 422
    assert http.get("/capabilities").status_code == 200


def test_another_site_signs_nobody_in(desk: Desk, supplier: str) -> None:
    http = desk.client(**{"Sec-Fetch-Site": "cross-site"})
    answer = http.post("/session", json={"email": supplier, "password": PASSWORD})
    assert detail_of(answer) == (403, "请在本站页面登录。")


def test_a_session_ends_when_nobody_uses_it(desk: Desk, supplier: str) -> None:
    http = desk.sign_in(supplier)
    for _ in range(3):
        desk.clock.forward(minutes=115)
        assert http.get("/session").status_code == 200
    desk.clock.forward(minutes=121)
    assert detail_of(http.get("/session")) == OVER
    assert detail_of(http.get("/enterprises")) == (401, "令牌已过期，请重新领取。")


def test_a_session_ends_after_half_a_day_however_it_is_used(desk: Desk, supplier: str) -> None:
    http = desk.sign_in(supplier)
    for _ in range(7):
        desk.clock.forward(minutes=100)
        assert http.get("/session").status_code == 200
    desk.clock.forward(minutes=20)
    assert detail_of(http.get("/session")) == OVER


def test_the_access_token_is_over_in_ten_minutes_and_renewed_by_looking(desk: Desk, supplier: str) -> None:
    http = desk.sign_in(supplier)
    desk.clock.forward(minutes=10)
    assert http.get("/enterprises").status_code == 401
    assert http.get("/session").status_code == 200
    assert http.get("/enterprises").status_code == 200


def test_signing_out(desk: Desk, supplier: str) -> None:
    http = desk.sign_in(supplier)
    kept = dict(http.cookies)
    assert http.delete("/session").status_code == 204
    assert not http.cookies
    assert detail_of(http.get("/session")) == (401, "尚未登录。")
    http.cookies.update(kept)
    assert detail_of(http.get("/session")) == OVER


def test_own_sign_ins_are_listed_and_ended(desk: Desk, supplier: str) -> None:
    here, there, third = (
        desk.sign_in(supplier, desk.client(**{"User-Agent": name})) for name in ("here", "there", "3")
    )
    rows = here.get("/sessions").json()
    assert [(row["device"], row["current"]) for row in rows] == [("3", False), ("there", False), ("here", True)]
    assert here.delete(f"/sessions/{rows[1]['id']}").status_code == 204
    assert detail_of(there.get("/session")) == OVER
    gone = here.delete(f"/sessions/{rows[1]['id']}")
    assert detail_of(gone) == (404, f"找不到编号为 {rows[1]['id']} 的登录，或您无权查看。")
    assert here.delete("/sessions").status_code == 204
    assert detail_of(third.get("/session")) == OVER
    assert len(here.get("/sessions").json()) == 1


def test_nobody_ends_the_sign_in_of_somebody_else(desk: Desk, supplier: str) -> None:
    other = desk.sign_in(desk.person("wang", kind="auditor"))
    theirs = other.get("/session").json()["id"]
    assert desk.sign_in(supplier).delete(f"/sessions/{theirs}").status_code == 404
    assert other.get("/session").status_code == 200


def test_a_firm_that_is_both_is_acted_for_in_one_role_at_a_time(desk: Desk) -> None:
    email = desk.person("zhao", kind="enterprise", enterprise_id=desk.world.enterprises["A"])
    again = desk.invited(email, kind="enterprise", enterprise_id=desk.world.enterprises["near"])
    assert desk.client().post("/links/completion", json={"token": again}).status_code == 204
    http = desk.sign_in(email)
    assert [each["role"] for each in http.get("/session").json()["roles"]] == ["chain_leader", "supplier"]
    assert http.get("/capabilities").json()["items"] == []
    assert http.put("/session/role", json={"role": "supplier"}).json()["acting_as"]["role"] == "supplier"
    assert http.get("/capabilities").json()["items"]
    assert detail_of(http.put("/session/role", json={"role": "reviewer"})) == (
        403,
        "您没有这个身份，请从 roles 中选择。",
    )


def test_a_password_is_changed_and_others_are_signed_out(desk: Desk, supplier: str) -> None:
    here, there = desk.sign_in(supplier), desk.sign_in(supplier)
    change = {"password": "something else", "new_password": "four grey cranes"}
    assert detail_of(here.put("/session/password", json=change)) == WRONG
    assert here.put("/session/password", json={**change, "password": PASSWORD}).status_code == 204
    assert here.get("/session").status_code == 200
    assert detail_of(there.get("/session")) == OVER
    assert detail_of(attempt(desk, supplier, PASSWORD)) == WRONG
    assert attempt(desk, supplier, "four grey cranes").status_code == 201


def test_a_suspended_account(desk: Desk, supplier: str) -> None:
    http, operator = desk.sign_in(supplier), desk.operator
    (row,) = operator.get("/accounts", params={"email": supplier}).json()["items"]
    path, body = f"/accounts/{row['id']}", {"reason": "离职"}
    assert operator.post(f"{path}/suspension", json=body).status_code == 428
    assert operator.post(f"{path}/suspension", json=body, headers={"If-Match": '"7"'}).status_code == 412
    done = operator.post(f"{path}/suspension", json=body, headers={"If-Match": f'"{row["version"]}"'})
    assert (done.status_code, done.json()["status"]) == (200, "suspended")
    assert detail_of(http.get("/session")) == OVER
    assert detail_of(attempt(desk, supplier)) == WRONG
    assert detail_of(attempt(desk, supplier, PASSWORD)) == (403, "请联系管理员。")
    again = operator.post(f"{path}/suspension", json=body, headers={"If-Match": done.headers["ETag"]})
    assert detail_of(again) == (409, "账号已停用。")
    back = operator.post(f"{path}/reinstatement", json=body, headers={"If-Match": done.headers["ETag"]})
    assert back.json()["status"] == "active"
    assert attempt(desk, supplier, PASSWORD).status_code == 201


def test_who_is_invited_nowhere_any_more(desk: Desk) -> None:
    firm = desk.firm()
    email = desk.person("sun", kind="enterprise", enterprise_id=firm, level="owner")
    http = desk.sign_in(email)
    (row,) = http.get("/members").json()["items"]
    gone = desk.operator.delete(f"/members/{row['id']}", headers={"If-Match": f'"{row["version"]}"'})
    assert gone.status_code == 204
    assert detail_of(http.get("/session")) == OVER
    refused = attempt(desk, email, PASSWORD)
    assert detail_of(refused) == (403, "账号没有可用的身份：企业已暂停或注销，或您已被移出。请联系管理员。")


def test_a_process_without_a_key_signs_nobody_in(desk: Desk, supplier: str) -> None:
    from dataclasses import replace

    means = desk.app.state.identity
    desk.app.state.identity = replace(means, signing_key=None)
    try:
        answer = attempt(desk, supplier, PASSWORD)
    finally:
        desk.app.state.identity = means
    assert detail_of(answer) == (503, "本服务没有配置签名密钥（CATALOG_SIGNING_KEY_FILE），不能登录或签发令牌。")


def test_a_token_of_the_command_line_is_no_sign_in(desk: Desk) -> None:
    http = desk.client(desk.token(Actor("x", Role.REVIEWER)))
    assert detail_of(http.get("/session")) == (401, "此令牌不是由登录得来的，没有会话。")
