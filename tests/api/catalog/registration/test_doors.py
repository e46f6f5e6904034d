"""Who may begin: strangers who proved work, once; programs that are known; pages of named origins; not without end."""

import httpx
import pytest

from services.catalog.registration.proofs import SENTENCES, solve
from services.catalog.registration.rules import CHALLENGE_LIFE
from shared.security.actor import Actor, Role, Scope
from tests.api.catalog.registration.conftest import ORIGIN
from tests.support.applicant import begin, proof
from tests.support.identity_desk import Desk, detail_of

PATH = "/catalog/v1/registrations"


def refusal(http: httpx.Client, body: dict[str, object]) -> tuple[str, str]:
    """Code and sentence of a refused proof."""
    answer = http.post("/registrations", json=body)
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert (error["pointer"], answer.json()["type"]) == ("/proof", "/problems/bad-proof")
    return error["code"], error["detail"]


def test_a_proof_counts_once_while_it_lasts(desk: Desk) -> None:
    http = desk.client()
    assert refusal(http, {}) == ("proof_missing", SENTENCES["proof_missing"])
    said = proof(http)
    assert http.post("/registrations", json={"proof": said}).status_code == 201
    assert refusal(http, {"proof": said}) == ("proof_spent", SENTENCES["proof_spent"])
    late = proof(http)
    desk.clock.forward(seconds=CHALLENGE_LIFE.total_seconds() + 1)
    assert refusal(http, {"proof": late}) == ("proof_expired", SENTENCES["proof_expired"])


def test_a_proof_is_of_a_challenge_of_ours_and_enough_work(desk: Desk) -> None:
    http = desk.client()
    told = http.get("/registrations/challenge").json()
    assert (told["bits"], told["algorithm"]) == (8, "sha256")
    weak = next(nonce for nonce in map(str, range(10_000)) if solve(told["challenge"], 8) != nonce)
    assert refusal(http, {"proof": {"challenge": told["challenge"], "nonce": weak}})[0] == "proof_weak"
    foreign = told["challenge"][:-1] + ("A" if told["challenge"][-1] != "A" else "B")
    body = {"proof": {"challenge": foreign, "nonce": solve(foreign, 8)}}
    assert refusal(http, body) == ("proof_foreign", SENTENCES["proof_foreign"])


def test_programs_that_are_known_bring_no_proof(desk: Desk) -> None:
    firm = desk.world.enterprises["near"]

    def begun(**more: object) -> httpx.Response:
        actor = Actor("client:x", Role.SUPPLIER, firm, **more)  # type: ignore[arg-type]
        return desk.client(desk.token(actor)).post("/registrations", json={"registration": {"makes": "阀门"}})

    answer = begun(scopes=frozenset({Scope.CATALOG_WRITE}))
    assert (answer.status_code, answer.json()["makes"]) == (201, "阀门")
    assert begun(scopes=frozenset({Scope.CATALOG_READ})).status_code == 403
    assert begun().status_code == 422
    assert desk.operator.post("/registrations", json={}).status_code == 201
    auditor = desk.client(desk.token(Actor("auditor", Role.AUDITOR)))
    assert auditor.post("/registrations", json={}).status_code == 403
    assert desk.client("nonsense").post("/registrations", json={}).status_code == 401


def test_one_address_does_not_begin_without_end(desk: Desk) -> None:
    statuses = []
    http = desk.client()
    for _ in range(23):
        answer = http.post("/registrations", json={"proof": proof(http)})
        statuses.append(answer.status_code)
    assert statuses == [201] * 21 + [429] * 2
    _, detail = detail_of(answer)
    assert detail.startswith("从这里开始的登记过多，请在 ")
    assert detail.endswith("批量登记请使用带令牌的程序。")
    assert desk.operator.post("/registrations", json={}).status_code == 201


def test_pages_of_named_origins_may_ask_and_no_others(desk: Desk) -> None:
    http = httpx.Client(base_url=desk.base, trust_env=False)
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "registration-code, if-match, content-type",
    }
    answer = http.options(f"{PATH}/mine", headers=asked)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, ORIGIN)
    assert "Access-Control-Allow-Credentials" not in answer.headers
    answer = http.get(f"{PATH}/challenge", headers={"Origin": ORIGIN})
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
    assert http.options(f"{PATH}/mine", headers={**asked, "Origin": "https://evil.example"}).status_code == 400
    bearing = {**asked, "Access-Control-Request-Headers": "authorization"}
    assert http.options(PATH, headers=bearing).status_code == 400
    for origin, path in (("https://evil.example", f"{PATH}/challenge"), (ORIGIN, "/catalog/health")):
        assert "Access-Control-Allow-Origin" not in http.get(path, headers={"Origin": origin}).headers
    http.close()


@pytest.mark.parametrize("path", ["/registrations/mine", "/registrations/challenge"])
def test_spelt_out_addresses_are_no_registrations(desk: Desk, path: str) -> None:
    begin(desk)
    assert desk.operator.put(path, json={}).status_code == 405
