"""One registration on its page: all that speaks for it, and each decision, with scripts and without."""

from typing import Any
from uuid import uuid4

from playwright.sync_api import Page

from tests.browser.conftest import Look
from tests.support.applicant import FIELDS, Applicant, decide, in_review, ready, submitted
from tests.support.identity_desk import Desk
from tests.support.papers import png

LIST = "/catalog/registrations"


def at(page: Page, office: Desk, applicant: Applicant) -> Page:
    """The page of a registration."""
    page.goto(f"{office.base}{LIST}/{applicant.id}")
    return page


def press(page: Page, name: str) -> None:
    """Press a button by its exact name."""
    page.get_by_role("button", name=name, exact=True).click()


def with_certificates(office: Desk, **fields: Any) -> Applicant:
    """A registration in review with a certificate that is shown, one that is over, and a name that is no product's."""
    applicant = ready(office, capabilities=[*FIELDS["capabilities"], {"code": "C-2", "name": "电力仓储"}], **fields)
    paper = applicant.upload(png(), "体系证书.png", "certificate").json()
    shown = {"scheme": "IATF 16949", "number": "虚构-1", "valid_until": "2099-01-01", "document_id": paper["id"]}
    lapsed = {"scheme": "ISO 14001", "number": "虚构-2", "valid_until": "2025-01-01"}
    assert applicant.save(certificates=[shown, lapsed], staff=120, revenue_wan="5600").status_code == 200
    assert applicant.submit().status_code == 200
    assert decide(office.operator, applicant.id, "review").status_code == 200
    return applicant


def test_each_requirement_is_told_with_what_is_recognised(at_office: Look, office: Desk) -> None:
    office.clock.forward(hours=2)
    applicant = with_certificates(office)
    window = at_office("reviewer")
    page = window.open(f"{LIST}/{applicant.id}")
    told = page.inner_text("main")
    for said in (
        "18 位，校验位正确。",
        "登记机关地区为 000000",
        "为小型企业",
        "邮箱已验证",
        "有扫描件，通过之后记为“已见原件”",
        "已过期",
        "只写了经营活动",
        "没有名称相近的企业。",
    ):
        assert said in told, said
    with page.expect_download() as download:
        page.get_by_role("link", name="体系证书.png").first.click()
    assert download.value.suggested_filename == "体系证书.png"
    page.goto(f"{window.base}{LIST}/{applicant.id}?lang=en")
    assert "The address is verified" in page.inner_text("main")


def test_returned_field_by_field_corrected_and_verified_without_scripts(at_office: Look, office: Desk) -> None:
    office.clock.forward(hours=2)
    applicant = submitted(office)
    page = at(at_office("reviewer", scripts=False).page, office, applicant)
    press(page, "开始审核")
    assert "已开始审核" in page.inner_text('[role="status"]')
    press(page, "退回更正")
    assert "请在要更正的各项旁边写明怎样更正" in page.inner_text('[role="alert"]')
    page.fill("[name='/name']", "与营业执照不一致")
    page.fill("[name='/capabilities/0']", "请写明公称通径")
    page.fill("[name=reason]", "两处")
    press(page, "通过")
    assert "有的项目旁边还写着更正意见" in page.inner_text('[role="alert"]')
    assert page.input_value("[name='/capabilities/0']") == "请写明公称通径"
    assert page.input_value("[name=reason]") == "两处"
    press(page, "退回更正")
    assert "已退回，更正意见已发给申请人。" in page.inner_text("main")
    assert "供给能力 1：请写明公称通径" in page.inner_text("main")
    assert applicant.get()["returned"] == [
        {"pointer": "/name", "reason": "与营业执照不一致"},
        {"pointer": "/capabilities/0", "reason": "请写明公称通径"},
    ]
    assert applicant.save(name="更正阀门有限公司（虚构）").status_code == 200
    assert applicant.submit().status_code == 200
    at(page, office, applicant)
    press(page, "开始审核")
    press(page, "通过")
    assert "已通过，邀请已发给联系人。" in page.inner_text("main")
    assert applicant.get()["state"] == "verified"
    assert office.letters.link_to(applicant.email)


def test_a_refusal_needs_a_reason_and_the_keyboard_is_enough(at_office: Look, office: Desk) -> None:
    office.clock.forward(hours=2)
    applicant = in_review(office)
    window = at_office("reviewer")
    page = window.open(f"{LIST}/{applicant.id}")
    page.locator("[name='/name']").focus()
    page.keyboard.press("Enter")
    assert applicant.get()["state"] == "in_review", "Enter in a correction sends nothing"
    page.locator("[name='/name']").fill("")
    page.get_by_role("button", name="驳回", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert "至少 1 个字符。" in page.inner_text("#n-reason")
    page.locator("[name=reason]").focus()
    page.keyboard.type("查无此企业")
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("已驳回，理由已发给申请人。").wait_for()
    window.complaints.clear()  # the browser tells of a refusal (422) in its console
    window.check()
    assert (applicant.get()["state"], applicant.get()["reason"]) == ("refused", "查无此企业")


def test_who_comes_second_is_told_and_keeps_what_was_typed(at_office: Look, office: Desk) -> None:
    office.clock.forward(hours=2)
    applicant = in_review(office)
    page = at(at_office("reviewer").page, office, applicant)
    page.fill("[name='/region']", "请对照住所")
    page.fill("[name=reason]", "请更正")
    returned = {"fields": [{"pointer": "/name", "reason": "不一致"}]}
    assert decide(office.operator, applicant.id, "return", **returned).status_code == 200
    applicant.get()
    assert applicant.submit().status_code == 200
    assert decide(office.operator, applicant.id, "review").status_code == 200
    press(page, "退回更正")
    refused = page.inner_text('[role="alert"]')
    assert "内容已被他人修改" in refused and "请重新读取后再提交。" in refused
    assert (page.input_value("[name='/region']"), page.input_value("[name=reason]")) == ("请对照住所", "请更正")
    page.goto(page.url)  # the address of the decision, asked for, is the registration
    assert page.url.endswith(f"{LIST}/{applicant.id}")
    page.fill("[name='/region']", "请对照住所")
    press(page, "退回更正")
    page.get_by_text("已退回，更正意见已发给申请人。").wait_for()


def test_a_claim_is_seen_beside_what_it_claims_and_decided(at_office: Look, office: Desk) -> None:
    office.clock.forward(hours=2)
    owner = in_review(office)
    code = owner.get()["credit_code"]
    rival = submitted(office, credit_code=code, name="认领阀门（虚构）", staff=9)
    assert decide(office.operator, owner.id, "verification").status_code == 200
    window = at_office("reviewer")
    page = window.open(f"{LIST}/{rival.id}")
    assert "此代码已登记为" in page.inner_text("main")
    press(page, "开始审核")
    assert page.get_by_role("button", name="通过", exact=True).count() == 0
    claimed = page.locator("section").filter(has=page.get_by_role("heading", name="认领的企业")).inner_text()
    assert "现有记录" in claimed and "认领阀门（虚构） 不同" in claimed
    press(page, "认定认领")
    page.get_by_role("alert").wait_for()
    page.fill("[name=reason]", "执照与授权书已核对")
    press(page, "认定认领")
    page.get_by_text("认领成立，邀请已发给联系人。").wait_for()
    window.complaints.clear()  # the browser tells of a refusal (422) in its console
    window.check()
    assert rival.get()["state"] == "verified"


def test_a_code_that_was_taken_meanwhile_makes_it_a_claim(at_office: Look, office: Desk) -> None:
    office.clock.forward(hours=2)
    applicant = in_review(office)
    page = at(at_office("reviewer", scripts=False).page, office, applicant)
    taken = {"credit_code": applicant.get()["credit_code"], "name": "捷足阀门（虚构）", "is_supplier": True}
    assert office.operator.post("/enterprises", json=taken).status_code == 201
    page.fill("[name=reason]", "核对无误")
    press(page, "通过")
    assert "申请已转为认领" in page.inner_text('[role="alert"]')
    assert page.input_value("[name=reason]") == "核对无误"
    press(page, "驳回认领")
    assert "认领已驳回，理由已发给申请人。" in page.inner_text("main")


def test_an_older_record_of_the_firm_is_merged_once_it_is_verified(at_office: Look, office: Desk) -> None:
    office.clock.forward(hours=2)
    old = {"source_key": f"list:{uuid4().hex}", "name": "鲁中双联阀门（虚构）", "is_supplier": True}
    assert office.operator.post("/enterprises", json=old).status_code == 201
    applicant = in_review(office, name="鲁中双联阀门有限公司（虚构）")
    window = at_office("reviewer")
    page = window.open(f"{LIST}/{applicant.id}")
    assert "可以在这里把它并入" in page.inner_text("#doubles")
    press(page, "通过")
    page.get_by_label("把“鲁中双联阀门（虚构）”并入这家企业").check()
    press(page, "并入这家企业")
    page.get_by_role("alert").wait_for()
    assert page.get_by_label("把“鲁中双联阀门（虚构）”并入这家企业").is_checked()
    page.fill("[name=merge_reason]", "同一住所")
    press(page, "并入这家企业")
    page.get_by_text("已并入这家企业。").wait_for()
    assert "已注销" in page.inner_text("#doubles") or "没有名称相近的企业" in page.inner_text("#doubles")


def test_an_auditor_reads_and_decides_nothing(at_office: Look, office: Desk) -> None:
    office.clock.forward(hours=2)
    page = at_office("auditor").open(f"{LIST}/{in_review(office).id}")
    assert page.get_by_role("heading", name="供给能力").is_visible()
    assert page.locator("main form, main textarea").count() == 0
