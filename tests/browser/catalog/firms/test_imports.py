"""A leader imports: a broken file, columns of others, a preview with problems in place, writing and taking back."""

from playwright.sync_api import Page

from tests.browser.conftest import Look

ROWS = "产品编码,零部件编码,零部件名称,每台用量\nA-1,SEAL,密封圈,6\nA-1,GASKET,垫片,许多\n"


def send(page: Page, name: str, content: bytes, kind: str = "") -> None:
    """Upload a file."""
    page.set_input_files("#f-file", {"name": name, "mimeType": "application/octet-stream", "buffer": content})
    page.select_option("#f-kind", kind)
    page.locator("form[enctype] button").click()


def test_import_by_steps(look_at_own: Look) -> None:
    leader = look_at_own("leader")
    leader.page.set_default_timeout(60_000)
    page = leader.open("/catalog/imports")
    send(page, "清单.csv", ROWS.encode(), "bom_lines")
    leader.check()
    page.select_option("#f-0-3", label="单位用量")
    page.get_by_role("button", name="按此对应并预览").click()
    leader.check()
    told = page.inner_text("main")
    assert "以下是预览，还没有写入。" in told and "许多" in told
    page.get_by_role("button", name="导入没有问题的行").click()
    leader.check()
    assert "已导入。" in page.inner_text("main")
    rows = page.request.get(page.get_by_role("link", name="导出 xlsx").evaluate("link => link.href"))
    assert rows.ok and "spreadsheetml" in rows.headers["content-type"]
    page.get_by_text("整体撤销这次导入").click()
    page.fill("[name=reason]", "发错了文件")
    page.get_by_role("button", name="撤销").click()
    assert "已整体撤销。" in page.inner_text("main")
    kept = leader.open("/catalog/imports").get_by_role("link", name="导出导入记录")
    assert page.request.get(kept.evaluate("link => link.href")).ok


def test_a_broken_file_is_refused_on_the_page(look: Look) -> None:
    leader = look("leader", scripts=False)
    leader.page.set_default_timeout(60_000)
    leader.page.goto(leader.base + "/catalog/imports")
    send(leader.page, "清单.xlsx", b"PK\x03\x04 no workbook")
    told = leader.page.inner_text("main")
    assert "文件无法导入" in told and "工作簿已损坏或不完整，无法打开。" in told
