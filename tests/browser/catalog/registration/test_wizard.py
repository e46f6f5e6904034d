"""An applicant goes through the wizard, by a proof of work or without scripts, and comes back by its code."""

from playwright.sync_api import Page

from shared.codes.credit_code import make
from tests.browser.conftest import Look

START = "/catalog/registration"


def saved(page: Page) -> None:
    """Keep the step and go on."""
    page.get_by_role("button", name="保存并继续").click()
    page.get_by_text("已保存。").wait_for()


def test_without_scripts_a_draft_is_kept_and_found_again(look_at_own: Look) -> None:
    applicant = look_at_own(scripts=False)
    page = applicant.page
    page.set_default_timeout(60_000)
    page.goto(applicant.base + START)
    page.get_by_role("button", name="开始登记").click()
    page.fill("[name=credit_code]", "91000000000000077")
    page.fill("[name=name]", "辛阀门（虚构）")
    page.get_by_role("button", name="保存并继续").click()
    told = page.inner_text("main")
    assert "统一社会信用代码应为 18 位，这里是 17 位；请按营业执照核对，补全 18 位代码。" in told
    assert page.input_value("[name=name]") == "辛阀门（虚构）"
    page.fill("[name=credit_code]", make(77))
    saved(page)
    page.fill("[name=cap-0-name]", "球墨铸铁阀门")
    page.fill("[name=cap-0-lead_time_days]", "30")
    saved(page)
    code = page.text_content(".secret") or ""
    elsewhere = look_at_own(scripts=False).page
    elsewhere.goto(applicant.base + START)
    elsewhere.fill("[name=registration_code]", code)
    elsewhere.get_by_role("button", name="继续").click()
    assert elsewhere.input_value("[name=name]") == "辛阀门（虚构）"
    elsewhere.goto(applicant.base + START + "/form?step=submission")
    elsewhere.get_by_role("button", name="提交").click()
    assert "请上传营业执照。" in elsewhere.inner_text("main")


def test_each_step_holds_what_pages_hold(look: Look) -> None:
    applicant = look()
    applicant.page.set_default_timeout(120_000)
    page = applicant.open(START)
    page.get_by_role("button", name="开始登记").click()
    page.wait_for_url("**/form")
    page.fill("[name=credit_code]", make(78))
    page.get_by_text("代码有效。").wait_for()
    for step in ("firm", "makes", "certificates", "contact", "documents", "submission"):
        applicant.open(f"{START}/form?step={step}")
