"""Matching's audit on its pages: a decision is found by the suggestion that it was about."""

from tests.browser.conftest import Look


def test_a_decision_is_told_with_who_and_why(at_own_desk: Look) -> None:
    reviewer, auditor = at_own_desk("reviewer"), at_own_desk("auditor")
    page = reviewer.open("/matching/suggestions")
    address = page.locator("tr[data-row] a").first.get_attribute("href") or ""
    page.goto(reviewer.base + address)
    page.fill("[name=reason]", "等待新报价")
    page.get_by_role("button", name="暂缓").click()
    page.get_by_text("已暂缓。").wait_for()
    id = address.rpartition("/")[2]
    page = auditor.open(f"/matching/audit?kind=suggestion&entity={id}")
    told = page.locator("tbody").first.inner_text()
    assert "browser:reviewer" in told and "等待新报价" in told and "暂缓" in told and "待审核" in told
    page = auditor.open("/matching/audit?kind=run")
    page.get_by_role("link", name="目录").first.wait_for()
    page = auditor.open("/matching/audit?who=browser:reviewer")
    page.locator("tbody th a").first.click()
    auditor.check()
    assert "变更前后" in page.inner_text("main")
