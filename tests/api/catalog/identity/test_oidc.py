"""Sign-in by an external provider, which is a process of its own and really signs."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest

from deploy.embedded.postgres import EmbeddedServer
from services.catalog.identity.oidc import Provider
from tests.conftest import Signing, clone
from tests.support.identity_desk import Desk, MovedClock, detail_of, open_desk
from tests.support.letters import Letters
from tests.support.oidc_provider import CLIENT, SECRET, provider_process

CALLBACK = "http://system.example/catalog/v1/session/oidc/callback"
AGAIN = "请重新登录。"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with provider_process() as address:
        yield address


@pytest.fixture(scope="module")
def desk(embedded_server: EmbeddedServer, signing: Signing, letters: Letters, issuer: str) -> Iterator[Desk]:
    """A catalog whose people may come by the provider."""

    def provider(clock: MovedClock) -> Provider:
        return Provider(issuer, CLIENT, SECRET, CALLBACK, clock)

    with clone(embedded_server, "catalog") as urls, open_desk(urls, signing, letters, provider=provider) as opened:
        yield opened


@pytest.fixture
def email(desk: Desk) -> str:
    return desk.person("li", kind="enterprise", enterprise_id=desk.world.enterprises["near"])


def tell(desk: Desk, provider: str, **told: Any) -> None:
    told["now"] = desk.clock().timestamp()
    httpx.post(f"{provider}/control", json=told, trust_env=False).raise_for_status()


def claims(email: str, **more: Any) -> dict[str, Any]:
    return {"sub": f"u-{email}", "email": email, "email_verified": True, **more}


def there_and_back(http: httpx.Client) -> dict[str, str]:
    """Go to the provider; what it sends back."""
    begun = http.get("/session/oidc")
    assert begun.status_code == 303, begun.text
    back = httpx.get(begun.headers["Location"], trust_env=False).headers["Location"]
    assert back.startswith(CALLBACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}


def arrive(http: httpx.Client) -> httpx.Response:
    return http.get("/session/oidc/callback", params=there_and_back(http))


def test_who_is_known_by_address_comes_in_and_is_known_by_subject_then(desk: Desk, issuer: str, email: str) -> None:
    tell(desk, issuer, claims=claims(email))
    http = desk.client()
    answer = arrive(http)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    said = http.get("/session").json()
    assert (said["account"]["email"], said["stage"]) == (email, "full")
    tell(desk, issuer, claims={"sub": f"u-{email}"})
    assert arrive(desk.client()).status_code == 303


def test_a_reviewer_needs_the_second_factor_unless_the_provider_asked_for_one(desk: Desk, issuer: str) -> None:
    _, email, secret = desk.reviewer()
    desk.clock.forward(minutes=1)
    tell(desk, issuer, claims=claims(email, amr=["pwd"]))
    http = desk.client()
    arrive(http)
    said = http.get("/session").json()
    assert said["stage"] == "code"
    csrf = {"X-CSRF-Token": said["csrf"]}
    assert http.post("/session/code", json={"code": desk.code(secret)}, headers=csrf).json()["stage"] == "full"
    tell(desk, issuer, claims=claims(email, amr=["pwd", "otp"]))
    http = desk.client()
    arrive(http)
    assert http.get("/session").json()["stage"] == "full"


def test_strangers_do_not_come_in(desk: Desk, issuer: str, email: str) -> None:
    nobody = f"{uuid4().hex}@firm.example"
    tell(desk, issuer, claims=claims(nobody))
    assert detail_of(arrive(desk.client())) == (403, f"没有邮箱为 {nobody} 的账号，请先请管理员邀请您。")
    tell(desk, issuer, claims=claims(email, email_verified=False))
    assert detail_of(arrive(desk.client())) == (403, "认证服务没有提供已验证的邮箱，不能确定是哪个账号。")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"nonce": "another"}, "身份令牌的 nonce 与发起登录时的不符，请重新登录。"),
        ({"aud": "somebody-else"}, "身份令牌无效或已过期，请重新登录。"),
        ({"aud": [CLIENT, "other"], "azp": "other"}, "身份令牌不是签发给本系统的，请重新登录。"),
        ({"iss": "http://127.0.0.1:1"}, "身份令牌无效或已过期，请重新登录。"),
        ({"exp": 1}, "身份令牌无效或已过期，请重新登录。"),
    ],
    ids=str,
)
def test_id_tokens_that_do_not_hold(desk: Desk, issuer: str, email: str, wrong: dict[str, Any], said: str) -> None:
    tell(desk, issuer, claims=claims(email, **wrong))
    assert detail_of(arrive(desk.client())) == (401, said)


def test_a_forged_signature_and_a_turned_key(desk: Desk, issuer: str, email: str) -> None:
    tell(desk, issuer, claims=claims(email), forged=True)
    assert detail_of(arrive(desk.client())) == (401, "身份令牌无效或已过期，请重新登录。")
    tell(desk, issuer, claims=claims(email), turn_key=True)
    assert arrive(desk.client()).status_code == 303


def test_answers_that_belong_to_another_attempt(desk: Desk, issuer: str, email: str) -> None:
    tell(desk, issuer, claims=claims(email))
    http, other = desk.client(), desk.client()
    back = there_and_back(http)
    told = (401, "返回的 state 与发起登录时的不符，请重新登录。")
    assert detail_of(http.get("/session/oidc/callback", params={**back, "state": "x"})) == told
    # the code of one browser, brought by another: PKCE stops it, even where the state is known
    theirs = there_and_back(other)
    mixed = {**back, "state": theirs["state"]}
    assert detail_of(other.get("/session/oidc/callback", params=mixed)) == (
        401,
        "认证服务不接受返回的 code，请重新登录。",
    )
    wrong_issuer = {**back, "iss": "http://evil.example"}
    assert detail_of(http.get("/session/oidc/callback", params=wrong_issuer)) == (
        401,
        "返回的不是所配置的认证服务，请重新登录。",
    )
    never = desk.client().get("/session/oidc/callback", params=back)
    assert detail_of(never) == (401, "登录不是由这个浏览器发起的，或已超过 10 分钟，请重新登录。")


def test_the_provider_says_no(desk: Desk, issuer: str) -> None:
    tell(desk, issuer, error="access_denied")
    assert detail_of(arrive(desk.client())) == (401, "认证服务没有同意这次登录，请重新登录。")


def test_a_discovery_document_of_somebody_else(desk: Desk, issuer: str) -> None:
    desk.clock.forward(hours=2)
    tell(desk, issuer, issuer="https://evil.example")
    told = "认证服务的说明文件写的是另一个签发者，请检查 CATALOG_OIDC_ISSUER。"
    assert detail_of(desk.client().get("/session/oidc")) == (502, told)


@pytest.mark.parametrize(
    ("issuer", "said"),
    [
        ("http://127.0.0.1:9", "认证服务没有应答，请稍后再试。"),
        ("http://provider.example", "认证服务的地址应以 https:// 开头。"),
    ],
)
def test_a_provider_that_cannot_be_asked(issuer: str, said: str) -> None:
    from shared.http.problems import Problem

    with pytest.raises(Problem, match=said):
        Provider(issuer, CLIENT, SECRET, CALLBACK, MovedClock())._discovered()


def test_without_a_provider(only_desk: Desk) -> None:
    assert detail_of(only_desk.client().get("/session/oidc")) == (404, "请用账号和密码登录。")
