"""The audit over HTTP: who did what, why and from where, for auditors and reviewers alone."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from shared.audit.sealing import seal
from shared.codes.credit_code import make
from shared.security.actor import Actor, Role
from tests.support.identity_desk import Desk, detail_of

AUDITOR = Actor("auditor", Role.AUDITOR)


def entries(desk: Desk, **asked: Any) -> list[dict[str, Any]]:
    answer = desk.client(desk.token(AUDITOR)).get("/audit", params=asked)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def enterprise(name: str = "审计甲（虚构）") -> dict[str, Any]:
    return {"credit_code": make(uuid4().int % 10**8), "name": name, "is_supplier": True}


def test_a_change_is_told_with_before_and_after_reason_and_origin(desk: Desk) -> None:
    headers = {"X-Request-ID": "audited-1", "User-Agent": "Mozilla/5.0 Gecko/20100101 Firefox/140.0"}
    http = desk.client(desk.token(Actor("operator", Role.REVIEWER)), **headers)
    made = http.post("/enterprises", json=enterprise()).json()
    changed = http.patch(
        f"/enterprises/{made['id']}", json={"staff": 7}, headers={"If-Match": '"1"'}, params={"reason": "核对年报"}
    )
    assert changed.status_code == 200, changed.text
    seal(desk.app.state.database)
    newest, oldest = entries(desk, entity=made["id"])
    assert (newest["verb"], newest["actor"], newest["role"]) == ("change_enterprise", "operator", "reviewer")
    assert (newest["address"], newest["request"], newest["agent"]) == ("127.0.0.0/24", "audited-1", "Firefox")
    assert newest["reason"] == "核对年报"
    (change,) = newest["what"]
    assert (change["kind"], change["entity"], change["op"]) == ("enterprise", made["id"], "update")
    assert (change["before"], change["after"]) == (
        {"size": None, "staff": None},
        {"size": "micro", "staff": 7},
    )
    assert newest["seq"] == oldest["seq"] + 1
    (created,) = oldest["what"]
    assert created["before"] is None
    assert created["after"]["name"] == "审计甲（虚构）"
    told = desk.client(desk.token(AUDITOR)).get(f"/audit/{newest['id']}/changes").json()
    assert told == {"items": newest["what"], "next": None}


def test_entries_are_found_by_who_verb_kind_and_time_and_turned_page_by_page(desk: Desk) -> None:
    http = desk.client(desk.token(Actor("finder", Role.REVIEWER)))
    for each in range(3):
        assert http.post("/enterprises", json=enterprise(f"审计{each}（虚构）")).status_code == 201
    mine = entries(desk, who="finder")
    assert [each["verb"] for each in mine] == ["create_enterprise"] * 3
    assert entries(desk, who="finder", verb="create_product") == []
    assert entries(desk, who="finder", kind="enterprise") == mine
    assert entries(desk, who="finder", kind="product") == []
    assert entries(desk, who="finder", since=mine[0]["at"], until=mine[0]["at"]) == []
    assert entries(desk, who="finder", since=mine[1]["at"]) == mine[:2]
    client, after = desk.client(desk.token(AUDITOR)), None
    seen: list[dict[str, Any]] = []
    for _ in range(3):
        page = client.get("/audit", params={"who": "finder", "limit": 1, **({"after": after} if after else {})}).json()
        seen, after = [*seen, *page["items"]], page["next"]
    assert (seen, after) == (mine, None)


@pytest.mark.parametrize("role", [Role.CHAIN_LEADER, Role.SUPPLIER, Role.CLUSTER_ORGANISATION])
def test_others_do_not_read_it(desk: Desk, role: Role) -> None:
    client = desk.client(desk.token(Actor("x", role, uuid4() if role is not Role.CLUSTER_ORGANISATION else None)))
    assert detail_of(client.get("/audit")) == (403, "此操作只对这些角色开放：reviewer。")
    assert client.get("/audit/1/changes").status_code == 403


def test_an_entry_that_is_not_there(desk: Desk) -> None:
    answer = desk.client(desk.token(AUDITOR)).get(f"/audit/{2**40}/changes")
    assert (answer.status_code, answer.json()["title"]) == (404, "没有这个审计记录")


def test_an_export_is_itself_told_of(desk: Desk) -> None:
    client = desk.client(desk.token(Actor("exporter", Role.REVIEWER)))
    assert client.get("/enterprises.csv", params={"status": "verified"}).status_code == 200
    (entry,) = entries(desk, who="exporter")
    assert entry["verb"] == "export_list_enterprises"
    (note,) = entry["what"]
    assert (note["op"], note["entity"]) == ("export", "/catalog/v1/enterprises")
    assert (note["after"]["form"], note["after"]["filters"]) == ("csv", {"status": "verified"})
    assert client.get("/audit.csv").status_code == 200


def test_the_door_is_watched(desk: Desk) -> None:
    firm = desk.firm()
    email = desk.person("wang", kind="enterprise", enterprise_id=firm)
    refused = desk.client().post("/session", json={"email": email, "password": "wrong wrong wrong"})
    assert refused.status_code == 401
    http = desk.sign_in(email)
    account = http.get("/session").json()["account"]["id"]
    secret = http.post("/session/totp", json={"password": "seven quiet herons"}).json()["secret"]
    assert http.post("/session/totp/confirmation", json={"code": desk.code(secret)}).status_code == 200
    assert http.post("/session/code", json={"code": "1"}).status_code == 409
    told = entries(desk, who=f"account:{account}")
    by_verb = {each["verb"]: each for each in reversed(told)}
    assert list(by_verb) == ["complete_link", "sign_in", "begin_totp", "confirm_totp"]
    assert (by_verb["sign_in"]["role"], by_verb["sign_in"]["on_behalf_of"]) == ("supplier", str(firm))
    (secret_told,) = by_verb["begin_totp"]["what"]
    assert (secret_told["kind"], secret_told["entity"]) == ("account", account)
    assert (secret_told["concealed"], secret_told["after"]) == (["totp_secret"], None)
    (failure,) = [each for each in entries(desk, entity=account) if each["what"][0]["op"] == "refused"]
    assert (failure["actor"], failure["verb"], failure["what"][0]["after"]) == (
        "nobody",
        "sign_in",
        {"why": "password"},
    )


def test_secrets_names_and_addresses_are_in_no_entry(desk: Desk) -> None:
    email = desk.person("secretive", kind="enterprise", enterprise_id=desk.firm())
    desk.sign_in(email)
    said = desk.client(desk.token(AUDITOR)).get("/audit", params={"limit": 1000}).text
    for word in (email, "secretive某", "argon2", "seven quiet herons"):
        assert word not in said


def test_an_authenticators_secret_is_not_in_the_database(desk: Desk) -> None:
    _, email, secret = desk.reviewer()
    with desk.app.state.database.session() as session:
        kept = session.execute(text("SELECT totp_secret FROM accounts WHERE email = :email"), {"email": email}).scalar()
    assert kept is not None
    assert kept.startswith("aes256gcm:")
    assert secret not in kept


def test_the_reason_of_a_suspension_is_kept(desk: Desk) -> None:
    email = desk.person("li", kind="enterprise", enterprise_id=desk.firm())
    operator: httpx.Client = desk.operator
    (account,) = operator.get("/accounts", params={"email": email}).json()["items"]
    version = {"If-Match": f'"{account["version"]}"'}
    answer = operator.post(f"/accounts/{account['id']}/suspension", json={"reason": "离职"}, headers=version)
    assert answer.status_code == 200
    entry = entries(desk, entity=account["id"])[0]
    assert (entry["verb"], entry["reason"]) == ("suspend_account", "离职")
    change = entry["what"][0]
    assert (change["before"], change["after"]) == ({"status": "active"}, {"status": "suspended"})
