"""The steps of a suggestion over HTTP: who takes them, what they need, what they are answered."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, literal, select

from services.matching.suggestions.models import Suggestion
from shared.db.database import Database
from shared.db.upserts import sql_table
from shared.http.paging import decode_cursor
from shared.security.actor import Role
from tests.api.matching.cooperation.conftest import Review
from tests.support.feed_world import CASTER, LEADER, SECOND_CASTER, TURNER, deletion
from tests.support.review_world import HOUSINGS, HOUSINGS_OF_Q, SECOND_HOUSINGS, SHAFTS, WORLD, tell

FAR = str(date.today() + timedelta(days=30))
MACHINE = frozenset({WORLD.id("MACHINE")})


def errors(answer: Any) -> list[tuple[str, str]]:
    return [(each["pointer"], each["detail"]) for each in answer.json()["errors"]]


class TestReviewing:
    def test_a_deferral_needs_a_day_to_come_and_a_reason(self, review: Review) -> None:
        def defer(**body: Any) -> Any:
            return review.act(review.reviewer, SHAFTS, "defer", **body)

        assert errors(defer(until=FAR)) == [("/reason", "暂缓须说明理由。")]
        assert errors(defer(reason="待核实")) == [("/until", "暂缓须写明到哪一天。")]
        assert errors(defer(reason="待核实", until="2026-01-01")) == [("/until", "暂缓的日期应在今天之后。")]
        done = defer(reason="待核实", until=FAR).json()
        assert (done["state"], done["deferred_until"], done["verbs"]) == ("deferred", FAR, ["restore"])

    @pytest.mark.parametrize("verb", ["reject", "defer"])
    def test_what_was_undone_is_as_before(self, review: Review, verb: str) -> None:
        body: dict[str, Any] = {"until": FAR} if verb == "defer" else {}
        review.act(review.reviewer, SHAFTS, verb, reason="价格偏高", **body)
        assert errors(review.act(review.reviewer, SHAFTS, "restore")) == [("/reason", "恢复须说明理由。")]
        back = review.act(review.reviewer, SHAFTS, "restore", reason="已澄清").json()
        assert (back["state"], back["deferred_until"]) == ("proposed", None)
        assert [(step["verb"], step["reason"]) for step in back["history"]] == [
            (verb, "价格偏高"),
            ("restore", "已澄清"),
        ]

    def test_a_reopened_suggestion_frees_what_it_reserved_and_hides_again(self, review: Review) -> None:
        review.bring_to(HOUSINGS, "accepted", CASTER, quantity="200")
        back = review.act(review.reviewer, HOUSINGS, "reopen", reason="需重新核价").json()
        assert (back["state"], back["stage"], back["agreed_amount"], back["placed_amount"]) == (
            "proposed", "proposed", None, 50_000,
        )  # fmt: skip
        assert review.leader.get(f"/suggestions/{HOUSINGS}").status_code == 404

    def test_a_cluster_organisation_reads_what_its_cluster_needs_and_decides_nothing(self, review: Review) -> None:
        organisation = review.as_(Role.CLUSTER_ORGANISATION, None, MACHINE)
        assert organisation.get(f"/suggestions/{SHAFTS}").json()["verbs"] == []
        assert organisation.get(f"/suggestions/{HOUSINGS_OF_Q}").status_code == 404
        for verb in ("approve", "reject", "defer"):
            assert review.act(organisation, SHAFTS, verb, reason="理由").status_code == 403

    def test_a_newer_proposal_of_the_pair_stands_against_a_restoration(
        self, review: Review, matching_database: Database
    ) -> None:
        review.act(review.reviewer, SHAFTS, "reject", reason="价格偏高")
        with matching_database.session() as session:
            session.execute(_copy_as_newer(SHAFTS))
            session.commit()
        refused = review.act(review.reviewer, SHAFTS, "restore", reason="已澄清")
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/proposed-anew")


class TestFirms:
    def test_the_whole_way_to_both_sides_agreement(self, review: Review) -> None:
        review.bring_to(SHAFTS, "accepted", TURNER)
        found = review.see(SHAFTS)
        assert (found["state"], found["agreed_amount"], found["placed_amount"]) == ("accepted", 60_000, 60_000)
        steps = [(step["verb"], step["actor_role"], step["amount"]) for step in found["history"]]
        assert steps == [
            ("approve", "reviewer", None),
            ("accept", "chain_leader", 60_000),
            ("consent", "supplier", None),
        ]

    def test_a_leader_accepts_a_part_by_pieces_or_by_yuan(self, review: Review) -> None:
        review.bring_to(SHAFTS, "leader_accepted", TURNER, quantity="400")
        review.bring_to(SECOND_HOUSINGS, "leader_accepted", SECOND_CASTER, amount=10_050)
        by_pieces, by_yuan = review.see(SHAFTS), review.see(SECOND_HOUSINGS)
        assert (by_pieces["agreed_amount"], by_pieces["placed_quantity"]) == (20_000, "400.000")
        assert (by_yuan["agreed_amount"], by_yuan["placed_quantity"]) == (10_050, "100.500")

    def test_a_part_that_is_none_is_refused(self, review: Review) -> None:
        review.bring_to(SHAFTS, "approved", TURNER)
        for part, field in (({"amount": 60_001}, "/amount"), ({"quantity": "0"}, "/quantity")):
            refused = review.act(review.leader, SHAFTS, "accept", **part)
            assert (refused.status_code, errors(refused)[0][0]) == (422, field)
        assert review.see(SHAFTS)["state"] == "approved"

    def test_each_side_declines_with_a_reason(self, review: Review) -> None:
        review.bring_to(SHAFTS, "approved", TURNER)
        review.bring_to(HOUSINGS, "leader_accepted", CASTER)
        assert errors(review.act(review.leader, SHAFTS, "decline")) == [("/reason", "婉拒须说明理由。")]
        assert review.act(review.leader, SHAFTS, "decline", reason="已有供应商").json()["state"] == "declined_by_leader"
        supplier = review.supplier(CASTER)
        assert review.act(supplier, HOUSINGS, "decline", reason="订单已满").json()["state"] == "declined_by_supplier"

    def test_one_side_does_not_speak_for_the_other(self, review: Review) -> None:
        review.bring_to(SHAFTS, "approved", TURNER)
        assert review.act(review.supplier(TURNER), SHAFTS, "accept").status_code == 403
        refused = review.act(review.supplier(TURNER), SHAFTS, "decline", reason="不做")
        assert (refused.status_code, refused.json()["detail"]) == (403, "您的角色不能婉拒已通过的配套建议。")
        assert review.act(review.as_(Role.CHAIN_LEADER, WORLD.id(CASTER)), SHAFTS, "accept").status_code == 404
        assert review.act(review.reviewer, SHAFTS, "accept").status_code == 403

    def test_a_leader_may_withdraw_what_it_accepted(self, review: Review) -> None:
        review.bring_to(SHAFTS, "leader_accepted", TURNER)
        assert review.act(review.leader, SHAFTS, "withdraw", reason="计划调整").json()["state"] == "withdrawn"
        assert review.act(review.leader, SHAFTS, "withdraw", reason="计划调整").status_code == 409


class TestCapacity:
    def test_a_second_one_that_no_longer_fits_is_told_what_is_left(self, review: Review) -> None:
        review.bring_to(HOUSINGS, "leader_accepted", CASTER)
        review.bring_to(HOUSINGS_OF_Q, "approved", CASTER)
        refused = review.act(review.leader, HOUSINGS_OF_Q, "accept")
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/capacity-exceeded")
        assert refused.json()["detail"] == ("供给能力“壳体铸造”尚余 100 件可预留，不足所需的 300 件；可只接受一部分。")
        assert review.see(HOUSINGS_OF_Q)["state"] == "approved"
        assert review.act(review.leader, HOUSINGS_OF_Q, "accept", quantity="100").status_code == 200
        assert review.reviewer.get(f"/suggestions/{HOUSINGS}/capacity").json() == {
            "capability_id": str(WORLD.id("S1/铸造")),
            "unit": "件",
            "spare": "600",
            "reserved": "600",
            "left": "0",
            "used_elsewhere": "none",
            "used_elsewhere_label": "未被其他链主占用",
        }
        for other in (review.leader, review.as_(Role.CLUSTER_ORGANISATION, None, MACHINE)):
            told = other.get(f"/suggestions/{HOUSINGS}/capacity").json()
            assert (told["spare"], told["reserved"], told["left"]) == (None, None, "0")

    def test_what_is_declined_or_withdrawn_frees_its_capacity(self, review: Review) -> None:
        review.bring_to(HOUSINGS, "leader_accepted", CASTER)
        review.bring_to(HOUSINGS_OF_Q, "approved", CASTER)
        review.act(review.supplier(CASTER), HOUSINGS, "decline", reason="订单已满")
        assert review.act(review.leader, HOUSINGS_OF_Q, "accept").status_code == 200

    def test_of_two_acceptances_at_once_only_what_fits_is_reserved(self, review: Review) -> None:
        for id in (HOUSINGS, HOUSINGS_OF_Q):
            review.bring_to(id, "approved", CASTER)
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda id: review.act(review.leader, id, "accept"), (HOUSINGS, HOUSINGS_OF_Q)))
        assert sorted(answer.status_code for answer in answers) == [200, 409]

    def test_a_line_is_not_accepted_beyond_what_it_needs(self, review: Review, matching_database: Database) -> None:
        # a line of 70,000 元 holds the first caster's 50,000 or the second's 40,000
        with matching_database.session() as session:
            for id in (HOUSINGS, SECOND_HOUSINGS):
                session.get_one(Suggestion, id).line_spend = 70_000
            session.commit()
        review.bring_to(HOUSINGS, "leader_accepted", CASTER)
        review.bring_to(SECOND_HOUSINGS, "approved", SECOND_CASTER)
        refused = review.act(review.leader, SECOND_HOUSINGS, "accept")
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/line-exceeded")
        assert refused.json()["detail"] == "这条需求还有 20000 未被接受的建议占用，不足以接受 40000。"

    def test_a_capability_that_left_the_catalog_cannot_be_reserved(
        self, review: Review, matching_database: Database
    ) -> None:
        review.bring_to(SHAFTS, "approved", TURNER)
        offer = next(each for each in WORLD.entities() if each.id == WORLD.id("S3/车削"))
        tell(matching_database, deletion(offer))
        refused = review.act(review.leader, SHAFTS, "accept")
        assert (refused.status_code, refused.json()["title"]) == (409, "供给能力已不在目录中")


class TestObstacles:
    def test_a_suspended_supplier_stands_against_every_step_forward(
        self, review: Review, matching_database: Database
    ) -> None:
        firm = WORLD.enterprise(TURNER, "示例精工", "370600", version=2).model_copy(update={"status": "suspended"})
        tell(matching_database, firm)
        refused = review.act(review.reviewer, SHAFTS, "approve")
        assert (refused.status_code, refused.json()["type"], refused.json()["detail"]) == (
            409, "/problems/obstacle", "供应商已被暂停。",
        )  # fmt: skip
        assert review.act(review.reviewer, SHAFTS, "reject", reason="企业已被暂停").status_code == 200

    def test_a_certificate_that_lapsed_stands_against_it(self, review: Review, matching_database: Database) -> None:
        held = WORLD.certificate(TURNER, "示例-2")
        tell(matching_database, held.model_copy(update={"version": 2, "valid_until": date(2026, 1, 31)}))
        refused = review.act(review.reviewer, SHAFTS, "approve")
        assert refused.json()["detail"] == "供应商的 ISO 9001 证书已失效。"


class TestDisclosure:
    def test_a_supplier_cannot_ask_who_the_buyer_is(self, review: Review) -> None:
        def found(**query: Any) -> list[str]:
            answer = review.supplier(TURNER).get("/suggestions", params=query)
            return [row["id"] for row in answer.json()["items"]]

        buyer = {"leader": WORLD.id(LEADER), "product": WORLD.id("P1"), "cluster": WORLD.id("MACHINE")}
        review.bring_to(SHAFTS, "leader_accepted", TURNER)
        assert found() == [str(SHAFTS)]
        assert {name: found(**{name: value}) for name, value in buyer.items()} == {name: [] for name in buyer}
        review.act(review.supplier(TURNER), SHAFTS, "consent")
        assert {name: found(**{name: value}) for name, value in buyer.items()} == {
            name: [str(SHAFTS)] for name in buyer
        }

    def test_a_supplier_s_cursor_holds_no_amount(self, review: Review) -> None:
        for id in (HOUSINGS, HOUSINGS_OF_Q):
            review.act(review.reviewer, id, "approve")
        answer = review.supplier(CASTER).get("/suggestions", params={"order": "best", "limit": 1}).json()
        assert decode_cursor(answer["next"]) == [str(HOUSINGS_OF_Q)]

    def test_the_firms_are_not_told_who_reviews(self, review: Review) -> None:
        headers = {"If-Match": f'"{review.see(SHAFTS)["version"]}"'}
        review.reviewer.put(f"/suggestions/{SHAFTS}/assignee", json={"assignee": "审核员甲"}, headers=headers)
        review.bring_to(SHAFTS, "approved", TURNER)
        assert "审核员甲" not in review.leader.get(f"/suggestions/{SHAFTS}").text
        for query in ({"assignee": "审核员甲"}, {"assigned": True}):
            assert review.leader.get("/suggestions", params=query).json()["items"] == []
            assert len(review.reviewer.get("/suggestions", params=query).json()["items"]) == 1
        items = [{"id": str(SHAFTS), "version": review.see(SHAFTS)["version"]}]
        answer = review.leader.post("/suggestions/batches", json={"verb": "accept", "items": items})
        assert (answer.status_code, answer.json()["items"][0]["assignee"]) == (200, None)

    def test_a_supplier_learns_more_with_each_agreement(self, review: Review) -> None:
        supplier = review.supplier(TURNER)
        review.bring_to(SHAFTS, "approved", TURNER)
        invited = supplier.get(f"/suggestions/{SHAFTS}").json()
        assert (invited["quantity_band"], invited["verbs"]) == ("1,000–2,000 件", [])
        assert not {"placed_quantity", "leader_name", "product_name", "part_code"} & invited.keys()
        review.act(review.leader, SHAFTS, "accept", quantity="400")
        offered = supplier.get(f"/suggestions/{SHAFTS}").json()
        assert (offered["placed_quantity"], offered["verbs"]) == ("400.000", ["consent", "decline"])
        assert not {"leader_name", "product_name", "placed_amount"} & offered.keys()
        review.act(supplier, SHAFTS, "consent")
        partner = supplier.get(f"/suggestions/{SHAFTS}").json()
        assert (partner["leader_name"], partner["product_name"], partner["placed_amount"]) == (
            "示例重工", "示例压力机", 20_000,
        )  # fmt: skip

    def test_what_was_disclosed_stays_so_when_it_is_declined(self, review: Review) -> None:
        review.bring_to(SHAFTS, "approved", TURNER)
        review.act(review.leader, SHAFTS, "decline", reason="已有供应商")
        assert review.leader.get(f"/suggestions/{SHAFTS}").json()["state"] == "declined_by_leader"
        told = review.supplier(TURNER).get(f"/suggestions/{SHAFTS}")
        assert told.json()["state"] == "declined_by_leader"
        assert "已有供应商" not in told.text

    def test_a_leader_is_not_told_who_looks_after_it(self, review: Review) -> None:
        headers = {"If-Match": '"1"'}
        review.reviewer.put(f"/suggestions/{SHAFTS}/assignee", json={"assignee": "王审核"}, headers=headers)
        review.bring_to(SHAFTS, "approved", TURNER)
        assert review.leader.get(f"/suggestions/{SHAFTS}").json()["assignee"] is None


def _copy_as_newer(id: Any) -> Any:
    """A statement that proposes the same pair again, in a later suggestion of another line's capability."""
    table = sql_table(Suggestion)
    changed: dict[str, Any] = {
        "id": literal(WORLD.id("newer")),
        "state": literal("proposed"),
        "capability_key": literal("S3/另一"),
    }
    columns = [changed.get(column.name, column).label(column.name) for column in table.c]
    return insert(table).from_select([column.name for column in table.c], select(*columns).where(table.c.id == id))
