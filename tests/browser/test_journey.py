"""One journey through all roles: from a registration to the stage of a rate, in processes as they are deployed."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.embedded.postgres import EmbeddedServer
from shared.codes.credit_code import make
from tests.browser.journey import Town, on_a_phone, open_town
from tests.browser.signing_in import PASSWORD
from tests.spreadsheets import xlsx
from tests.support.looking import Onlooker
from tests.support.papers import PDF

SME, EMAIL = "辰压载泵有限公司（虚构）", "chen@firm.example"
CLUSTER = "船舶集群"
SHEETS = {
    "物料清单": [
        ["产品编码", "零部件编码", "零部件名称", "单位用量"],
        ["A-1", "PUMP", "压载泵", "400"],
    ],
    "配套需求": [
        ["产品编码", "零部件编码", "零部件名称", "计量单位", "单价（元）", "行业类别", "技术要求", "所需证书"],
        ["A-1", "PUMP", "压载泵", "件", "900", "3441", "船用压载泵", "ISO 9001"],
    ],
    "采购台账": [
        ["链主统一社会信用代码", "单据号", "零部件编码", "供应商名称", "供应商所在地", "期间", "金额（元，不含税）"],
        [make(1), "FP-PUMP", "PUMP", "外省泵厂（虚构）", "320500", "2025", "3600000"],
    ],
}


@pytest.fixture
def town(new_data_folder: Callable[[], Path], browser: Browser) -> Iterator[Town]:
    """A system of the journey's own."""
    folder = new_data_folder()
    with open_town(folder, browser) as opened:
        yield opened
    EmbeddedServer(folder / "postgres", say=lambda _: None).erase()


def test_from_a_registration_to_the_stage_of_a_rate(town: Town) -> None:
    register(town.window(), town)
    reviewer, leader = town.reviewer(), town.leader(town.world.enterprises["A"])
    verify(reviewer)
    import_demand(leader)
    match(reviewer)
    approve(reviewer)
    before = rate_of(reviewer, "accepted")
    accept(leader)
    consent(town.window(), town)
    assert before < rate_of(reviewer, "accepted") > rate_of(reviewer, "contracted")


def register(applicant: Onlooker, town: Town) -> None:
    """An SME goes through the wizard."""
    page = applicant.open("/")
    page.get_by_role("link", name="企业登记").click()
    applicant.check()
    page.get_by_role("button", name="开始登记").click()
    page.wait_for_url("**/form")
    fill(page, credit_code=make(90), name=SME)
    page.select_option("[name=region]", "370200")
    keep(applicant)
    capability = {"name": "压载泵", "spare_capacity": "3000", "capacity_unit": "件", "unit_price": "850"}
    fill(page, makes="船用压载泵", class_code="3441")
    fill(page, **{f"cap-0-{name}": value for name, value in {**capability, "lead_time_days": "30"}.items()})
    keep(applicant)
    fill(page, **{"cert-0-number": "Q-90", "cert-0-valid_until": "2028-12-31"})
    page.select_option("[name=cert-0-scheme]", "ISO 9001")
    keep(applicant)
    fill(page, contact_name="陈示例", contact_email=EMAIL)
    page.get_by_role("button", name="保存").click()
    page.get_by_role("button", name="发送验证码").click()
    expect(page.get_by_text("验证码已发出")).to_be_visible()
    told = re.search(r"[A-Z2-7]{4}-[A-Z2-7]{4}", town.letters.to(EMAIL, having="验证码是").get_content())
    assert told
    page.fill("[name=code]", told[0])
    page.get_by_role("button", name="验证并继续").click()
    add(page, "执照.pdf", "营业执照")
    add(page, "质量体系.pdf", "资质证书")
    page.goto(applicant.base + "/catalog/registration/form?step=certificates")
    page.select_option("[name=cert-0-document_id]", label="质量体系.pdf")
    keep(applicant)
    on_a_phone(applicant)
    page.goto(applicant.base + "/catalog/registration/form?step=submission")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("status")).to_contain_text("已提交")
    applicant.check()


def fill(page: Page, **fields: str) -> None:
    """Type into fields by their names."""
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)


def keep(applicant: Onlooker) -> None:
    """Keep a step of the wizard, and look at the next."""
    applicant.page.get_by_role("button", name="保存并继续").click()
    expect(applicant.page.get_by_role("status").first).to_contain_text("已保存")
    applicant.check()


def add(page: Page, name: str, kind: str) -> None:
    """Upload a document."""
    page.set_input_files("#f-file", {"name": name, "mimeType": "application/pdf", "buffer": PDF})
    page.select_option("#f-kind", label=kind)
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.get_by_role("row", name=name)).to_be_visible()


def verify(reviewer: Onlooker) -> None:
    """A reviewer takes the enterprise in."""
    page = reviewer.open("/catalog/registrations")
    page.get_by_role("link", name=SME).click()
    reviewer.check()
    page.get_by_role("button", name="开始审核").click()
    reviewer.check()
    on_a_phone(reviewer)
    page.fill("[name=reason]", "材料齐全")
    page.get_by_role("button", name="通过", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("已通过")
    reviewer.check()


def import_demand(leader: Onlooker) -> None:
    """The leader imports a bill of materials, needs and purchases."""
    page = leader.open("/matching/products")
    page.get_by_role("link", name="导入清单与采购").click()
    leader.check()
    page.set_input_files(
        "#f-file", {"name": "压载泵.xlsx", "mimeType": "application/octet-stream", "buffer": xlsx(SHEETS)}
    )
    page.get_by_role("button", name="上传", exact=True).click()
    leader.check()
    page.get_by_role("button", name="直接预览").click()
    expect(page.get_by_text("以下是预览")).to_be_visible()
    leader.check()
    on_a_phone(leader)
    page.get_by_role("button", name="导入没有问题的行").click()
    expect(page.get_by_role("status").first).to_contain_text("已导入")
    leader.check()


def match(reviewer: Onlooker) -> None:
    """The reviewer starts the matcher and waits for its end."""
    page = reviewer.open("/matching/runs")
    page.locator("#f-note").fill("全流程")
    page.get_by_role("button", name="启动", exact=True).click()
    expect(page.get_by_role("link", name="它的建议")).to_be_visible(timeout=240_000)
    reviewer.check()


def approve(reviewer: Onlooker) -> None:
    """The reviewer approves in the queue."""
    page = reviewer.page
    page.get_by_role("link", name="它的建议").click()
    reviewer.check()
    row = page.get_by_role("row", name="压载泵").filter(has_text=SME)
    on_a_phone(reviewer)
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="通过", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("已通过")
    reviewer.check()


def accept(leader: Onlooker) -> None:
    """The leader accepts on the page of the line."""
    page = leader.open("/matching/products")
    page.get_by_role("link", name="压载泵").click()
    leader.check()
    assert SME in page.inner_text("main")
    on_a_phone(leader)
    page.get_by_role("button", name="接受", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("已接受")
    leader.check()


def consent(sme: Onlooker, town: Town) -> None:
    """The SME opens its account by the letter's link, signs in, and consents on its home."""
    page = sme.page
    page.goto(f"{sme.base}/catalog/link#{town.letters.link_to(EMAIL)}")
    page.wait_for_selector("[name=password]")
    fill(page, name="陈示例", password=PASSWORD)
    page.get_by_role("button", name="完成").click()
    fill(page, email=EMAIL, password=PASSWORD)
    page.locator("main").get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="配套邀请")).to_be_visible()
    sme.check()
    page.get_by_role("link", name="压载泵").click()
    sme.check()
    on_a_phone(sme)
    page.get_by_role("button", name="同意").click()
    expect(page.get_by_role("status").first).to_contain_text("已同意")
    assert "甲船舶" in page.inner_text("main")
    sme.check()


def rate_of(reviewer: Onlooker, stage: str) -> Decimal:
    """The cluster's rate at a stage, in per cent, as the board shows it."""
    page = reviewer.open(f"/matching/rates?stage={stage}")
    row = page.locator("table.cards tr").filter(has=page.get_by_role("rowheader", name=CLUSTER))
    return Decimal(row.locator(".rate").inner_text().removesuffix("%"))
