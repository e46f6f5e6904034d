"""Two definitions side by side over HTTP."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from shared.security.actor import Role
from tests.support.small_province import L1, R2, SHIPS

Client = Callable[..., httpx.Client]


def compare(client: httpx.Client, left: dict[str, Any], right: dict[str, Any], by: str = "cluster") -> httpx.Response:
    return client.post("/rates/comparison", json={"by": by, "left": left, "right": right})


def test_two_stages_side_by_side(reading_as: Client) -> None:
    left, right = {"terms": {"stage": "local_now"}}, {"terms": {"stage": "suggested"}, "run": str(R2)}
    answer = compare(reading_as(Role.REVIEWER), left, right).json()
    ships = next(row for row in answer["rows"] if row["key"] == "SHIPS")
    # 140 of 400 now, 220 of 400 with what is suggested.
    assert (ships["left"]["rate"], ships["right"]["rate"]) == ("0.350000", "0.550000")
    assert (ships["difference"], ships["points"]) == ("0.200000", "+20.00 个百分点")
    assert (answer["left"]["stage"], answer["right"]["stage"]) == ("local_now", "suggested")
    assert answer["left"]["sentence"] != answer["right"]["sentence"]
    assert answer["total"]["left"]["denominator"] == "500.00"
    assert answer["left_notes"] == ["1 条需求缺数量或单价，没有金额，未计入。"]


def test_two_scopes_by_class_and_by_leader(reading_as: Client) -> None:
    left, right = {"terms": {"scope": "city"}}, {"terms": {"scope": "province"}}
    for by in ("class", "leader"):
        answer = compare(reading_as(Role.REVIEWER), left, right, by).json()
        assert answer["total"]["points"] == "+40.00 个百分点"


def test_what_has_no_rate_has_no_difference(reading_as: Client) -> None:
    left, right = {"terms": {}}, {"terms": {"period": "2024"}}
    answer = compare(reading_as(Role.REVIEWER), left, right).json()
    other = next(row for row in answer["rows"] if row["key"] is None)
    assert (other["right"]["rate"], other["difference"], other["points"]) == (None, None, "—")


def test_each_sees_its_own(reading_as: Client) -> None:
    sides = {"terms": {}}, {"terms": {"stage": "approved"}}
    organisation = reading_as(Role.CLUSTER_ORGANISATION, None, frozenset({SHIPS}))
    assert [row["key"] for row in compare(organisation, *sides).json()["rows"]] == ["SHIPS"]
    leader = reading_as(Role.CHAIN_LEADER, L1)
    assert [row["key"] for row in compare(leader, *sides, by="product").json()["rows"]] == ["P1", "P2"]
    assert compare(reading_as(Role.SUPPLIER, L1), *sides).status_code == 403


WRONG = [
    ({}, {"terms": {}}, "须写且只写一个"),
    ({"terms": {}, "definition": str(UUID(int=1))}, {"terms": {}}, "须写且只写一个"),
    ({"terms": {"scope": "radius"}}, {"terms": {}}, "须写明 radius_km"),
]


@pytest.mark.parametrize(("left", "right", "said"), WRONG, ids=lambda value: str(value)[:40])
def test_a_side_that_says_nothing_is_refused(
    reading_as: Client, left: dict[str, Any], right: dict[str, Any], said: str
) -> None:
    answer = compare(reading_as(Role.REVIEWER), left, right)
    assert answer.status_code == 422
    assert said in answer.text


def test_what_is_wrong_with_a_side_names_the_side(reading_as: Client) -> None:
    reviewer = reading_as(Role.REVIEWER)
    answer = compare(reviewer, {"terms": {}}, {"terms": {"stage": "suggested", "scope": "province"}})
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/right/stage"]
    assert compare(reviewer, {"definition": str(uuid4())}, {"terms": {}}).status_code == 404
