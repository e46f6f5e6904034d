"""The second factor: required for reviewers, free for others; every code counts once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.identity_desk import PASSWORD, Desk, detail_of

WRONG = (401, "请输入验证器上当前的 6 位数字（每个只能用一次），或一个恢复码。")
ENROL = (403, "审核员请先在浏览器中登录并绑定动态验证码。")
CODE = (401, "请在 code 中带上验证器上的 6 位数字，或一个恢复码。")


@pytest.fixture
def supplier(desk: Desk) -> str:
    return desk.person("li", kind="enterprise", enterprise_id=desk.world.enterprises["near"])


def test_a_reviewers_first_sign_in_leads_to_enrolment_and_nowhere_else(desk: Desk) -> None:
    email = desk.person("shen", kind="reviewer")
    http = desk.sign_in(email)
    assert http.get("/session").json()["stage"] == "enrol"
    assert "xieshou-access" not in http.cookies
    assert http.get("/enterprises").status_code == 401
    for path in ("/sessions", "/members"):
        assert http.get(path).status_code in (401, 403)
    assert detail_of(http.get("/sessions")) == ENROL
    assert detail_of(http.put("/session/password", json={"new_password": "x"})) == ENROL
    assert detail_of(http.put("/session/role", json={"role": "reviewer"})) == ENROL
    assert detail_of(http.post("/session/totp/confirmation", json={"code": "123456"})) == (
        409,
        "请先申请绑定，再提交验证码。",
    )
    assert detail_of(http.post("/session/totp", json={"password": "wrong"})) == (401, "邮箱或密码不正确。")
    told = http.post("/session/totp", json={"password": PASSWORD}).json()
    assert told["uri"] == (
        f"otpauth://totp/%E6%90%BA%E6%89%8B%20Xieshou%3A{email.replace('@', '%40')}?secret={told['secret']}"
        "&issuer=%E6%90%BA%E6%89%8B%20Xieshou"
    )
    assert detail_of(http.post("/session/totp/confirmation", json={"code": "000000"})) == WRONG
    done = http.post("/session/totp/confirmation", json={"code": desk.code(told["secret"])})
    assert len(done.json()["recovery_codes"]) == 10
    assert http.get("/session").json()["stage"] == "full"
    assert http.get("/enterprises").status_code == 200


def test_from_then_on_the_code_is_asked_for(desk: Desk) -> None:
    _, email, secret = desk.reviewer()
    desk.clock.forward(minutes=1)
    http = desk.sign_in(email)
    assert http.get("/session").json()["stage"] == "code"
    assert http.get("/enterprises").status_code == 401
    assert detail_of(http.get("/sessions")) == CODE
    assert detail_of(http.post("/session/totp", json={"password": PASSWORD})) == CODE
    assert detail_of(http.post("/session/totp/confirmation", json={"code": desk.code(secret)})) == CODE
    assert detail_of(http.post("/session/code", json={"code": desk.code(secret, ahead=4)})) == WRONG
    assert http.post("/session/code", json={"code": desk.code(secret)}).json()["stage"] == "full"
    assert http.get("/enterprises").status_code == 200
    assert detail_of(http.post("/session/code", json={"code": "123456"})) == (409, "本次登录已完成验证。")


def test_a_code_counts_once_and_in_one_request_with_the_password(desk: Desk) -> None:
    _, email, secret = desk.reviewer()
    asked = {"email": email, "password": PASSWORD, "code": desk.code(secret)}
    # the code that confirmed the authenticator is used up
    assert detail_of(desk.client().post("/session", json=asked)) == WRONG
    desk.clock.forward(minutes=1)
    asked["code"] = desk.code(secret)
    assert desk.client().post("/session", json=asked).json()["stage"] == "full"
    assert detail_of(desk.client().post("/session", json=asked)) == WRONG


def test_of_many_at_once_with_one_code_one_comes_in(desk: Desk) -> None:
    _, email, secret = desk.reviewer()
    desk.clock.forward(minutes=1)
    asked = {"email": email, "password": PASSWORD, "code": desk.code(secret)}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: desk.client().post("/session", json=asked), range(4)))
    assert [answer.status_code for answer in answers].count(201) == 1


def test_codes_are_not_guessed(desk: Desk) -> None:
    _, email, secret = desk.reviewer()
    desk.clock.forward(minutes=1)
    http = desk.sign_in(email)
    answers = [http.post("/session/code", json={"code": f"{number:06}"}).status_code for number in range(8)]
    assert 429 in answers
    assert http.post("/session/code", json={"code": desk.code(secret)}).status_code == 429


def test_a_recovery_code_serves_once_and_new_ones_replace_the_old(desk: Desk) -> None:
    http, email, secret = desk.reviewer()
    desk.clock.forward(minutes=1)
    proof = {"password": PASSWORD, "code": desk.code(secret)}
    codes = http.post("/session/recovery-codes", json=proof).json()["recovery_codes"]
    asked = {"email": email, "password": PASSWORD, "code": codes[0].lower()}
    assert desk.client().post("/session", json=asked).json()["stage"] == "full"
    assert detail_of(desk.client().post("/session", json=asked)) == WRONG
    renewed = http.post("/session/recovery-codes", json={"password": PASSWORD, "code": codes[1]})
    assert renewed.status_code == 200
    assert detail_of(desk.client().post("/session", json={**asked, "code": codes[2]})) == WRONG


def test_reviewers_cannot_turn_it_off(desk: Desk) -> None:
    http, _, secret = desk.reviewer()
    proof = {"password": PASSWORD, "code": desk.code(secret, ahead=1)}
    assert detail_of(http.post("/session/totp/removal", json=proof)) == (409, "审核员必须使用动态验证码。")


def test_others_turn_it_on_and_off(desk: Desk, supplier: str) -> None:
    http = desk.sign_in(supplier)
    proof = {"password": PASSWORD, "code": "123456"}
    assert detail_of(http.post("/session/totp/removal", json=proof)) == (409, "请先绑定验证器。")
    secret = http.post("/session/totp", json={"password": PASSWORD}).json()["secret"]
    assert http.post("/session/totp/confirmation", json={"code": desk.code(secret)}).status_code == 200
    assert detail_of(http.post("/session/totp", json={"password": PASSWORD})) == (409, "请先停用，再重新绑定。")
    assert desk.sign_in(supplier).get("/session").json()["stage"] == "code"
    wrong = {"password": "wrong", "code": desk.code(secret, ahead=1)}
    assert detail_of(http.post("/session/totp/removal", json=wrong)) == (401, "邮箱或密码不正确。")
    assert detail_of(http.post("/session/totp/removal", json=proof)) == WRONG
    right = {"password": PASSWORD, "code": desk.code(secret, ahead=1)}
    assert http.post("/session/totp/removal", json=right).status_code == 204
    assert desk.sign_in(supplier).get("/session").json()["stage"] == "full"


def test_programs_for_people_bring_the_code_at_once(desk: Desk) -> None:
    email = desk.person("shen", kind="reviewer")
    asked = {"email": email, "password": PASSWORD, "carrier": "tokens"}
    assert detail_of(desk.client().post("/session", json=asked)) == ENROL
    http = desk.sign_in(email)
    secret = http.post("/session/totp", json={"password": PASSWORD}).json()["secret"]
    http.post("/session/totp/confirmation", json={"code": desk.code(secret)})
    assert detail_of(desk.client().post("/session", json=asked)) == CODE
    tokens = desk.client().post("/session", json={**asked, "code": desk.code(secret, ahead=1)}).json()
    assert desk.client(tokens["access_token"]).get("/accounts").status_code == 200


def test_nobody_becomes_a_reviewer_without_it(desk: Desk, supplier: str) -> None:
    http = desk.sign_in(supplier)
    token = desk.invited(supplier, kind="reviewer")
    assert desk.client().post("/links/completion", json={"token": token}).status_code == 204
    assert detail_of(http.put("/session/role", json={"role": "reviewer"})) == ENROL
    assert desk.sign_in(supplier).get("/session").json()["stage"] == "enrol"
