"""From a leader's home to a contract: products, lines, candidates, invitations, cooperations."""

from datetime import date
from uuid import uuid4

from services.matching.suggestions.models import Suggestion
from tests.browser.matching.firms.conftest import Market, Visit
from tests.support.looking import Onlooker


def offered(market: Market, part: str) -> Suggestion:
    """The first approved suggestion of a part."""
    return next(row for row in market.trade.approved if row.labels["part_code"] == part)


def answered(who: Onlooker, path: str) -> int:
    """With which status a page answers."""
    answer = who.page.goto(who.base + path)
    assert answer is not None
    return answer.status


def test_a_leader_looks_at_products_lines_and_the_bill(visit: Visit, market: Market) -> None:
    leader = visit("leader")
    home = leader.open("/matching/products")
    assert "散货船" in home.inner_text("main")
    home.get_by_role("link", name="散货船").first.click()
    leader.check()
    told = home.inner_text("main")
    assert "从现在到目标" in told and "锚链" in told
    ship = market.portal.world.products["A-1"]
    bill = leader.open(f"/catalog/products/{ship}")
    assert "不在清单中的需求" in bill.inner_text("main")
    assert "已批准" in bill.get_by_role("row", name="舱口盖").inner_text()


def test_a_supplier_looks_at_invitations_and_obstacles(visit: Visit) -> None:
    supplier = visit("east")
    assert "压载泵" in supplier.open("/matching/invitations").inner_text("main")
    told = supplier.open("/matching/obstacles").inner_text("main")
    assert "ISO 14001" in told and "有一些需求" in told
    assert "甲船舶" not in told


def test_nobody_sees_what_is_not_his(visit: Visit, market: Market) -> None:
    row, foreign = offered(market, "HATCH"), market.portal.world.products["B-1"]
    supplier, leader = visit("east"), visit("leader")
    assert answered(supplier, f"/matching/invitations/{row.id}") == 404
    assert answered(supplier, "/matching/products") == 403
    assert answered(leader, f"/matching/products/{foreign}") == 404
    assert answered(leader, f"/matching/lines/{uuid4()}") == 404


def test_accept_in_part_consent_and_contract_without_scripts(visit: Visit, market: Market) -> None:
    row = offered(market, "PUMP")
    who = next(name for name, id in market.trade.firms.items() if id == row.supplier_id)
    leader = visit("leader", scripts=False).page
    leader.goto(f"{market.portal.base}/matching/lines/{row.need_id}")
    offer = leader.locator(f"#c-{row.id}")
    offer.locator("[name=amount]").fill("99999999")
    offer.get_by_role("button", name="接受").click()
    assert f"应大于 0，且不超过建议的 {row.amount}。" in leader.inner_text("main")
    assert offer.locator("[name=amount]").input_value() == "99999999"
    offer.locator("[name=amount]").fill("900000")
    offer.get_by_role("button", name="接受").click()
    assert "已接受。供应商同意之后" in leader.inner_text("main")

    supplier = visit(who, scripts=False).page
    supplier.goto(f"{market.portal.base}/matching/invitations/{row.id}")
    assert "甲船舶" not in supplier.inner_text("main")
    supplier.get_by_role("button", name="同意").click()
    assert "甲船舶" in supplier.inner_text("main")

    leader.goto(f"{market.portal.base}/matching/cooperations/{row.id}")
    leader.fill("[name=number]", "HT-1")
    leader.fill("[name=first_day]", "2026-01-01")
    leader.fill("[name=last_day]", "2026-12-31")
    leader.fill("[name=amount]", "900001")
    leader.get_by_role("button", name="登记").click()
    assert "超过双方同意的每年 900000 元" in leader.inner_text("main")
    leader.fill("[name=amount]", "800000")
    leader.get_by_role("button", name="登记").click()
    assert "合同已登记" in leader.inner_text("main") and date(2026, 12, 31).isoformat() in leader.inner_text("main")
    watching = visit("leader")
    watching.open(f"/matching/cooperations/{row.id}")
    assert "HT-1" in watching.page.inner_text("main")
    assert "压载泵" in watching.open("/matching/cooperations").inner_text("main")


def test_decline_with_a_reason(visit: Visit, market: Market) -> None:
    row = offered(market, "HATCH")
    leader = visit("leader")
    page = leader.open(f"/matching/lines/{row.need_id}")
    offer = page.locator(f"#c-{row.id}")
    offer.locator("[name=reason]").fill("现有供应商已签三年框架协议")
    offer.get_by_role("button", name="谢绝").click()
    leader.check()
    assert "已谢绝，理由已记下。" in page.inner_text("main")
