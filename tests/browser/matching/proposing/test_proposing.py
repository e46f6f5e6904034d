"""The page on which a pair is proposed: from the line or a near miss, found by words, refused with what was typed."""

import pytest
from playwright.sync_api import Page

from shared.db.database import Database
from tests.browser.conftest import Look
from tests.browser.matching.conftest import CSRF, Desk
from tests.support.feed_world import TURNING, World
from tests.support.review_world import tell

WORLD = World()
OFFER = WORLD.offer("S6", "精车", "45钢 传动轴 车削 磨削", TURNING, "1000", "47")
SHAFT, HOUSING = WORLD.id("P1/Z-200"), WORLD.id("P1/H-100")


def let_in(database: Database, days: int = 30) -> None:
    """A turner in Yantai enters the catalog, who delivers in so many days."""
    offer = OFFER.model_copy(update={"lead_time_days": days})
    tell(database, WORLD.enterprise("S6", "示例新轴厂", "370600"), WORLD.certificate("S6", "示例-6"), offer)


def propose(page: Page) -> None:
    page.get_by_role("button", name="提出这个配对").click()


@pytest.mark.parametrize("who", ["reviewer", "organisation"])
def test_an_offer_is_found_judged_and_proposed_from_the_line(at_own_desk: Look, own_desk: Desk, who: str) -> None:
    let_in(own_desk.database)
    window = at_own_desk(who)
    page = window.open(f"/matching/lines/{SHAFT}")
    page.get_by_role("link", name="人工提出一家").click()
    window.check()
    page.fill("[name=q]", "新轴")
    page.get_by_role("button", name="筛选").click()
    page.get_by_role("link", name="传动轴精车").click()
    assert "该企业在山东省烟台市" in page.inner_text("main")
    window.check()
    page.fill("[name=quantity]", "1250")
    page.fill("[name=note]", "已试制合格")
    propose(page)
    refused = page.inner_text('[role="alert"]')
    assert "一家供应商至多供这条需求的 60.00%" in refused and "尚余 1,000 件可预留" in refused
    assert (page.input_value("[name=quantity]"), page.input_value("[name=note]")) == ("1250", "已试制合格")
    window.complaints.clear()
    page.fill("[name=quantity]", "800")
    page.keyboard.press("Enter")
    page.get_by_text("已提出，等待审核。").wait_for()
    assert "已试制合格" in page.inner_text(".way") and f"人工提出：browser:{who}" in page.inner_text("main")
    assert page.get_by_role("button", name="通过").count() == (1 if who == "reviewer" else 0)
    window.check()


def test_without_scripts_a_near_miss_is_proposed_with_a_reason(at_own_desk: Look, own_desk: Desk) -> None:
    let_in(own_desk.database, days=75)
    page = at_own_desk("reviewer", scripts=False).page
    page.goto(f"{own_desk.base}/matching/lines/{SHAFT}/proposal?capability={OFFER.id}")
    page.fill("[name=amount]", "20000")
    page.fill("[name=note]", " ")
    propose(page)
    assert "只差一项：要求交期不超过 60 天" in page.inner_text('[role="alert"]')
    assert page.input_value("[name=amount]") == "20000"
    page.fill("[name=note]", "链主同意首批 75 天")
    propose(page)
    assert "已提出，等待审核。" in page.inner_text("main") and "不满足" in page.inner_text("main")
    page.goto(f"{own_desk.base}/matching/lines/{SHAFT}/proposal?capability={OFFER.id}")
    assert page.get_by_role("link", name="去看那一条").count() == 1
    assert page.get_by_role("button", name="提出这个配对").count() == 0


def test_from_a_near_miss_it_is_said_why_it_cannot_be_proposed(at_desk: Look, desk: Desk) -> None:
    window = at_desk("reviewer")
    page = window.open(f"/matching/runs/{desk.run_id}/lines/{HOUSING}")
    page.get_by_role("link", name="提出这一家").first.click()
    assert "这个配对不能提出" in page.inner_text("main")
    assert page.get_by_role("button", name="提出这个配对").count() == 0
    window.check()


def test_a_form_that_names_no_offer_is_refused_with_the_offers(at_desk: Look, desk: Desk) -> None:
    page = at_desk("reviewer").open(f"/matching/lines/{SHAFT}/proposal")
    form = {"csrf": CSRF, "capability_id": "x", "quantity": "1"}
    answer = page.request.post(f"{desk.base}/matching/lines/{SHAFT}/proposal", form=form)
    assert answer.status == 422 and "企业、供给能力或说明中的文字" in answer.text()


def test_who_only_reads_is_offered_nothing(at_desk: Look, desk: Desk) -> None:
    window = at_desk("auditor")
    page = window.open(f"/matching/runs/{desk.run_id}/lines/{HOUSING}")
    assert page.get_by_role("link", name="提出这一家").count() == 0
    assert page.get_by_role("link", name="人工提出一家").count() == 0
