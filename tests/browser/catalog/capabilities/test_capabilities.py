"""A supplier keeps what it can make: adds, changes, takes out; problems in place, two at once, without scripts."""

from tests.browser.conftest import Look

PAGE = "/catalog/capabilities"


def test_a_firm_changes_what_it_can_make_and_is_told_of_problems_in_place(look_at_own: Look) -> None:
    firm, colleague = look_at_own("supplier"), look_at_own("supplier")
    page = firm.open(PAGE)
    assert page.locator("tbody tr").count() == 1
    page.get_by_role("link", name="near 的产品").click()
    firm.check()
    later = colleague.open(page.url.removeprefix(firm.base))
    page.fill("[name=unit_price]", "12.50")
    page.fill("[name=capacity_unit]", "麻袋")
    page.fill("[name=parameters]", "外径 大约")
    page.get_by_role("button", name="保存").click()
    assert "外径" in page.inner_text("#n-parameters") and page.input_value("[name=unit_price]") == "12.50"
    page.fill("[name=parameters]", "外径 0.1～0.25 m；壁厚不小于4")
    page.get_by_role("button", name="保存").click()
    assert "没有代码为“麻袋”的计量单位" in page.inner_text("#n-capacity_unit")
    page.fill("[name=capacity_unit]", "件")
    page.fill("[name=processes]", "高压压铸，车削")
    page.select_option("[name=disclosure]", "partners")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("已保存。").wait_for()
    assert page.input_value("[name=unit_price]") == "12.5" and page.input_value("[name=disclosure]") == "partners"
    assert page.input_value("[name=parameters]") == "外径 100~250 mm；壁厚 ≥ 4 mm"
    firm.complaints.clear()  # the browser tells of refusals (422) in its console
    firm.check()
    later.fill("[name=unit_price]", "13")
    later.get_by_role("button", name="保存").click()
    assert "内容已被他人修改" in later.inner_text('[role="alert"]')
    assert "现在的记录：12.5" in later.inner_text("#n-unit_price") and later.input_value("[name=unit_price]") == "13"


def test_a_firm_adds_one_and_takes_it_out_without_scripts(look_at_own: Look) -> None:
    firm = look_at_own("supplier", scripts=False)
    page = firm.page
    page.goto(firm.base + PAGE)
    page.get_by_role("link", name="新增一项").click()
    page.fill("[name=code]", "C-1")
    page.fill("[name=name]", "密封圈")
    page.get_by_role("button", name="登记").click()
    assert "已有同一供给能力" in page.inner_text('[role="alert"]') and page.input_value("[name=name]") == "密封圈"
    page.fill("[name=code]", "C-2")
    page.fill("[name=name]", "设备租赁")
    page.get_by_role("button", name="登记").click()
    assert "不作为供给能力" in page.inner_text('[role="alert"]')
    page.fill("[name=name]", "密封圈")
    page.fill("[name=spare_capacity]", "5000")
    page.fill("[name=capacity_unit]", "件")
    page.get_by_role("button", name="登记").click()
    assert "已登记。" in page.inner_text("main")
    page.get_by_text("撤下这项能力").click()
    page.get_by_role("button", name="撤下").click()
    assert page.locator("#n-reason").is_visible()
    page.fill("[name=reason]", "停产")
    page.get_by_role("button", name="撤下").click()
    told = page.inner_text("main")
    assert "已撤下；历史保留。" in told and "密封圈" not in told


def test_only_suppliers_have_the_page(look: Look) -> None:
    leader = look("leader")
    answer = leader.page.goto(leader.base + PAGE)
    assert answer is not None and answer.status == 403
