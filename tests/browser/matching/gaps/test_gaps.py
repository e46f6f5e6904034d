"""Gaps: the diagnosis adds up on the page, cures are ranked, a line tells its funnel, a what-if is answered at once."""

from decimal import Decimal
from urllib.parse import quote

from playwright.sync_api import Page

from tests.browser.conftest import Look
from tests.browser.matching.conftest import Desk


def exact_amounts(page: Page, table: str) -> list[Decimal]:
    """The exact amounts of a table's rows, as whoever hovers reads them."""
    titles = page.locator(f"{table} .figure[title]").evaluate_all("all => all.map(each => each.title)")
    return [Decimal(title.removesuffix(" 元").replace(",", "")) for title in titles]


def test_the_diagnosis_adds_up_and_leads_on(at_desk: Look, desk: Desk) -> None:
    window = at_desk("reviewer")
    page = window.open("/matching/gaps")
    assert page.url.endswith(f"/matching/runs/{desk.run_id}/gaps")
    first, *lost, last = exact_amounts(page, "#diagnosis ~ details table")
    assert lost and first + sum(lost) == last
    page.get_by_role("link", name="示例机床集群").first.click()
    assert "of=MACHINE" in page.url
    page.get_by_role("link", name="涉及的企业与需求").click()
    window.check()
    page.locator("main ol.way a").first.click()
    assert "下一步" in page.inner_text(".alert")
    window.check()


def test_a_what_if_is_answered_and_its_address_says_what_was_asked(at_desk: Look, desk: Desk) -> None:
    window = at_desk("reviewer")
    page = window.open(f"/matching/runs/{desk.run_id}/what-if")
    options = page.locator("[name=certificate] option").evaluate_all("all => all.map(each => each.value)")
    asked = next(value for value in options if value)
    # the engine's first answer of all may take a while; then it says so, and one asks again
    for _ in range(120):
        answered = page.goto(f"{desk.base}/matching/runs/{desk.run_id}/what-if?certificate={quote(asked)}")
        assert answered is not None
        if answered.status == 200:
            break
        page.wait_for_timeout(2000)
    window.complaints.clear()
    assert "可达的配套多出" in page.inner_text("#answer")
    page.select_option("[name=certificate]", "")
    page.select_option("[name=supplier]", index=1)
    page.get_by_role("button", name="推演").click()
    page.get_by_text("可达的配套减少").wait_for()
    assert "supplier=" in page.url
    window.check()
