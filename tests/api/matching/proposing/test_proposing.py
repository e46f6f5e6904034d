"""Pairs proposed by hand: by the same rules as candidates, on the same way as suggestions, once for each pair."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.matching.clock import CHINA
from shared.contracts.v1 import Entity, PreferenceV1
from shared.db.database import Database
from shared.security.actor import Role
from tests.api.matching.proposing.conftest import FIRM, NEWCOMER, OFFER
from tests.support.feed_world import CASTER, LEADER, OUTSIDER, SECOND_CASTER, TURNER
from tests.support.review_world import HOUSINGS, SHAFTS, WORLD, tell

Client = Callable[..., httpx.Client]
SHAFT, HOUSING, HOUSING_OF_Q = (str(WORLD.id(need)) for need in ("P1/Z-200", "P1/H-100", "Q/H-100"))
MACHINE = frozenset({WORLD.id("MACHINE")})


@pytest.fixture
def reviewer(newcomer: Database, acting_as: Client) -> httpx.Client:
    """A reviewer, where the catalog has told of the newcomer."""
    assert newcomer
    return acting_as(Role.REVIEWER)


def propose(client: httpx.Client, need: str = SHAFT, capability: UUID = OFFER.id, **said: Any) -> httpx.Response:
    """Propose a pair: 800 件 of shafts at the newcomer, where nothing else is said."""
    how_much = said if {"amount", "quantity"} & said.keys() else {"quantity": "800", **said}
    sent = {name: value for name, value in how_much.items() if value is not None}
    return client.post("/suggestions", json={"need_id": need, "capability_id": str(capability), **sent})


def refusals(answer: httpx.Response) -> list[tuple[str, str]]:
    """What is wrong: each code with its sentence."""
    assert answer.status_code == 422, answer.text
    return [(error["code"], error["detail"]) for error in answer.json()["errors"]]


class TestProposed:
    def test_it_has_evidence_score_and_effect_and_says_who_proposed_it(self, reviewer: httpx.Client) -> None:
        answer = propose(reviewer, note="链主与该企业已试制合格")
        assert answer.status_code == 201, answer.text
        row = answer.json()
        assert answer.headers["ETag"] == '"1"'
        assert answer.headers["Location"] == f"/matching/v1/suggestions/{row['id']}"
        assert (row["state"], row["proposed_by"], row["cluster_name"]) == ("proposed", "test", "示例机床集群")
        assert (row["amount"], Decimal(row["quantity"]), row["line_spend"]) == (40_000, 800, 100_000)
        assert row["score"] == sum(row["score_parts"].values()) > 0
        assert row["score_parts"]["text"] == 340  # all of the need's words are in the offer
        assert {each["verdict"] for each in row["evidence"]} == {"met", "not_asked"}
        assert [(step["actor"], step["verb"], step["reason"]) for step in row["history"]] == [
            ("test", None, "链主与该企业已试制合格")
        ]
        # P1: 25,000 of 200,000 is local now, and nothing is approved yet
        assert row["effect"]["product"]["rate_before"] == row["effect"]["cluster"]["rate_before"] == "0.125000"
        assert row["effect"]["product"]["rate_after"] == row["effect"]["cluster"]["rate_after"] == "0.325000"

    def test_an_amount_is_told_in_pieces_at_the_needs_own_price(self, reviewer: httpx.Client) -> None:
        row = propose(reviewer, amount=12_345).json()
        assert (row["amount"], Decimal(row["quantity"])) == (12_345, Decimal("246.9"))

    def test_it_goes_the_way_of_all_suggestions_and_reserves(self, reviewer: httpx.Client, acting_as: Client) -> None:
        row = propose(reviewer).json()
        listed = reviewer.get("/suggestions", params={"by_hand": True, "state": "proposed"}).json()["items"]
        assert [each["id"] for each in listed] == [row["id"]]
        leader = acting_as(Role.CHAIN_LEADER, WORLD.id(LEADER))
        for client, step, version in ((reviewer, "approval", 1), (leader, "acceptance", 2)):
            path, match = f"/suggestions/{row['id']}/{step}", {"If-Match": f'"{version}"'}
            assert client.post(path, json={}, headers=match).status_code == 200
        stock = reviewer.get(f"/suggestions/{row['id']}/capacity").json()
        assert (Decimal(stock["reserved"]), Decimal(stock["left"])) == (800, 200)
        funnel = reviewer.get("/funnel").json()["rows"][0]
        assert funnel["stages"][2]["suggestions"] == 1

    def test_a_second_one_of_the_pair_is_refused_and_the_first_is_named(self, reviewer: httpx.Client) -> None:
        row = propose(reviewer).json()
        again = propose(reviewer, quantity="10")
        assert (again.status_code, again.json()["type"]) == (409, "/problems/already-proposed")
        assert row["id"] in again.json()["detail"] and "待审核" in again.json()["detail"]
        of_matcher = propose(reviewer, capability=WORLD.id(f"{TURNER}/车削"))
        assert of_matcher.status_code == 409 and str(SHAFTS) in of_matcher.json()["detail"]

    def test_of_two_at_once_one_is_told_of_the_other(self, reviewer: httpx.Client) -> None:
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda _: propose(reviewer), range(2)))
        assert sorted(answer.status_code for answer in answers) == [201, 409]

    def test_a_request_that_comes_again_under_its_key_proposes_once(self, reviewer: httpx.Client) -> None:
        reviewer.headers["Idempotency-Key"] = "once-0123456789"
        answers = [propose(reviewer) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].content == answers[1].content

    def test_what_a_reviewer_rejected_cools_off_first(self, reviewer: httpx.Client) -> None:
        row = propose(reviewer).json()
        match = {"If-Match": '"1"'}
        reviewer.post(f"/suggestions/{row['id']}/rejection", json={"reason": "待报价"}, headers=match)
        (refusal,) = refusals(propose(reviewer))
        assert refusal == ("cool_off", "该企业与此需求的配对在 180 天冷静期内曾被退回：待报价。")


class TestRefused:
    @pytest.mark.parametrize(
        ("told", "code", "sentence"),
        [
            (
                [FIRM.model_copy(update={"version": 2, "status": "suspended"})],
                "verified",
                "要求企业已核验且在册，该企业已暂停。",
            ),
            (
                [FIRM.model_copy(update={"version": 2, "region": "370300"})],
                "locality",
                "要求在“示例机床集群”所含城市（青岛、烟台）或为其成员，该企业在山东省淄博市，不属本地。",
            ),
            (
                [WORLD.certificate(NEWCOMER, "示例-6").model_copy(update={"version": 2, "scheme": "ISO 14001"})],
                "certificate",
                "要求 ISO 9001 于 {today} 有效，该企业仅有 ISO 14001（有效期至 2028-01-01）。",
            ),
            (
                [
                    PreferenceV1(
                        id=WORLD.id("refusal"), version=1, leader_id=WORLD.id(LEADER), supplier_id=WORLD.id(NEWCOMER),
                        part_code=None, stance="blacklisted", reason="曾延误交货", valid_until=None,
                    )
                ],
                "blacklisted",
                "链主已声明不采用该企业：曾延误交货。",
            ),
            (
                [OFFER.model_copy(update={"version": 2, "capacity_unit": "吨"})],
                "unit",
                "要求以“件”计，该供给能力以“吨”计，不能换算。",
            ),
        ],
        ids=lambda value: value if isinstance(value, str) and value.isidentifier() else "",
    )  # fmt: skip
    def test_what_a_candidate_must_meet_a_proposal_must_too(
        self, newcomer: Database, reviewer: httpx.Client, told: list[Entity], code: str, sentence: str
    ) -> None:
        tell(newcomer, *told)
        today = datetime.now(CHINA).date()
        assert (code, sentence.format(today=today)) in refusals(propose(reviewer, note="仍请考虑"))

    def test_each_requirement_is_named_by_itself(self, reviewer: httpx.Client) -> None:
        found = refusals(propose(reviewer, HOUSING_OF_Q, OFFER.id, quantity="100", note="仍请考虑"))
        assert [code for code, _ in found] == ["locality", "parameter"]
        assert found[1][1] == "要求重量 ≤ 20 kg，该供给能力未写明重量。"

    @pytest.mark.parametrize(
        ("said", "pointer", "sentence"),
        [
            ({"quantity": None}, "/quantity", "每年的数量（quantity）和金额（amount）须填且只填其中一项。"),
            (
                {"quantity": "1", "amount": 50},
                "/quantity",
                "每年的数量（quantity）和金额（amount）须填且只填其中一项。",
            ),
            ({"amount": 0}, "/amount", "应大于 0，且至少合 1 元。"),
            ({"quantity": "0.001"}, "/quantity", "应大于 0，且至少合 1 元。"),
            (
                {"quantity": "1300"},
                "/quantity",
                "一家供应商至多供这条需求的 60.00%（6.00 万元），所提的 6.50 万元 超出；请提出不超过 6.00 万元。",
            ),
            (
                {"quantity": "1100"},
                "/quantity",
                "供给能力“传动轴精车”尚余 1,000 件可预留，不足所需的 1,100 件；请减少数量。",
            ),
        ],
    )
    def test_how_much_is_bounded(
        self, reviewer: httpx.Client, said: dict[str, Any], pointer: str, sentence: str
    ) -> None:
        answer = propose(reviewer, **said)
        assert answer.status_code == 422, answer.text
        assert (pointer, sentence) in [(error["pointer"], error["detail"]) for error in answer.json()["errors"]]

    def test_less_than_the_least_order_is_refused(self, newcomer: Database, reviewer: httpx.Client) -> None:
        tell(newcomer, OFFER.model_copy(update={"version": 2, "moq": Decimal(900)}))
        (refusal,) = refusals(propose(reviewer))
        assert refusal == ("moq", "该供给能力的起订量为 900 件，所提的一年只合 800 件；请增加数量。")

    def test_what_is_approved_leaves_less_of_the_line(self, reviewer: httpx.Client) -> None:
        reviewer.post(f"/suggestions/{SHAFTS}/approval", json={}, headers={"If-Match": '"1"'}).raise_for_status()
        (refusal,) = refusals(propose(reviewer, quantity="900"))
        assert refusal[0] == "too-much"
        assert refusal[1] == (
            "链主放开而尚未落实本地配套的为每年 4.00 万元，所提的 4.50 万元 超出；请提出不超过 4.00 万元。"
        )
        assert propose(reviewer, quantity="800").status_code == 201

    def test_one_step_away_it_takes_a_reason_and_the_evidence_stays(
        self, newcomer: Database, reviewer: httpx.Client
    ) -> None:
        tell(newcomer, OFFER.model_copy(update={"version": 2, "lead_time_days": 75}))
        (refusal,) = refusals(propose(reviewer))
        assert refusal[1].startswith("只差一项：要求交期不超过 60 天，该供给能力的交期为 75 天。")
        row = propose(reviewer, note="链主同意首批 75 天").json()
        (failed,) = [each for each in row["evidence"] if each["verdict"] == "failed"]
        assert (failed["rule"], failed["offered"]) == ("lead_time", "75 天")

    def test_two_steps_away_no_reason_helps(self, newcomer: Database, reviewer: httpx.Client) -> None:
        tell(newcomer, OFFER.model_copy(update={"version": 2, "lead_time_days": 75, "capacity_unit": "吨"}))
        found = refusals(propose(reviewer, note="链主同意"))
        assert {code for code, _ in found} >= {"unit", "lead_time"}

    def test_an_offer_that_is_none_is_not_found(self, reviewer: httpx.Client) -> None:
        assert propose(reviewer, capability=WORLD.id("nothing")).status_code == 404
        assert propose(reviewer, need=str(WORLD.id("nothing"))).status_code == 404


class TestWho:
    def test_an_organisation_proposes_for_its_clusters_and_a_reviewer_decides(
        self, reviewer: httpx.Client, acting_as: Client
    ) -> None:
        organisation = acting_as(Role.CLUSTER_ORGANISATION, clusters=MACHINE)
        answer = propose(organisation)
        assert answer.status_code == 201, answer.text
        row = answer.json()
        assert row["verbs"] == [] and row["history"][0]["actor_role"] == "cluster_organisation"
        path, match = f"/suggestions/{row['id']}/approval", {"If-Match": '"1"'}
        assert organisation.post(path, json={}, headers=match).status_code == 403
        assert reviewer.post(path, json={}, headers=match).status_code == 200

    def test_of_other_clusters_it_is_told_nothing(self, newcomer: Database, acting_as: Client) -> None:
        assert newcomer
        organisation = acting_as(Role.CLUSTER_ORGANISATION, clusters=MACHINE)
        assert propose(organisation, HOUSING_OF_Q, WORLD.id(f"{SECOND_CASTER}/铸造")).status_code == 404
        elsewhere = acting_as(Role.CLUSTER_ORGANISATION, clusters=frozenset({WORLD.id("elsewhere")}))
        assert propose(elsewhere).status_code == 404

    @pytest.mark.parametrize("role", [Role.CHAIN_LEADER, Role.SUPPLIER, Role.AUDITOR, Role.SERVICE])
    def test_nobody_else_proposes(self, newcomer: Database, acting_as: Client, role: Role) -> None:
        assert newcomer
        assert propose(acting_as(role, WORLD.id(LEADER))).status_code == 403

    def test_firms_are_not_told_of_it_before_it_is_approved(self, reviewer: httpx.Client, acting_as: Client) -> None:
        row = propose(reviewer).json()
        for role, firm in ((Role.CHAIN_LEADER, LEADER), (Role.SUPPLIER, NEWCOMER)):
            assert acting_as(role, WORLD.id(firm)).get(f"/suggestions/{row['id']}").status_code == 404


def test_who_is_not_local_is_told_where_it_is(reviewer: httpx.Client) -> None:
    found = refusals(propose(reviewer, HOUSING, WORLD.id(f"{OUTSIDER}/铸造"), quantity="100"))
    assert found[0][0] == "locality" and "江苏省苏州市" in found[0][1]


def test_who_has_enough_of_the_line_gets_no_more_than_the_cap_leaves(reviewer: httpx.Client) -> None:
    reviewer.post(f"/suggestions/{HOUSINGS}/approval", json={}, headers={"If-Match": '"1"'}).raise_for_status()
    answer = propose(reviewer, HOUSING, WORLD.id(f"{CASTER}/铸造"), quantity="200")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/already-proposed")
