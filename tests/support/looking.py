"""Looking at pages as people do: a browser, who signs in with it, and what must hold of every page that is opened."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Request, Response

from shared.db.database import Database
from shared.http.auth import ACCESS_COOKIE
from tests.support.queries import recorded

REPOSITORY = Path(__file__).resolve().parents[2]
AXE = REPOSITORY / "node_modules" / "axe-core" / "axe.min.js"
WIDE, NARROW = (1440, 900), (390, 844)
#: Statements that a page may send to both databases together; one for whom the session works is among them.
MOST_STATEMENTS = 30

_RUN_AXE = """async () => {
  const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];
  const found = (await axe.run(document, {runOnly: rules})).violations;
  return found.map(each => `${each.id}: ${each.help}: ${each.nodes.map(node => node.html.slice(0, 160)).join(" | ")}`);
}"""
_WATCH_POLICY = """window.broken = [];
document.addEventListener("securitypolicyviolation", each =>
  window.broken.push(`${each.violatedDirective} ${each.blockedURI} ${each.sample}`));"""


def chromium() -> str:
    """The path of Debian's Chromium; FileNotFoundError that says what to install."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        raise FileNotFoundError(
            "pages need Chromium and a Chinese font: apt-get install -y chromium fonts-wqy-microhei"
        )
    return found


@dataclass
class Onlooker:
    """One browser window, and everything that it complained about."""

    base: str
    context: BrowserContext
    page: Page
    databases: tuple[Database, ...]
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str, status: int = 200, statements: int = MOST_STATEMENTS) -> Page:
        """Open a page and hold it to what holds of every page, as wide as it is and as narrow as a phone."""
        with recorded_all(self.databases) as sent:
            answer: Response | None = self.page.goto(self.base + path)
        assert answer is not None and answer.status == status, f"{path}: {answer and answer.status}"
        total = sum(len(each) for each in sent)
        assert total <= statements, f"{path} sent {total} statements: " + "\n".join(
            one for each in sent for one in each
        )
        self.check()
        return self.page

    def check(self) -> None:
        """What is open now: no violation (axe), no complaint, nothing wider than the window, at both widths."""
        for width, height in (NARROW, WIDE):
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.wait_for_load_state("networkidle")
            self._check_width(width)
            self._check_axe(width)
        self.check_complaints()

    def check_complaints(self) -> None:
        """No error in the console, no broken policy, no request that failed."""
        told = [*self.complaints, *self.page.evaluate("window.broken ?? []")]
        assert not told, f"{self.page.url}: " + "\n".join(told)

    def _check_width(self, width: int) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{self.page.url} is {wide} pixels wide in a window of {width}"

    def _check_axe(self, width: int) -> None:
        if not self.page.evaluate("typeof axe !== 'undefined'"):
            # by the debugger and not by a tag: the page's own policy stays as strict as it is
            self.page.evaluate(AXE.read_text("utf-8") + "; undefined")
        found = self.page.evaluate(_RUN_AXE)
        assert not found, f"{self.page.url} at {width}: " + "\n".join(found)


@contextmanager
def recorded_all(databases: tuple[Database, ...]) -> Iterator[list[list[str]]]:
    """The statements that each database is sent, as they are sent."""
    with ExitStack() as opened:
        yield [opened.enter_context(recorded(each.engine)).sent for each in databases]


@contextmanager
def looking(
    browser: Browser, base: str, databases: tuple[Database, ...] = (), token: str | None = None, *, scripts: bool = True
) -> Iterator[Onlooker]:
    """A window of its own, of a visitor or the bearer of a token; without `scripts`, where they are switched off."""
    width, height = WIDE
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        java_script_enabled=scripts,
    )
    if token is not None:
        context.add_cookies([{"name": ACCESS_COOKIE, "value": token, "url": base}])
    context.add_init_script(_WATCH_POLICY)
    page = context.new_page()
    page.set_default_timeout(60_000)
    onlooker = Onlooker(base, context, page, databases)

    def note_failure(request: Request) -> None:
        if "ERR_ABORTED" not in (request.failure or ""):
            onlooker.complaints.append(f"failed: {request.url} {request.failure}")

    page.on("console", lambda said: onlooker.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: onlooker.complaints.append(str(error)))
    page.on("requestfailed", note_failure)
    yield onlooker
    context.close()
