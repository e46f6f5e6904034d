"""The queue: filters in the address, decisions on many, undo, by keyboard alone, without scripts; who else looks."""

from playwright.sync_api import Page

from services.matching.suggestions.models import Suggestion
from tests.browser.conftest import Look
from tests.browser.matching.conftest import Desk

QUEUE = "/matching/suggestions"


def rows(page: Page) -> int:
    """How many suggestions are listed."""
    return page.locator("tr[data-row]").count()


def state_of_first(desk: Desk, page: Page) -> str:
    """The state of the first suggestion of the list, as the database has it."""
    id = page.locator("tr[data-row] [name=item]").first.get_attribute("value")
    assert id is not None
    with desk.database.session() as session:
        found = session.get(Suggestion, id.partition(":")[0])
        assert found is not None
        return found.state


def test_filters_combine_and_stay_in_the_address(at_desk: Look) -> None:
    window = at_desk("reviewer")
    page = window.open(QUEUE)
    assert page.url.endswith("?state=proposed&order=best")
    listed = rows(page)
    assert listed > 1
    page.select_option("[name=city]", label="烟台")
    page.fill("[name=most_score]", "1000")
    page.get_by_role("button", name="筛选").click()
    assert 0 < rows(page) < listed
    assert "city=370600" in page.url and "most_score=1000" in page.url and "cluster" not in page.url
    export = page.get_by_role("link", name="导出 xlsx").get_attribute("href")
    assert export is not None and "city=370600" in export and "state=proposed" in export
    assert page.request.get(window.base + export).status == 200
    page.get_by_role("link", name="评分").first.click()
    assert "order=score" in page.url and "city=370600" in page.url
    page.goto(f"{page.url}&class_code=13")
    assert "没有符合这些条件的建议" in page.inner_text("main")
    window.check()


def test_the_queue_by_keyboard_alone(at_own_desk: Look, own_desk: Desk) -> None:
    window = at_own_desk("reviewer")
    page = window.open(QUEUE)
    listed = rows(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.locator("tr.current").count() == 1
    page.keyboard.press("a")
    page.get_by_text("已通过。").wait_for()
    assert rows(page) == listed - 1
    page.keyboard.press("u")
    page.get_by_text("已重新列为待审核。").wait_for()
    assert rows(page) == listed
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.keyboard.type("报价待核实")
    page.keyboard.press("Enter")
    page.get_by_text("已否决。").wait_for()
    assert rows(page) == listed - 1
    window.check()
    page.goto(own_desk.base + QUEUE + "?state=rejected&order=newest")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_text("报价待核实").wait_for()


def test_without_scripts_a_refusal_keeps_what_was_typed(at_own_desk: Look, own_desk: Desk) -> None:
    page = at_own_desk("reviewer", scripts=False).page
    page.goto(own_desk.base + QUEUE)
    page.locator("[name=item]").nth(0).check()
    page.locator("[name=item]").nth(1).check()
    page.get_by_role("button", name="否决").click()
    assert "否决须说明理由。" in page.inner_text("main")
    assert page.locator("[name=item]:checked").count() == 2
    page.fill("[name=reason]", "本批暂不考虑")
    listed = rows(page)
    page.get_by_role("button", name="否决").click()
    assert rows(page) == listed - 2
    assert "刚才处理了 2 条。" in page.inner_text("main")
    page.get_by_role("button", name="撤销").click()
    assert rows(page) == listed


def test_two_at_once_are_told_and_nothing_is_half_done(at_own_desk: Look, own_desk: Desk) -> None:
    one, other = at_own_desk("reviewer"), at_own_desk("reviewer two")
    page, later = one.open(QUEUE), other.open(QUEUE)
    page.reload()
    assert "browser:reviewer two" in page.inner_text("#lookers")
    page.locator("[name=item]").first.check()
    page.get_by_role("button", name="通过").click()
    page.get_by_text("已通过。").wait_for()
    later.locator("[name=item]").nth(0).check()
    later.locator("[name=item]").nth(1).check()
    later.fill("[name=reason]", "产能不足")
    later.get_by_role("button", name="否决").click()
    refused = later.inner_text('[role="alert"]')
    assert "整批未执行" in refused and "请重新读取后再提交" in refused
    assert later.input_value("[name=reason]") == "产能不足"
    assert state_of_first(own_desk, later) == "proposed"


def test_what_is_ticked_is_given_to_one_reviewer_without_scripts(at_own_desk: Look, own_desk: Desk) -> None:
    at_own_desk("reviewer two").open(QUEUE)
    page = at_own_desk("reviewer", scripts=False).page
    page.goto(own_desk.base + QUEUE)
    listed = rows(page)
    page.locator("[name=item]").nth(0).check()
    page.locator("[name=item]").nth(1).check()
    page.get_by_role("button", name="指派").click()
    assert "指派已保存。" in page.inner_text("main") and page.get_by_text("由我处理").count() == 2
    page.locator("[name=item]").nth(0).check()
    page.select_option("[name=assignee]", "browser:reviewer two")
    page.get_by_role("button", name="指派").click()
    assert page.get_by_text("由browser:reviewer two处理").count() == 1
    page.goto(f"{page.url}&mine=true")
    assert rows(page) == 1
    page.goto(own_desk.base + QUEUE + "?state=proposed&assigned=false")
    assert rows(page) == listed - 2
    page.goto(own_desk.base + QUEUE + "?state=proposed&assigned=true")
    page.get_by_role("button", name="指派").click()
    assert "需要更正" in page.inner_text('[role="alert"]')
    assert page.input_value("[name=assignee]") == "browser:reviewer"
