"""Tokens by OAuth 2: machines by their secret, people by refresh tokens; what is revoked, reused, suspended."""

import base64
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import httpx
import pytest

from tests.support.identity_desk import PASSWORD, Desk, detail_of

BAD_CLIENT = (401, "invalid_client", "客户端编号或密钥不正确，或已注销。")
BAD_GRANT = (400, "invalid_grant", "刷新令牌无效或已过期，请重新登录。")
ALL = ["catalog.read", "catalog.write", "matching.read", "matching.decide"]


def token(desk: Desk, auth: tuple[str, str] | None = None, **form: str) -> httpx.Response:
    return desk.client().post("/oauth/token", data=form, auth=auth)


def refused(answer: httpx.Response) -> tuple[int, str, str]:
    body = answer.json()
    assert body["error_description"].isascii()
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, body["error"], body["detail"]


def register(desk: Desk, firm: UUID, role: str = "supplier", scopes: list[str] = ALL) -> dict[str, str]:
    said = {"name": "门户", "enterprise_id": str(firm), "role": role, "scopes": scopes}
    answer = desk.operator.post("/clients", json=said)
    assert answer.status_code == 201, answer.text
    made: dict[str, str] = answer.json()
    return made


@pytest.fixture
def client(desk: Desk) -> dict[str, str]:
    return register(desk, desk.world.enterprises["near"], scopes=["catalog.read", "matching.read"])


@pytest.fixture
def family(desk: Desk) -> dict[str, str]:
    email = desk.person("li", kind="enterprise", enterprise_id=desk.world.enterprises["near"])
    asked = {"email": email, "password": PASSWORD, "carrier": "tokens"}
    tokens: dict[str, str] = desk.client().post("/session", json=asked).json()
    return tokens


def test_a_machine_gets_a_token_by_either_way_and_acts_for_its_enterprise(desk: Desk, client: dict[str, str]) -> None:
    id, secret = client["client_id"], client["client_secret"]
    by_header = token(desk, (id, secret), grant_type="client_credentials")
    by_body = token(desk, grant_type="client_credentials", client_id=id, client_secret=secret)
    for answer in (by_header, by_body):
        said = answer.json()
        assert (answer.status_code, said["token_type"], said["expires_in"]) == (200, "Bearer", 600)
        assert said["scope"] == "catalog.read matching.read"
        assert "refresh_token" not in said
        assert answer.headers["Cache-Control"] == "no-store"
        http = desk.client(said["access_token"])
        rows = http.get("/capabilities").json()["items"]
        assert {row["supplier_id"] for row in rows} == {str(desk.world.enterprises["near"])}


def test_scopes_are_kept_to(desk: Desk, client: dict[str, str]) -> None:
    auth = (client["client_id"], client["client_secret"])
    http = desk.client(token(desk, auth, grant_type="client_credentials").json()["access_token"])
    answer = http.post("/capabilities", json={})
    told = "此操作需要权限范围 catalog.write，令牌只有：catalog.read、matching.read。"
    assert detail_of(answer) == (403, told)
    assert 'error="insufficient_scope", scope="catalog.write"' in answer.headers["WWW-Authenticate"]
    narrow = token(desk, auth, grant_type="client_credentials", scope="matching.read").json()
    assert narrow["scope"] == "matching.read"
    assert desk.client(narrow["access_token"]).get("/capabilities").status_code == 403
    beyond = token(desk, auth, grant_type="client_credentials", scope="catalog.write matching.read")
    told = "不能授予这些权限范围：catalog.write；可用：catalog.read、matching.read。"
    assert refused(beyond) == (400, "invalid_scope", told)


def test_refusals_of_the_token_endpoint(desk: Desk, client: dict[str, str]) -> None:
    id, secret = client["client_id"], client["client_secret"]
    assert refused(token(desk, (id, "wrong"), grant_type="client_credentials")) == BAD_CLIENT
    assert refused(token(desk, ("nobody", secret), grant_type="client_credentials")) == BAD_CLIENT
    assert refused(token(desk, grant_type="client_credentials")) == BAD_CLIENT
    assert token(desk, grant_type="client_credentials").headers["WWW-Authenticate"] == 'Basic realm="xieshou"'
    assert refused(token(desk, (id, secret))) == (400, "invalid_request", "缺少 grant_type。")
    told = (400, "unsupported_grant_type", "grant_type 只能是 client_credentials 或 refresh_token。")
    assert refused(token(desk, (id, secret), grant_type="password")) == told
    both = token(desk, (id, secret), grant_type="client_credentials", client_secret=secret)
    assert refused(both) == (400, "invalid_request", "客户端只能用一种方式提供密钥。")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    twice = desk.client().post("/oauth/token", content="grant_type=a&grant_type=b", headers=form)
    assert refused(twice) == (400, "invalid_request", "同一参数出现了两次。")
    nul = desk.client().post("/oauth/token", content="grant_type=a%00", headers=form)
    assert refused(nul) == (400, "invalid_request", "参数中有 NUL 字符。")
    for bad in ("Basic ???", "Basic " + base64.b64encode(b"no colon").decode()):
        answer = desk.client().post("/oauth/token", data={"grant_type": "x"}, headers={"Authorization": bad})
        # which grant is asked for matters later than who asks
        assert refused(answer) == (401, "invalid_client", "Authorization 头的写法有误。")


def test_a_secret_is_renewed_and_a_client_revoked(desk: Desk, client: dict[str, str]) -> None:
    operator, path = desk.operator, f"/clients/{client['id']}"
    auth = (client["client_id"], client["client_secret"])
    assert "client_secret" not in operator.get(path).json()
    renewed = operator.post(f"{path}/secret", headers={"If-Match": '"1"'})
    assert refused(token(desk, auth, grant_type="client_credentials")) == BAD_CLIENT
    auth = (auth[0], renewed.json()["client_secret"])
    assert token(desk, auth, grant_type="client_credentials").status_code == 200
    assert operator.delete(path, headers={"If-Match": '"1"'}).status_code == 412
    assert operator.delete(path, headers={"If-Match": renewed.headers["ETag"]}).json()["revoked_at"]
    assert refused(token(desk, auth, grant_type="client_credentials")) == BAD_CLIENT
    assert detail_of(operator.delete(path, headers={"If-Match": '"3"'})) == (409, "请重新登记一个程序。")


@pytest.mark.parametrize(
    ("role", "name"), [("chain_leader", "链主企业"), ("reviewer", "审核员"), ("service", "系统服务")]
)
def test_a_client_in_a_role_that_its_enterprise_has_not(desk: Desk, role: str, name: str) -> None:
    firm = str(desk.world.enterprises["near"])
    said = {"name": "门户", "enterprise_id": firm, "role": role, "scopes": ALL}
    assert detail_of(desk.operator.post("/clients", json=said)) == (422, f"企业“丙阀门（虚构）”现在不是{name}。")


def test_a_refresh_token_counts_once(desk: Desk, family: dict[str, str]) -> None:
    first = family["refresh_token"]
    second = token(desk, grant_type="refresh_token", refresh_token=first).json()
    assert desk.client(second["access_token"]).get("/session").json()["csrf"] is None
    third = token(desk, grant_type="refresh_token", refresh_token=second["refresh_token"]).json()["refresh_token"]
    # the thief, or the bearer after the thief, comes with a used one: all of the family ends
    told = "刷新令牌已被用过，可能已泄露；本次登录的全部令牌已作废，请重新登录。"
    assert refused(token(desk, grant_type="refresh_token", refresh_token=first)) == (400, "invalid_grant", told)
    assert refused(token(desk, grant_type="refresh_token", refresh_token=third)) == BAD_GRANT
    assert detail_of(desk.client(second["access_token"]).get("/session")) == (401, "登录已结束，请重新登录。")


def test_of_many_at_once_one_gets_new_tokens_at_most(desk: Desk, family: dict[str, str]) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": family["refresh_token"]}
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: token(desk, **form), range(6)))
    good = [answer for answer in answers if answer.status_code == 200]
    assert len(good) == 1
    last = good[0].json()["refresh_token"]
    assert refused(token(desk, grant_type="refresh_token", refresh_token=last)) == BAD_GRANT


def test_refresh_tokens_that_are_none_or_over(desk: Desk, family: dict[str, str]) -> None:
    assert refused(token(desk, grant_type="refresh_token", refresh_token="made up")) == BAD_GRANT
    assert refused(token(desk, grant_type="refresh_token")) == BAD_GRANT
    desk.clock.forward(days=14)
    assert refused(token(desk, grant_type="refresh_token", refresh_token=family["refresh_token"])) == BAD_GRANT


def test_a_refreshed_token_may_have_less(desk: Desk, family: dict[str, str]) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": family["refresh_token"], "scope": "catalog.read"}
    narrow = token(desk, **form).json()
    assert desk.client(narrow["access_token"]).post("/capabilities", json={}).status_code == 403


@pytest.mark.parametrize("which", ["refresh_token", "access_token"])
def test_revocation_ends_the_family(desk: Desk, family: dict[str, str], which: str) -> None:
    assert desk.client().post("/oauth/revoke", data={"token": family[which]}).status_code == 200
    assert refused(token(desk, grant_type="refresh_token", refresh_token=family["refresh_token"])) == BAD_GRANT
    # once more, or for nobody's token, it is done already (RFC 7009, 2.2)
    assert desk.client().post("/oauth/revoke", data={"token": family[which]}).status_code == 200
    assert desk.client().post("/oauth/revoke", data={"token": "made up"}).status_code == 200


def test_what_cannot_be_revoked(desk: Desk, client: dict[str, str]) -> None:
    assert refused(desk.client().post("/oauth/revoke")) == (400, "invalid_request", "缺少 token。")
    auth = (client["client_id"], client["client_secret"])
    machine = token(desk, auth, grant_type="client_credentials").json()["access_token"]
    told = "机器的访问令牌不能单独作废，十分钟内自行失效；要停用程序，请注销客户端。"
    answer = desk.client().post("/oauth/revoke", data={"token": machine})
    assert refused(answer) == (400, "unsupported_token_type", told)


def test_suspending_an_enterprise_ends_all_that_acts_for_it(desk: Desk) -> None:
    firm = desk.firm()
    email = desk.person("zhou", kind="enterprise", enterprise_id=firm, level="owner")
    browser, made = desk.sign_in(email), register(desk, firm)
    asked = {"email": email, "password": PASSWORD, "carrier": "tokens"}
    tokens = desk.client().post("/session", json=asked).json()
    auth, operator = (made["client_id"], made["client_secret"]), desk.operator
    operator.post("/enterprises/verification", json={"ids": [str(firm)]})
    version = operator.get(f"/enterprises/{firm}").headers["ETag"]
    suspended = operator.post(f"/enterprises/{firm}/suspension", json={"reason": "查"}, headers={"If-Match": version})
    assert suspended.status_code == 200
    assert detail_of(browser.get("/session")) == (401, "登录已结束，请重新登录。")
    assert refused(token(desk, grant_type="refresh_token", refresh_token=tokens["refresh_token"])) == BAD_GRANT
    assert refused(token(desk, auth, grant_type="client_credentials")) == BAD_CLIENT
    told = "账号没有可用的身份：企业已暂停或注销，或您已被移出。请联系管理员。"
    assert detail_of(desk.client().post("/session", json={"email": email, "password": PASSWORD})) == (403, told)
    # the tokens that are out still hold: for ten minutes
    assert desk.client(tokens["access_token"]).get("/enterprises").status_code == 200
    desk.clock.forward(minutes=10)
    assert desk.client(tokens["access_token"]).get("/enterprises").status_code == 401
    version = suspended.headers["ETag"]
    operator = desk.operator
    operator.post(f"/enterprises/{firm}/reinstatement", json={"reason": "好"}, headers={"If-Match": version})
    assert desk.sign_in(email).get("/session").status_code == 200
    assert refused(token(desk, auth, grant_type="client_credentials")) == BAD_CLIENT


def test_the_published_keys(desk: Desk) -> None:
    answer = desk.client().get("/jwks")
    (key,) = answer.json()["keys"]
    assert (key["kty"], key["crv"], "d" in key) == ("OKP", "Ed25519", False)
    assert answer.headers["Content-Type"] == "application/jwk-set+json"
