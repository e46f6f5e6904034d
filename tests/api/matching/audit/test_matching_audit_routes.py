"""Matching's audit over HTTP: each filter, one entry, pages, exports, and who may not read it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.matching.app import create_app
from services.matching.audit.trail import TRAIL
from services.matching.settings import MatchingSettings
from shared.audit.sealing import seal
from shared.audit.verifying import Whole, verify
from shared.security.actor import Role
from tests.conftest import Clone, Signing, serving
from tests.support import clients
from tests.support.feed_world import LEADER
from tests.support.review_world import HOUSINGS, SHAFTS, WORLD

Client = Callable[..., httpx.Client]


@pytest.fixture
def client(matching_clone: Clone, signing: Signing) -> Iterator[Client]:
    """The whole application served, after one approval, one deferral and a leader's word on its needs."""
    app = create_app(MatchingSettings.model_construct(database_url=matching_clone.app, jwks_file=signing.jwks_file))
    with ExitStack() as stack:
        base = stack.enter_context(serving(app)) + "/matching/v1"

        def connect(role: Role | None, enterprise: UUID | None = None, subject: str = "test") -> httpx.Client:
            token = signing.token(role, enterprise, subject=subject) if role else ""
            headers = {"Authorization": f"Bearer {token}"} if role else {}
            return stack.enter_context(clients.client(base, headers))

        _act(connect)
        seal(app.state.database)
        with app.state.database.session() as session:
            assert isinstance(verify(session, TRAIL.histories), Whole)
        yield connect


def _act(connect: Client) -> None:
    reviewer, version = connect(Role.REVIEWER, subject="shen"), {"If-Match": '"1"'}
    leader = connect(Role.CHAIN_LEADER, WORLD.id(LEADER), "wang")
    reviewer.post(f"/suggestions/{HOUSINGS}/approval", json={}, headers=version).raise_for_status()
    later = {"reason": "等待新报价", "until": "2099-01-01"}
    reviewer.post(f"/suggestions/{SHAFTS}/deferral", json=later, headers=version).raise_for_status()
    said = {"level": "band", "reason": "尚未定型"}
    leader.put("/disclosures/default", json=said, headers={"If-Match": '"0"'}).raise_for_status()


def entries(client: Client, **asked: Any) -> list[dict[str, Any]]:
    answer = client(Role.AUDITOR).get("/audit", params=asked)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def test_each_filter_finds_its_own_and_all_hold_together(client: Client) -> None:
    (said,) = entries(client, who="wang")
    deferred, approved = entries(client, who="shen")
    verbs = [each["verb"] for each in (approved, deferred, said)]
    assert verbs == ["approve_suggestion", "defer_suggestion", "put_default_disclosure"]
    assert entries(client, verb="defer_suggestion") == [deferred]
    assert deferred in entries(client, kind="suggestion") and said not in entries(client, kind="suggestion")
    assert entries(client, kind="need_disclosure") == [said]
    assert approved in entries(client, entity=str(HOUSINGS)) and deferred not in entries(client, entity=str(HOUSINGS))
    assert entries(client, on_behalf_of=str(WORLD.id(LEADER))) == [said]
    since = entries(client, since=deferred["at"])
    assert said in since and deferred in since and approved not in since
    assert approved in entries(client, until=said["at"]) and said not in entries(client, until=said["at"])
    assert entries(client, who="shen", verb="approve_suggestion", kind="suggestion", entity=str(HOUSINGS)) == [approved]
    assert entries(client, who="wang", verb="approve_suggestion") == []


def test_an_entry_says_who_what_why_before_and_after(client: Client) -> None:
    (entry,) = entries(client, verb="defer_suggestion")
    assert (entry["actor"], entry["role"], entry["address"]) == ("shen", "reviewer", "127.0.0.0/24")
    told = client(Role.AUDITOR).get(f"/audit/{entry['id']}/changes").json()
    assert told == {"items": entry["what"], "next": None}
    (change,) = told["items"]
    assert (change["kind"], change["entity"], change["op"]) == ("suggestion", str(SHAFTS), "defer")
    assert (change["before"]["state"], change["after"]["state"]) == ("proposed", "deferred")
    assert change["after"]["reason"] == "等待新报价"


def test_pages_follow_each_other(client: Client) -> None:
    whole, auditor = entries(client), client(Role.AUDITOR)
    seen: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    for _ in whole:
        page = auditor.get("/audit", params={"limit": 1, **after}).json()
        seen, after = [*seen, *page["items"]], {"after": page["next"] or ""}
    assert (seen, after) == (whole, {"after": ""})
    assert auditor.get("/audit", params={"after": "bm9uZQ"}).status_code == 400
    assert auditor.get("/audit", params={"limit": 0}).status_code == 422
    assert auditor.get("/audit", params={"whom": "shen"}).status_code == 422


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_same_is_exported_and_the_export_told_of(client: Client, form: str) -> None:
    reviewer = client(Role.REVIEWER, subject="li")
    answer = reviewer.get(f"/audit.{form}", params={"verb": "defer_suggestion"})
    assert answer.status_code == 200
    if form == "csv":
        assert "等待新报价" in answer.text and "approve_suggestion" not in answer.text
    (note,) = entries(client, who="li")[0]["what"]
    assert (note["kind"], note["op"], note["entity"]) == ("list", "export", "/matching/v1/audit")
    assert note["after"]["filters"] == {"verb": "defer_suggestion"}


@pytest.mark.parametrize("role", [Role.CHAIN_LEADER, Role.SUPPLIER, Role.CLUSTER_ORGANISATION])
@pytest.mark.parametrize("path", ["/audit", "/audit/1/changes", "/audit.csv"])
def test_others_are_refused_in_words(client: Client, role: Role, path: str) -> None:
    firm = None if role is Role.CLUSTER_ORGANISATION else uuid4()
    answer = client(role, firm).get(path)
    assert (answer.status_code, answer.json()["detail"]) == (403, "此操作只对这些角色开放：reviewer。")


def test_nobody_is_asked_who_he_is_and_what_is_not_there_is_not_found(client: Client) -> None:
    assert client(None).get("/audit").status_code == 401
    missing = client(Role.AUDITOR).get(f"/audit/{2**40}/changes")
    assert (missing.status_code, missing.json()["title"]) == (404, "没有这个审计记录")
    assert client(Role.AUDITOR).get("/audit/0/changes").status_code == 422
