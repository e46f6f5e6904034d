"""The review over HTTP: deciding under optimistic locking, and who is shown what."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from shared.security.actor import Role
from tests.support.feed_world import World

Client = Callable[..., httpx.Client]
WORLD = World()
LEADER, ELSEWHERE = WORLD.id("L1"), uuid4()
MACHINE = frozenset({WORLD.id("MACHINE")})


@pytest.fixture
def reviewer(acting_as: Client, run_id: UUID) -> httpx.Client:
    """A reviewer, with a run's suggestions to review."""
    assert run_id
    return acting_as(Role.REVIEWER)


def items(client: httpx.Client, **query: Any) -> list[dict[str, Any]]:
    answer = client.get("/suggestions", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def best(client: httpx.Client) -> dict[str, Any]:
    return items(client, order="best")[0]


def decide(client: httpx.Client, row: dict[str, Any], verb: str, version: int | None = None, **body: Any) -> Any:
    match = {"If-Match": f'"{row["version"] if version is None else version}"'}
    return client.post(f"/suggestions/{row['id']}/{verb}", json=body, headers=match)


class TestDeciding:
    def test_an_approval_is_a_new_version_with_its_history(self, reviewer: httpx.Client) -> None:
        row = best(reviewer)
        answer = decide(reviewer, row, "approval", reason="产能已核实")
        assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
        found = reviewer.get(f"/suggestions/{row['id']}")
        assert found.headers["ETag"] == '"2"'
        assert (found.json()["state"], found.json()["state_label"]) == ("approved", "已通过")
        steps = [
            (step["actor_role"], step["from_state"], step["to_state"], step["reason"])
            for step in found.json()["history"]
        ]
        assert steps[0][:3] == ("service", None, "proposed")
        assert steps[1] == ("reviewer", "proposed", "approved", "产能已核实")

    def test_an_approval_needs_no_reason_and_no_body(self, reviewer: httpx.Client) -> None:
        row = best(reviewer)
        answer = reviewer.post(f"/suggestions/{row['id']}/approval", headers={"If-Match": '"1"'})
        assert answer.status_code == 200

    def test_a_rejection_needs_a_reason(self, reviewer: httpx.Client) -> None:
        row = best(reviewer)
        refused = decide(reviewer, row, "rejection")
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/reason"
        assert decide(reviewer, row, "rejection", reason="价格偏高").json()["state"] == "rejected"

    def test_without_a_version_nothing_is_decided(self, reviewer: httpx.Client) -> None:
        row = best(reviewer)
        assert reviewer.post(f"/suggestions/{row['id']}/approval", json={}).status_code == 428

    def test_a_version_that_is_not_the_present_one_is_refused(self, reviewer: httpx.Client) -> None:
        assert decide(reviewer, best(reviewer), "approval", version=7).status_code == 412

    def test_of_two_reviewers_at_once_one_decides_and_the_other_is_told(self, reviewer: httpx.Client) -> None:
        row = best(reviewer)
        with ThreadPoolExecutor(2) as pool:
            verbs = ("approval", "rejection")
            answers = list(pool.map(lambda verb: decide(reviewer, row, verb, reason="理由"), verbs))
        assert sorted(answer.status_code for answer in answers) == [200, 412]
        after = reviewer.get(f"/suggestions/{row['id']}").json()
        assert (after["version"], len(after["history"])) == (2, 2)
        refused = next(answer for answer in answers if answer.status_code == 412)
        assert after["state_label"] in refused.json()["detail"]

    @pytest.mark.parametrize("first", ["approval", "rejection"])
    @pytest.mark.parametrize("then", ["approval", "rejection"])
    def test_what_is_decided_cannot_be_decided_again(self, reviewer: httpx.Client, first: str, then: str) -> None:
        decided = decide(reviewer, best(reviewer), first, reason="理由").json()
        refused = decide(reviewer, decided, then, reason="理由")
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/wrong-state")
        assert decided["state_label"] in refused.json()["detail"]

    @pytest.mark.parametrize("role", [Role.CHAIN_LEADER, Role.SUPPLIER, Role.SERVICE])
    def test_only_reviewers_decide(self, reviewer: httpx.Client, acting_as: Client, role: Role) -> None:
        row = best(reviewer)
        assert decide(acting_as(role, LEADER, MACHINE), row, "approval").status_code == 403

    def test_a_suggestion_that_is_none_is_not_found(self, reviewer: httpx.Client) -> None:
        assert decide(reviewer, {"id": uuid4(), "version": 1}, "approval").status_code == 404


class TestWhatIsTold:
    def test_a_suggestion_says_why_and_how_much(self, reviewer: httpx.Client) -> None:
        row = best(reviewer)
        assert row["score"] == sum(row["score_parts"].values())
        assert all(piece["sentence"] for piece in row["evidence"])
        assert {piece["rule"] for piece in row["evidence"]} >= {"verified", "certificate", "locality"}
        assert Decimal(row["share"]) == Decimal(row["amount"]) / row["line_spend"]

    def test_it_says_what_it_does_to_the_rates_by_their_definition(self, reviewer: httpx.Client) -> None:
        row = next(row for row in items(reviewer) if row["line_key"] == "P1/H-100")
        product, cluster = row["effect"]["product"], row["effect"]["cluster"]
        # P1: 25,000 of 200,000 is local now; it is the cluster's only product.
        assert (product["secured"], product["counted"], product["rate_before"]) == (25_000, 200_000, "0.125000")
        assert Decimal(product["rate_after"]) == Decimal(25_000 + row["amount"]) / 200_000
        assert {**cluster, "key": "", "name": ""} == {**product, "key": "", "name": ""}
        assert row["effect"]["definition"].startswith("本地配套率")

    def test_the_best_come_first_and_filters_combine(self, reviewer: httpx.Client, run_id: UUID) -> None:
        rows = items(reviewer, order="best", run=run_id)
        merits = [row["amount"] * row["score"] for row in rows]
        assert merits == sorted(merits, reverse=True)
        product, supplier = rows[0]["product_id"], rows[0]["supplier_id"]
        found = items(reviewer, product=product, supplier=supplier, state="proposed")
        assert {(row["product_id"], row["supplier_id"]) for row in found} == {(product, supplier)}
        assert items(reviewer, state="approved") == []
        assert items(reviewer, run=uuid4()) == []

    @pytest.mark.parametrize("order", ["best", "newest"])
    def test_pages_follow_each_other_without_gap(self, reviewer: httpx.Client, order: str) -> None:
        whole = [row["id"] for row in items(reviewer, order=order)]
        paged: list[str] = []
        after: str | None = None
        while True:
            query = {"order": order, "limit": 1} | ({"after": after} if after else {})
            page = reviewer.get("/suggestions", params=query).json()
            paged += [row["id"] for row in page["items"]]
            after = page["next"]
            if after is None:
                break
        assert paged == whole
        assert len(whole) >= 3


class TestWho:
    def test_a_leader_sees_its_own_from_the_approval_on_and_no_cluster_totals(
        self, reviewer: httpx.Client, acting_as: Client
    ) -> None:
        leader, row = acting_as(Role.CHAIN_LEADER, LEADER), best(reviewer)
        assert items(leader) == []
        assert leader.get(f"/suggestions/{row['id']}").status_code == 404
        decide(reviewer, row, "approval")
        found = items(leader)
        assert [each["id"] for each in found] == [row["id"]]
        assert found[0]["effect"]["cluster"] is None
        assert items(acting_as(Role.CHAIN_LEADER, ELSEWHERE)) == []

    def test_a_supplier_is_shown_the_part_and_never_the_buyer_or_a_price(
        self, reviewer: httpx.Client, acting_as: Client
    ) -> None:
        row = next(row for row in items(reviewer) if row["line_key"] == "P1/H-100")
        supplier = acting_as(Role.SUPPLIER, UUID(row["supplier_id"]))
        assert items(supplier) == []
        decide(reviewer, row, "approval")
        invited = items(supplier)
        assert len(invited) == 1
        assert (invited[0]["part_name"], invited[0]["class_code"]) == ("铸铁壳体", "3391")
        assert invited[0]["quantity_band"].endswith("件")
        assert {piece["rule"] for piece in invited[0]["requirements"]} <= {
            "certificate", "parameter", "unit", "moq", "lead_time",
        }  # fmt: skip
        detail = supplier.get(f"/suggestions/{row['id']}").text
        for secret in ("示例重工", "L1", "P1", "压力机", str(row["amount"]), "unit_price", "leader", "审核", "H-100"):
            assert secret not in detail, secret

    def test_an_organisation_sees_its_clusters_from_the_first(self, reviewer: httpx.Client, acting_as: Client) -> None:
        everything = items(reviewer)
        own = items(acting_as(Role.CLUSTER_ORGANISATION, clusters=MACHINE))
        assert [row["id"] for row in own] == [row["id"] for row in everything if row["cluster_id"] is not None]
        assert own
        assert items(acting_as(Role.CLUSTER_ORGANISATION, clusters=frozenset({ELSEWHERE}))) == []

    def test_an_actor_without_enterprise_sees_nothing(self, reviewer: httpx.Client, acting_as: Client) -> None:
        decide(reviewer, best(reviewer), "approval")
        assert items(acting_as(Role.CHAIN_LEADER)) == []
        assert items(acting_as(Role.SUPPLIER)) == []
