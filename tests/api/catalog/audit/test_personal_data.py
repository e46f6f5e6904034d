"""A person's data: told whole to that person and to reviewers, and after erasure in no table of either database."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from services.catalog.audit.trail import TRAIL
from shared.audit.sealing import seal
from shared.audit.verifying import Whole, verify
from shared.db.database import Database
from shared.security.actor import Actor, Role
from tests.conftest import Clone
from tests.support.identity_desk import Desk, detail_of


def tables_with(database: Database, words: tuple[str, ...]) -> list[str]:
    """The tables of which a row has one of the words, as text; of bytes as they are, unpacked or not."""
    found = []
    with database.session() as session:
        tables = session.execute(
            text("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        )
        for table in sorted(tables.scalars()):
            has = text(f'SELECT count(*) FROM "{table}" AS t WHERE lower(t::text) LIKE ANY(:words)')
            if session.execute(has, {"words": [f"%{word.lower()}%" for word in words]}).scalar_one():
                found.append(table)
    return found


def account_of(desk: Desk, email: str) -> dict[str, Any]:
    (found,) = desk.operator.get("/accounts", params={"email": email}).json()["items"]
    return dict(found)


@pytest.fixture
def matching(matching_clone: Clone) -> Iterator[Database]:
    database = Database(matching_clone.app, pool_size=1)
    yield database
    database.dispose()


def test_everybody_is_told_what_is_known_of_them(desk: Desk) -> None:
    email = desk.person("zhou", kind="enterprise", enterprise_id=desk.firm())
    http = desk.sign_in(email)
    told = http.get("/session/personal-data").json()
    assert (told["account"]["email"], told["account"]["name"]) == (email, "zhou某")
    assert (told["account"]["has_password"], told["account"]["totp"]) == (True, False)
    assert [each["kind"] for each in told["memberships"]] == ["enterprise"]
    assert [each["device"] for each in told["sign_ins"]] != []
    assert [each["purpose"] for each in told["links"]] == ["invitation"]
    assert {each["verb"] for each in told["acts"]} == {"complete_link", "sign_in"}
    assert not any(word in str(told) for word in ("password_hash", "argon2", "digest"))
    assert desk.client().get("/session/personal-data").status_code == 401
    assert http.get(f"/accounts/{told['account']['id']}/personal-data").status_code == 403
    assert desk.operator.get(f"/accounts/{told['account']['id']}/personal-data").json()["account"] == told["account"]


def test_after_erasure_neither_name_nor_address_is_anywhere(desk: Desk, matching: Database) -> None:
    catalog = desk.app.state.database
    email = desk.person("ouyangxiu", kind="enterprise", enterprise_id=desk.firm())
    http = desk.sign_in(email)
    secret = http.post("/session/totp", json={"password": "seven quiet herons"}).json()["secret"]
    http.post("/session/totp/confirmation", json={"code": desk.code(secret)})
    desk.client().post("/password-resets", json={"email": email})
    again = {"email": email, "kind": "enterprise", "enterprise_id": str(desk.firm())}
    assert desk.operator.post("/invitations", json=again, headers={"Idempotency-Key": "erased"}).status_code == 201
    words = (email, "ouyangxiu")
    assert {"accounts", "one_time_links"} <= set(tables_with(catalog, words))
    account = account_of(desk, email)
    answer = desk.operator.post(
        f"/accounts/{account['id']}/erasure",
        json={"reason": "本人申请"},
        headers={"If-Match": f'"{account["version"]}"'},
    )
    assert answer.status_code == 204, answer.text
    assert tables_with(catalog, words) == []
    assert tables_with(matching, words) == []
    assert http.get("/session").status_code == 401
    assert detail_of(desk.client().post("/session", json={"email": email, "password": "seven quiet herons"}))[0] == 401
    seal(catalog)
    with catalog.session() as session:
        assert isinstance(verify(session, TRAIL.histories), Whole)
        kept = session.execute(text("SELECT count(*) FROM kept_answer WHERE key = 'erased'")).scalar_one()
    assert kept == 0
    auditor = desk.client(desk.token(Actor("auditor", Role.AUDITOR)))
    newest, *before = auditor.get("/audit", params={"entity": account["id"]}).json()["items"]
    assert (newest["verb"], newest["reason"]) == ("erase_person", "本人申请")
    assert {"begin_totp", "complete_link"} <= {each["verb"] for each in before}
    theirs = desk.client(desk.token(Actor("auditor", Role.AUDITOR))).get(
        "/audit", params={"who": f"account:{account['id']}"}
    )
    assert len(theirs.json()["items"]) >= 4


def test_refusals_of_erasure(desk: Desk) -> None:
    email = desk.person("fan", kind="enterprise", enterprise_id=desk.firm())
    account = account_of(desk, email)
    address, said = f"/accounts/{account['id']}/erasure", {"reason": "本人申请"}
    assert desk.operator.post(address, json=said).status_code == 428
    assert desk.operator.post(address, json=said, headers={"If-Match": '"77"'}).status_code == 412
    assert desk.sign_in(email).post(address, json=said, headers={"If-Match": '"1"'}).status_code == 403
    nobody = f"/accounts/{desk.firm()}/erasure"
    assert desk.operator.post(nobody, json=said, headers={"If-Match": '"1"'}).json()["title"] == "没有这个账号"
    reviewer, own, _ = desk.reviewer()
    mine = account_of(desk, own)
    answer = reviewer.post(f"/accounts/{mine['id']}/erasure", json=said, headers={"If-Match": f'"{mine["version"]}"'})
    assert detail_of(answer) == (409, "请由另一位审核员操作。")
