"""Contracts, what purchases count to them, modes, and the funnel."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from services.matching.cooperation import service
from services.matching.suggestions.rules import Verb
from shared.contracts.v1 import PurchaseV1
from shared.db.database import Database
from shared.security.actor import Role
from tests.api.matching.cooperation.conftest import Review
from tests.support.feed_world import CASTER, HOUSING, LEADER, SHAFT, TURNER, deletion
from tests.support.review_world import HOUSINGS, HOUSINGS_OF_Q, SECOND_HOUSINGS, SHAFTS, WORLD, tell

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


def bought(number: int, amount: str, period: str = "2026-03", version: int = 1, **other: Any) -> PurchaseV1:
    """A purchase of shafts from the turner."""
    return PurchaseV1(
        id=WORLD.id(f"bought {number}"),
        version=version,
        leader_id=WORLD.id(LEADER),
        part_code=other.pop("part", SHAFT),
        supplier_id=WORLD.id(other.pop("supplier", TURNER)),
        supplier_name=None,
        supplier_region=None,
        period=period,
        quantity=None,
        amount=Decimal(amount),
        **other,
    )


def tend(database: Database, now: datetime = NOW) -> dict[Verb, int]:
    with database.session() as session:
        return service.tend(session, now)


@pytest.fixture
def contracted(review: Review) -> Review:
    """The shafts under contract: 60,000 元 in 2026."""
    review.bring_to(SHAFTS, "accepted", TURNER)
    answer = review.contract(review.leader, SHAFTS, amount=60_000, document="档案 7-12")
    assert answer.status_code == 200, answer.text
    return review


WRONG: list[tuple[dict[str, Any], str, str | None]] = [
    ({"amount": 0}, "/amount", "应大于 0。"),
    ({"amount": 5, "last_day": "2025-12-31"}, "", "合同期的最后一天早于第一天。"),
    ({"amount": 5, "number": ""}, "/number", "至少 1 个字符。"),
    ({"amount": 5, "modes": []}, "/modes", "至少 1 项。"),
    ({"amount": 60_001}, "/amount", "合同折合每年 60001 元，超过双方同意的每年 60000 元。"),
    ({"amount": 2, "last_day": "2030-12-31"}, "/amount", "合同折合每年不足 1 元。"),
]


class TestContracts:
    def test_a_contract_is_registered_with_number_period_and_amount(self, contracted: Review) -> None:
        found = contracted.leader.get(f"/cooperations/{SHAFTS}")
        told = found.json()
        assert found.headers["ETag"] == f'"{told["version"]}"'
        assert (told["state"], told["contracted_amount"], told["invoiced_amount"]) == ("contracted", 60_000, 0)
        contract = {key: value for key, value in told["contract"].items() if key != "contracted_at"}
        assert contract == {
            "number": "示例-2026-01",
            "first_day": "2026-01-01",
            "last_day": "2026-12-31",
            "amount": 60_000,
            "document": "档案 7-12",
        }
        assert told["modes"] == [{"mode": "order_guarantee", "label": "订单保障"}]
        assert contracted.see(SHAFTS)["history"][-1]["amount"] == 60_000

    def test_a_smaller_contract_gives_the_rest_back(self, review: Review) -> None:
        review.bring_to(SHAFTS, "accepted", TURNER)
        told = review.contract(review.reviewer, SHAFTS, amount=30_000).json()
        assert (told["agreed_amount"], told["placed_amount"], told["placed_quantity"]) == (60_000, 30_000, "600.000")

    def test_a_contract_of_years_counts_by_the_year(self, review: Review) -> None:
        review.bring_to(SHAFTS, "accepted", TURNER)
        refused = review.contract(review.leader, SHAFTS, amount=120_012, last_day="2027-12-31")
        assert refused.json()["errors"] == [
            {
                "pointer": "/amount",
                "detail": "合同折合每年 60006 元，超过双方同意的每年 60000 元。",
                "code": "value",
                "location": "body",
            }
        ]
        told = review.contract(review.leader, SHAFTS, amount=120_000, last_day="2027-12-31").json()
        assert (told["contracted_amount"], told["placed_amount"]) == (120_000, 60_000)

    @pytest.mark.parametrize(("terms", "pointer", "detail"), WRONG)
    def test_a_wrong_contract_is_refused(
        self, review: Review, terms: dict[str, Any], pointer: str, detail: str
    ) -> None:
        review.bring_to(SHAFTS, "accepted", TURNER)
        refused = review.contract(review.leader, SHAFTS, **terms)
        told = [(error["pointer"], error["detail"]) for error in refused.json()["errors"]]
        assert (refused.status_code, told) == (422, [(pointer, detail)])
        assert review.see(SHAFTS)["state"] == "accepted"

    def test_no_contract_before_both_agree_and_none_by_a_supplier(self, review: Review) -> None:
        review.bring_to(SHAFTS, "leader_accepted", TURNER)
        refused = review.contract(review.leader, SHAFTS, amount=10)
        assert (refused.status_code, refused.json()["detail"]) == (409, "该建议链主已接受，不能再登记合同。")
        assert review.contract(review.supplier(TURNER), SHAFTS, amount=10).status_code == 403

    def test_a_contract_is_amended_with_a_reason(self, contracted: Review) -> None:
        assert contracted.contract(contracted.leader, SHAFTS, "PUT", amount=50_000).status_code == 422
        told = contracted.contract(contracted.leader, SHAFTS, "PUT", amount=50_000, reason="金额录错").json()
        assert (told["contract"]["amount"], told["placed_amount"]) == (50_000, 50_000)
        grown = contracted.contract(contracted.leader, SHAFTS, "PUT", amount=60_000, reason="补充协议")
        assert grown.status_code == 200

    def test_an_amendment_takes_no_room_that_others_have_taken(self, review: Review) -> None:
        review.bring_to(HOUSINGS, "accepted", CASTER)
        review.contract(review.leader, HOUSINGS, amount=40_000)
        review.bring_to(HOUSINGS_OF_Q, "leader_accepted", CASTER, quantity="200")
        refused = review.contract(review.leader, HOUSINGS, "PUT", amount=50_000, reason="补充协议")
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/capacity-exceeded")

    def test_modes_are_chosen_once_both_agree(self, review: Review) -> None:
        def choose(*modes: str) -> Any:
            headers = {"If-Match": f'"{review.see(SHAFTS)["version"]}"'}
            return review.leader.put(f"/cooperations/{SHAFTS}/modes", json={"modes": modes}, headers=headers)

        review.bring_to(SHAFTS, "leader_accepted", TURNER)
        assert choose("incubation").json()["detail"] == "该建议链主已接受，双方同意之后才能选择合作方式。"
        review.act(review.supplier(TURNER), SHAFTS, "consent")
        told = choose("technology_sharing", "targeted_support").json()
        assert [mode["label"] for mode in told["modes"]] == ["定向扶持", "技术分享"]
        assert review.see(SHAFTS)["history"][-1]["reason"] == "合作方式：定向扶持、技术分享"
        assert choose().status_code == 422
        assert choose("赞助").status_code == 422

    def test_both_sides_and_the_reviewers_list_cooperations(self, contracted: Review) -> None:
        contracted.bring_to(HOUSINGS, "leader_accepted", CASTER)

        def listed(client: Any, **query: Any) -> list[str]:
            return [row["id"] for row in client.get("/cooperations", params=query).json()["items"]]

        supplier = contracted.supplier(TURNER)
        assert listed(contracted.reviewer) == listed(contracted.leader) == listed(supplier) == [str(SHAFTS)]
        assert listed(contracted.reviewer, state="accepted") == []
        assert listed(contracted.reviewer, mode="order_guarantee", leader=WORLD.id(LEADER)) == [str(SHAFTS)]
        assert listed(contracted.reviewer, mode="incubation") == []
        assert listed(contracted.supplier(CASTER)) == []
        assert contracted.leader.get(f"/cooperations/{HOUSINGS}").status_code == 404

    def test_each_side_may_end_it_with_a_reason(self, contracted: Review) -> None:
        supplier = contracted.supplier(TURNER)
        assert contracted.act(supplier, SHAFTS, "end").status_code == 422
        assert contracted.act(supplier, SHAFTS, "end", reason="产线搬迁").json()["state"] == "ended"
        assert contracted.leader.get(f"/cooperations/{SHAFTS}").json()["state"] == "ended"


class TestInvoices:
    def test_purchases_of_the_pair_move_it_on_partly_and_in_full(
        self, contracted: Review, matching_database: Database
    ) -> None:
        tell(
            matching_database,
            bought(1, "20000.50"),
            bought(2, "7000", "2025-12"),
            bought(3, "9000", supplier=CASTER),
            bought(4, "8000", part=HOUSING),
            bought(5, "500", toll_processing=True),
        )
        assert tend(matching_database)[Verb.INVOICE] == 1
        told = contracted.leader.get(f"/cooperations/{SHAFTS}").json()
        assert (told["state"], told["invoiced_amount"], told["invoiced_in_full"]) == ("invoiced", 20_000, False)
        assert [(row["period"], row["amount"]) for row in told["purchases"]] == [("2026-03", "20000.50")]
        tell(matching_database, bought(6, "45000", "2026Q3"))
        tend(matching_database)
        told = contracted.leader.get(f"/cooperations/{SHAFTS}").json()
        assert (told["invoiced_amount"], told["invoiced_in_full"]) == (60_000, True)
        assert contracted.see(SHAFTS)["history"][-1]["reason"] == "累计开票 60000 元，合同 60000 元，已全部开票"

    def test_counting_again_changes_nothing(self, contracted: Review, matching_database: Database) -> None:
        tell(matching_database, bought(1, "20000"))
        tend(matching_database)
        before = contracted.see(SHAFTS)
        assert set(tend(matching_database).values()) == {0}
        assert contracted.see(SHAFTS) == before

    def test_a_corrected_or_deleted_purchase_moves_it_back(
        self, contracted: Review, matching_database: Database
    ) -> None:
        tell(matching_database, bought(1, "20000"))
        tend(matching_database)
        corrected = bought(1, "5000", version=2)
        tell(matching_database, corrected)
        tend(matching_database)
        found = contracted.see(SHAFTS)
        assert (found["state"], found["invoiced_amount"]) == ("invoiced", 5_000)
        assert found["history"][-1]["reason"] == "累计开票 5000 元，合同 60000 元（采购记录有更正）"
        tell(matching_database, deletion(corrected))
        tend(matching_database)
        found = contracted.see(SHAFTS)
        assert (found["state"], found["invoiced_amount"]) == ("contracted", 0)
        assert found["history"][-1]["verb"] == "revert"
        assert contracted.leader.get(f"/cooperations/{SHAFTS}").json()["purchases"] == []

    def test_an_amended_contract_is_counted_anew(self, contracted: Review, matching_database: Database) -> None:
        tell(matching_database, bought(1, "20000"), bought(2, "30000", "2026-08"))
        tend(matching_database)
        contracted.contract(contracted.leader, SHAFTS, "PUT", amount=60_000, first_day="2026-07-01", reason="日期录错")
        tend(matching_database)
        assert contracted.see(SHAFTS)["invoiced_amount"] == 30_000

    def test_a_contract_ends_when_its_invoices_had_time_to_come(
        self, contracted: Review, matching_database: Database
    ) -> None:
        assert tend(matching_database, datetime(2027, 3, 31, 2, tzinfo=UTC))[Verb.END] == 0
        assert tend(matching_database, datetime(2027, 4, 1, 2, tzinfo=UTC))[Verb.END] == 1
        assert contracted.see(SHAFTS)["history"][-1]["reason"] == "合同到期已满 90 天"
        assert contracted.see(SHAFTS)["state"] == "ended"

    def test_what_an_ended_contract_counted_counts_to_no_other(
        self, review: Review, matching_database: Database
    ) -> None:
        review.bring_to(HOUSINGS, "accepted", CASTER, quantity="200")
        review.contract(review.leader, HOUSINGS, amount=20_000)
        tell(matching_database, bought(1, "26000", part=HOUSING, supplier=CASTER))
        tend(matching_database)
        review.act(review.leader, HOUSINGS, "end", reason="改签新合同")
        review.bring_to(HOUSINGS_OF_Q, "accepted", CASTER)
        review.contract(review.leader, HOUSINGS_OF_Q, amount=30_000)
        tend(matching_database)
        assert [review.see(id)["invoiced_amount"] for id in (HOUSINGS, HOUSINGS_OF_Q)] == [20_000, 6_000]
        tell(matching_database, bought(2, "-4000", "2026-04", part=HOUSING, supplier=CASTER))
        tend(matching_database)
        assert [review.see(id)["invoiced_amount"] for id in (HOUSINGS, HOUSINGS_OF_Q)] == [20_000, 2_000]

    def test_a_supplier_is_not_told_the_leader_s_ledger(self, contracted: Review, matching_database: Database) -> None:
        tell(matching_database, bought(1, "20000"))
        tend(matching_database)
        told = contracted.supplier(TURNER).get(f"/cooperations/{SHAFTS}").json()
        assert (told["invoiced_amount"], told["purchases"]) == (20_000, [])


class TestFunnel:
    @pytest.fixture
    def mixed(self, contracted: Review, matching_database: Database) -> Review:
        """Shafts 20,000 of 60,000 invoiced; 200 of 500 housings agreed; one rejected, one proposed."""
        tell(matching_database, bought(1, "20000"))
        tend(matching_database)
        contracted.bring_to(HOUSINGS, "accepted", CASTER, quantity="200")
        contracted.act(contracted.reviewer, SECOND_HOUSINGS, "reject", reason="价格偏高")
        return contracted

    def rows(self, client: Any, **query: Any) -> list[dict[str, Any]]:
        answer = client.get("/funnel", params=query)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["rows"])

    def test_every_yuan_is_told_once(self, mixed: Review) -> None:
        (row,) = self.rows(mixed.reviewer, by="all")
        assert {stage["stage"]: (stage["suggestions"], stage["amount"], stage["here"]) for stage in row["stages"]} == {
            "proposed": (4, 180_000, 30_000),
            "approved": (2, 110_000, 0),
            "leader_accepted": (2, 80_000, 0),
            "accepted": (2, 80_000, 20_000),
            "contracted": (1, 60_000, 40_000),
            "invoiced": (1, 20_000, 20_000),
        }
        assert {stage["stage"]: stage["here"] for stage in row["beside"] if stage["here"]} == {"rejected": 40_000}
        assert row["returned"] == 30_000

    def test_a_contract_over_two_years_counts_by_the_year(self, review: Review, matching_database: Database) -> None:
        review.bring_to(SHAFTS, "accepted", TURNER)
        review.contract(review.leader, SHAFTS, amount=120_000, last_day="2027-12-31")
        tell(matching_database, bought(1, "40000"), bought(2, "30001", "2027Q1"))
        tend(matching_database)
        assert review.see(SHAFTS)["invoiced_amount"] == 70_001
        (row,) = self.rows(review.reviewer, by="all", product=WORLD.id("P1"))
        stages = {stage["stage"]: (stage["amount"], stage["here"]) for stage in row["stages"]}
        assert (stages["accepted"], stages["contracted"], stages["invoiced"]) == (
            (60_000, 0),
            (60_000, 25_000),
            (35_000, 35_000),
        )

    def test_by_cluster_leader_product_and_month(self, mixed: Review) -> None:
        def suggested(**query: Any) -> list[tuple[str | None, str, int]]:
            return [(row["key"], row["name"], row["stages"][0]["amount"]) for row in self.rows(mixed.reviewer, **query)]

        assert suggested(by="cluster") == [
            (str(WORLD.id("MACHINE")), "示例机床集群", 150_000),
            (None, "未归入集群", 30_000),
        ]
        assert suggested(by="leader") == [(str(WORLD.id(LEADER)), "示例重工", 180_000)]
        assert {name: amount for _, name, amount in suggested(by="product")} == {
            "示例压力机": 150_000, "示例剪板机": 30_000,
        }  # fmt: skip
        assert suggested(by="month") == [("2026-11", "2026-11", 180_000)]
        assert suggested(by="month", first_month="2026-12") == []
        assert suggested(by="all", last_month="2026-10") == [(None, "全部", 0)]
        assert suggested(by="all", cluster=WORLD.id("MACHINE"), product=WORLD.id("P1")) == [(None, "全部", 150_000)]

    def test_each_sees_its_own_and_a_supplier_none(self, mixed: Review) -> None:
        (own,) = self.rows(mixed.leader, by="all")
        assert own["stages"][0]["amount"] == 110_000
        organisation = mixed.as_(Role.CLUSTER_ORGANISATION, None, frozenset({WORLD.id("MACHINE")}))
        assert self.rows(organisation, by="all")[0]["stages"][0]["amount"] == 150_000
        assert mixed.supplier(TURNER).get("/funnel").status_code == 403

    def test_a_month_that_is_none_is_refused(self, mixed: Review) -> None:
        assert mixed.reviewer.get("/funnel?first_month=2026-13").status_code == 422
