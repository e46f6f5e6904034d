"""One suggestion: evidence by requirement, history, decisions, and what two at once are told."""

from tests.browser.conftest import Look

FIRST = "tr[data-row] a"


def test_a_suggestion_shows_its_evidence_and_moves(at_own_desk: Look) -> None:
    window, other = at_own_desk("reviewer"), at_own_desk("reviewer two")
    address = window.open("/matching/suggestions").locator(FIRST).first.get_attribute("href") or ""
    page = window.open(address)
    for said in ("要求 ISO 9001", "企业登记", "品名与描述相符", "合计", "提出"):
        assert said in page.inner_text("main"), said
    later = other.open(address)
    page.get_by_role("button", name="通过").click()
    page.get_by_text("已通过。").wait_for()
    later.fill("[name=reason]", "等待新报价")
    later.get_by_role("button", name="暂缓").click()
    assert "内容已被他人修改" in later.inner_text('[role="alert"]')
    assert later.input_value("[name=reason]") == "等待新报价"
    page.get_by_role("button", name="重新审核").click()
    assert "重新审核须说明理由。" in page.inner_text('[role="alert"]')
    page.fill("[name=reason]", "证书待核实")
    page.get_by_role("button", name="重新审核").click()
    page.get_by_text("已重新列为待审核。").wait_for()
    window.complaints.clear()  # the browser tells of a refusal (422) in its console
    assert "证书待核实" in page.inner_text("main")
    window.check()


def test_a_suggestion_is_given_to_a_reviewer_and_to_nobody(at_own_desk: Look) -> None:
    window, other = at_own_desk("reviewer"), at_own_desk("reviewer two")
    address = window.open("/matching/suggestions").locator(FIRST).first.get_attribute("href") or ""
    later, page = other.open(address), window.open(address)
    page.select_option("[name=assignee]", "browser:reviewer two")
    page.get_by_role("button", name="指派").click()
    page.get_by_text("指派给 browser:reviewer two").wait_for()
    assert page.input_value("[name=assignee]") == "browser:reviewer two"
    window.check()
    later.get_by_role("button", name="指派").click()
    assert "内容已被他人修改" in later.inner_text('[role="alert"]')
    page.select_option("[name=assignee]", "")
    page.get_by_role("button", name="指派").click()
    page.get_by_text("取消指派").wait_for()


def test_an_auditor_reads_and_decides_nothing(at_desk: Look) -> None:
    page = at_desk("auditor").open("/matching/suggestions")
    assert page.get_by_role("button", name="通过").count() == 0
    assert page.get_by_role("button", name="指派").count() == 0
    page.locator(FIRST).first.click()
    assert page.get_by_role("heading", name="逐项要求").is_visible()
    assert page.get_by_role("heading", name="决定").count() == 0
