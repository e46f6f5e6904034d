"""Many suggestions at once, all or none of them; and who looks after which."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from shared.security.actor import Role
from tests.api.matching.cooperation.conftest import Review
from tests.support.feed_world import CASTER, TURNER
from tests.support.review_world import HOUSINGS, HOUSINGS_OF_Q, SECOND_HOUSINGS, SHAFTS, WORLD

ALL = (HOUSINGS, SECOND_HOUSINGS, SHAFTS, HOUSINGS_OF_Q)


def batch(client: httpx.Client, verb: str, *ids: UUID, version: int = 1, **body: Any) -> httpx.Response:
    items = [{"id": str(id), "version": version} for id in ids]
    return client.post("/suggestions/batches", json={"verb": verb, "items": items, **body})


def states(review: Review, *ids: UUID) -> list[tuple[str, int]]:
    return [(found["state"], found["version"]) for found in map(review.see, ids)]


WRONG: list[tuple[dict[str, Any], str, str | None]] = [
    ({"verb": "contract"}, "/verb", "“登记合同”不能整批进行。"),
    ({"verb": "expire"}, "/verb", "“过期”不能整批进行。"),
    ({"items": []}, "/items", "至少 1 项。"),
    ({"items": [{"id": str(SHAFTS), "version": 1}] * 2}, "/items", "同一条建议出现了不止一次。"),
    ({"verb": "appprove"}, "/verb", None),
]


class TestBatches:
    def test_all_are_moved_each_with_its_history(self, review: Review) -> None:
        answer = batch(review.reviewer, "approve", *ALL, reason="会审通过")
        assert answer.status_code == 200
        assert [(item["id"], item["state"], item["version"]) for item in answer.json()["items"]] == [
            (str(id), "approved", 2) for id in ALL
        ]
        assert answer.json()["moved"] == 4
        assert [step["reason"] for step in review.see(SHAFTS)["history"]] == ["会审通过"]

    def test_one_bad_one_names_itself_and_nothing_happens(self, review: Review) -> None:
        review.act(review.reviewer, SHAFTS, "approve")
        unknown = uuid4()
        refused = review.reviewer.post(
            "/suggestions/batches",
            json={
                "verb": "approve",
                "items": [
                    {"id": str(HOUSINGS), "version": 1},
                    {"id": str(SHAFTS), "version": 2},
                    {"id": str(unknown), "version": 1},
                    {"id": str(SECOND_HOUSINGS), "version": 7},
                ],
            },
        )
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/batch-refused")
        assert refused.json()["detail"] == "4 条中有 3 条不能这样处理，因此一条也没有改动。"
        assert [(error["pointer"], error["code"], error["detail"]) for error in refused.json()["errors"]] == [
            ("/items/1", "wrong-state", f"{SHAFTS}：该建议已通过，不能再通过。"),
            ("/items/2", "not-found", f"{unknown}：找不到编号为 {unknown} 的配套建议，或您无权查看。"),
            ("/items/3", "precondition-failed", f"{SECOND_HOUSINGS}：该建议待审核，请重新读取后再提交。"),
        ]
        assert states(review, HOUSINGS, SHAFTS, SECOND_HOUSINGS) == [("proposed", 1), ("approved", 2), ("proposed", 1)]

    def test_capacity_is_counted_over_the_whole_batch(self, review: Review) -> None:
        batch(review.reviewer, "approve", *ALL)
        refused = batch(review.leader, "accept", *ALL, version=2)
        assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [
            ("/items/3", "capacity-exceeded")
        ]
        assert set(states(review, *ALL)) == {("approved", 2)}
        assert batch(review.leader, "accept", *ALL[:3], version=2).status_code == 200

    def test_a_rejection_without_reason_is_refused_for_each(self, review: Review) -> None:
        refused = batch(review.reviewer, "reject", HOUSINGS, SHAFTS)
        assert [error["pointer"] for error in refused.json()["errors"]] == ["/items/0", "/items/1"]

    def test_of_two_batches_at_once_the_second_gets_a_conflict(self, review: Review) -> None:
        orders = (ALL, tuple(reversed(ALL)))
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda ids: batch(review.reviewer, "approve", *ids), orders))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert set(states(review, *ALL)) == {("approved", 2)}

    @pytest.mark.parametrize(("change", "pointer", "detail"), WRONG)
    def test_a_wrong_batch_is_refused(
        self, review: Review, change: dict[str, Any], pointer: str, detail: str | None
    ) -> None:
        body = {"verb": "approve", "items": [{"id": str(SHAFTS), "version": 1}], **change}
        answer = review.reviewer.post("/suggestions/batches", json=body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
        assert detail in (None, answer.json()["errors"][0]["detail"])

    def test_who_may_not_use_a_verb_may_not_in_a_batch(self, review: Review) -> None:
        refused = batch(review.leader, "approve", SHAFTS)
        assert (refused.status_code, refused.json()["detail"]) == (403, "您的角色不能通过配套建议。")
        assert batch(review.supplier(CASTER), "consent", HOUSINGS).status_code == 409


class TestAssignment:
    def test_a_reviewer_finds_what_is_assigned_to_it(self, review: Review) -> None:
        wang = review.as_(Role.REVIEWER, subject="王审核")
        given = wang.put(f"/suggestions/{SHAFTS}/assignee", json={"assignee": "王审核"}, headers={"If-Match": '"1"'})
        assert (given.status_code, given.headers["ETag"], given.json()["assignee"]) == (200, '"2"', "王审核")

        def found(client: httpx.Client, **query: Any) -> list[str]:
            return [row["id"] for row in client.get("/suggestions", params=query).json()["items"]]

        assert found(wang, mine=True) == found(review.reviewer, assignee="王审核") == [str(SHAFTS)]
        assert found(review.reviewer, mine=True) == []
        assert len(found(wang, assigned=False)) == 3
        assert review.act(review.reviewer, SHAFTS, "approve").status_code == 200
        gone = wang.delete(f"/suggestions/{SHAFTS}/assignee", headers={"If-Match": '"3"'})
        assert (gone.json()["assignee"], gone.json()["state"]) == (None, "approved")
        assert [step["reason"] for step in review.see(SHAFTS)["history"]] == ["指派给 王审核", "", "取消指派"]

    def test_an_assignment_is_locked_as_a_decision_is(self, review: Review) -> None:
        path, body = f"/suggestions/{SHAFTS}/assignee", {"assignee": "王审核"}
        assert review.reviewer.put(path, json=body).status_code == 428
        assert review.reviewer.put(path, json=body, headers={"If-Match": '"9"'}).status_code == 412
        assert review.leader.put(path, json=body, headers={"If-Match": '"1"'}).status_code == 403
        assert review.reviewer.put(path, json={"assignee": ""}, headers={"If-Match": '"1"'}).status_code == 422

    def test_many_are_assigned_or_none(self, review: Review) -> None:
        def give(assignee: str | None, *items: tuple[UUID, int]) -> httpx.Response:
            body = {"assignee": assignee, "items": [{"id": str(id), "version": version} for id, version in items]}
            return review.reviewer.post("/suggestions/assignments", json=body)

        assert give("李审核", (SHAFTS, 1), (HOUSINGS, 5)).status_code == 409
        assert review.see(SHAFTS)["assignee"] is None
        assert give("李审核", (SHAFTS, 1), (HOUSINGS, 1)).json()["moved"] == 2
        assert review.see(HOUSINGS)["assignee"] == "李审核"
        assert give(None, (SHAFTS, 2)).json()["items"][0]["assignee"] is None


def test_filters_combine(review: Review) -> None:
    review.bring_to(SHAFTS, "approved", TURNER)

    def count(**query: Any) -> int:
        return len(review.reviewer.get("/suggestions", params=query).json()["items"])

    assert count(state=["approved", "proposed"]) == 4
    assert count(state="approved", cluster=WORLD.id("MACHINE")) == 1
    assert count(leader=WORLD.id("L1"), supplier=WORLD.id(CASTER)) == 2
    assert count(leader=WORLD.id(CASTER)) == 0
