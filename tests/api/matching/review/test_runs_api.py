"""The routes of the runs: requesting, looking, and what a wrong policy is answered."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
import pytest

from services.matching.engine.wire import snapshot_from_json
from shared.db.database import Database
from shared.security.actor import Role
from tests.support.feed_world import World
from tests.support.matching_runs import empty_mirror, execute, mirror_world, request, run

Client = Callable[..., httpx.Client]


def test_a_run_is_requested_and_looked_at(acting_as: Client) -> None:
    reviewer = acting_as(Role.REVIEWER)
    answer = reviewer.post("/runs", json={"policy": {"scope": "province"}, "note": "试算"})
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/matching/v1/runs/{answer.json()['id']}"
    found = reviewer.get(f"/runs/{answer.json()['id']}").json()
    assert (found["status"], found["progress"], found["note"]) == ("queued", "排队中", "试算")
    assert found["policy"]["scope"] == "province"
    assert (found["snapshot"], found["objective"], found["gap"]) == (None, None, None)


def test_nothing_need_be_said_to_request_a_run(acting_as: Client) -> None:
    assert acting_as(Role.REVIEWER).post("/runs").status_code == 202


def test_the_idempotency_key_is_honoured(acting_as: Client) -> None:
    reviewer, key = acting_as(Role.REVIEWER), {"Idempotency-Key": "k"}
    first = reviewer.post("/runs", json={}, headers=key).json()
    assert reviewer.post("/runs", json={}, headers=key).json() == first
    other = reviewer.post("/runs", json={"note": "另一个"}, headers=key)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"basis": "suppliers"}, "/policy/basis"),
    ({"basis": "元"}, "/policy/basis"),
    ({"supplier_cap": 0}, "/policy/supplier_cap"),
    ({"minimum_share": 1.5}, "/policy/minimum_share"),
    ({"basis": "lines", "supplier_cap": 0.5}, "/policy/supplier_cap"),
    ({"weights": {"beauty": 3}}, "/policy/weights/beauty"),
    ({"weights": {"text": 990}}, "/policy/weights"),
    ({"home_province": "山东"}, "/policy/home_province"),
    ({"suplier_cap": 0.5}, "/policy/suplier_cap"),
    ({"mode": "cheapest"}, "/policy/mode"),
    ({"mode": "least_change", "newcomer_share": 0.1}, "/policy/newcomer_share"),
    ({"time_limit_seconds": 0}, "/policy/time_limit_seconds"),
]


@pytest.mark.parametrize(("policy", "pointer"), WRONG, ids=lambda value: str(value)[:40])
def test_a_wrong_policy_is_refused_with_a_pointer(acting_as: Client, policy: dict[str, Any], pointer: str) -> None:
    answer = acting_as(Role.REVIEWER).post("/runs", json={"policy": policy})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_a_finished_run_tells_what_it_reached_and_how_long_it_took(acting_as: Client, run_id: UUID) -> None:
    found = acting_as(Role.REVIEWER).get(f"/runs/{run_id}").json()
    assert found["status"] == "succeeded"
    assert 0 < found["objective"]["total"] <= found["bound"]["total"]
    assert found["greedy"]["total"] > 0
    assert 0 <= found["gap"] < 1
    assert len(found["snapshot"]["sha256"]) == 64
    assert found["sizes"]["lines"] == 3
    assert all(seconds >= 0 for seconds in found["seconds"].values())


def test_a_run_in_another_mode_tells_how_it_ended(acting_as: Client, matching_database: Database) -> None:
    mirror_world(matching_database)
    view = run(matching_database, mode="least_change", mode_target=0.01)
    found = acting_as(Role.REVIEWER).get(f"/runs/{view.run.id}").json()
    assert found["mode"]["mode"] == "least_change"
    assert found["mode"]["status"] == "optimal"
    assert found["mode"]["local"] >= found["mode"]["asked"]
    assert found["newcomers"] is None


def test_a_run_with_a_floor_for_newcomers_tells_whether_it_holds(
    acting_as: Client, matching_database: Database
) -> None:
    mirror_world(matching_database)
    view = run(matching_database, newcomer_share=0.5)
    found = acting_as(Role.REVIEWER).get(f"/runs/{view.run.id}").json()["newcomers"]
    assert found["asked"] == 0.5
    assert found["reached"] == (2 * found["newcomers"] >= found["moved"])
    assert found["reached"]


def test_the_snapshot_is_served_as_it_was_hashed(acting_as: Client, run_id: UUID) -> None:
    answer = acting_as(Role.REVIEWER).get(f"/runs/{run_id}/snapshot")
    assert len(snapshot_from_json(answer.content).lines) == 3
    assert set(orjson.loads(answer.content)) > {"suppliers", "lines", "commitments"}


PARTS = ("diagnosis", "near-misses", "levers", "cure-sets", "capacity-values", "products", "single-sources", "snapshot")


@pytest.mark.parametrize("part", PARTS)
def test_what_a_run_has_not_got_yet_may_be_asked_for_again(
    acting_as: Client, matching_database: Database, part: str
) -> None:
    mirror_world(matching_database)
    answer = acting_as(Role.REVIEWER).get(f"/runs/{request(matching_database)}/{part}")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/run-going-on")
    assert answer.json()["title"] == "匹配任务还在进行"
    assert answer.json()["detail"] == "目前：排队中。完成后才有结果，请稍后再试。"
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.parametrize("path", ["levers", "snapshot"])
def test_a_failed_run_has_no_result(acting_as: Client, matching_database: Database, path: str) -> None:
    empty_mirror(matching_database)
    run_id = request(matching_database)
    execute(matching_database, run_id)
    reviewer = acting_as(Role.REVIEWER)
    answer = reviewer.get(f"/runs/{run_id}/{path}")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/run-failed")
    assert answer.json()["title"] == "匹配任务没有成功"
    assert (
        answer.json()["detail"]
        == f"它没有结果：{reviewer.get(f'/runs/{run_id}').json()['failure']}请重新请求一次匹配。"
    )
    assert "Retry-After" not in answer.headers


def test_a_rate_of_a_run_that_goes_on_waits_for_it(acting_as: Client, matching_database: Database) -> None:
    mirror_world(matching_database)
    asked = {"stage": "suggested", "run": str(request(matching_database))}
    answer = acting_as(Role.REVIEWER).get("/rates", params=asked)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/run-going-on")


def test_runs_are_listed_newest_first_by_keyset(acting_as: Client, matching_database: Database) -> None:
    mirror_world(matching_database)
    ids = [str(request(matching_database)) for _ in range(3)]
    reviewer = acting_as(Role.REVIEWER)
    first = reviewer.get("/runs", params={"limit": 2}).json()
    second = reviewer.get("/runs", params={"limit": 2, "after": first["next"]}).json()
    assert [item["id"] for item in first["items"] + second["items"]] == ids[::-1]
    assert second["next"] is None


class TestWho:
    def test_no_token_no_answer(self, matching_url: str) -> None:
        assert httpx.get(f"{matching_url}/matching/v1/runs").status_code == 401

    @pytest.mark.parametrize("role", [Role.CHAIN_LEADER, Role.SUPPLIER, Role.CLUSTER_ORGANISATION])
    def test_only_reviewers_and_services_request(self, acting_as: Client, role: Role) -> None:
        assert acting_as(role, uuid4()).post("/runs", json={}).status_code == 403

    @pytest.mark.parametrize("role", [Role.CHAIN_LEADER, Role.SUPPLIER])
    def test_enterprises_see_no_runs(self, acting_as: Client, run_id: UUID, role: Role) -> None:
        client = acting_as(role, World().id("L1"))
        assert client.get("/runs").json()["items"] == []
        assert client.get(f"/runs/{run_id}").status_code == 404
        assert client.get(f"/runs/{run_id}/snapshot").status_code == 404

    def test_an_organisation_sees_runs_but_not_everybody_s_parts_lists(self, acting_as: Client, run_id: UUID) -> None:
        client = acting_as(Role.CLUSTER_ORGANISATION, clusters=frozenset({World().id("MACHINE")}))
        assert client.get(f"/runs/{run_id}").status_code == 200
        assert client.get(f"/runs/{run_id}/snapshot").status_code == 404

    def test_a_run_that_is_none_is_not_found(self, acting_as: Client) -> None:
        reviewer, unknown = acting_as(Role.REVIEWER), uuid4()
        answers = [reviewer.get(f"/runs/{unknown}{part}") for part in ("", "/snapshot", "/diagnosis", "/network")]
        assert {(answer.status_code, answer.json()["title"]) for answer in answers} == {(404, "没有这个匹配任务")}

    def test_a_supplier_is_not_told_that_there_is_one(self, acting_as: Client, matching_database: Database) -> None:
        mirror_world(matching_database)
        supplier = acting_as(Role.SUPPLIER, World().id("S1"))
        assert supplier.get(f"/runs/{request(matching_database)}").status_code == 404


def test_health_needs_no_token(matching_url: str) -> None:
    assert httpx.get(f"{matching_url}/matching/health").json() == {"status": "ok"}


def test_the_documentation_is_there(matching_url: str) -> None:
    paths = httpx.get(f"{matching_url}/matching/openapi.json").json()["paths"]
    assert "/matching/v1/suggestions/{suggestion_id}/approval" in paths
    assert httpx.get(f"{matching_url}/matching/docs").status_code == 200
