"""Pictures of the main pages, of the data of the last `make demo`, into docs/screens: `make screenshots`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from playwright.sync_api import Browser, sync_playwright

from deploy.embedded.__main__ import DATA
from deploy.embedded.stack import Stack, running_stack
from shared.http.auth import ACCESS_COOKIE
from shared.http.client import ApiClient
from shared.security.actor import Actor, Role
from shared.security.keys import SigningKey
from tests.support.looking import NARROW, WIDE, chromium

OUT = Path(__file__).resolve().parents[2] / "docs" / "screens"


def main(data: Path = DATA, out: Path = OUT) -> None:
    """Start what the last demo left, look at each page as its role, at both widths, and end it."""
    out.mkdir(parents=True, exist_ok=True)
    with running_stack(data) as stack, window() as browser:
        for name, path, token in pages(stack):
            for width, height in (WIDE, NARROW):
                take(browser, stack.base_url + path, token, (width, height), out / f"{name}-{width}.png")
                print(out / f"{name}-{width}.png")


@contextmanager
def window() -> Iterator[Browser]:
    """A browser."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield opened
        opened.close()


def pages(stack: Stack) -> Iterator[tuple[str, str, str | None]]:
    """The main pages: name, path, and the token of whoever looks."""
    with ApiClient(stack.base_url, stack.reviewer_token()) as client:
        product = client.get("/catalog/v1/products", limit=1)["items"][0]
        found = client.get("/matching/v1/suggestions", order="best", limit=1)["items"]
        registered = client.get("/catalog/v1/registrations", limit=1)["items"]
    reviewer = token(stack, Role.REVIEWER)
    leader = token(stack, Role.CHAIN_LEADER, UUID(product["leader_id"]))
    yield "front", "/", None
    yield "sign-in", "/catalog/sign-in", None
    yield "reviewer", "/", reviewer
    yield "queue", "/matching/suggestions", reviewer
    yield "runs", "/matching/runs", reviewer
    yield "gaps", "/matching/gaps", reviewer
    yield "rates", "/matching/rates?stage=suggested", reviewer
    yield "map", "/matching/map", reviewer
    yield "registrations", "/catalog/registrations?sort=-submitted_at", reviewer
    yield "audit", "/catalog/audit", reviewer
    yield "leader", "/matching/products", leader
    yield "product", f"/matching/products/{product['id']}", leader
    if registered:
        yield "registration", f"/catalog/registrations/{registered[0]['id']}", reviewer
    if found:
        yield "suggestion", f"/matching/suggestions/{found[0]['id']}", reviewer
        supplier = token(stack, Role.SUPPLIER, UUID(found[0]["supplier_id"]))
        yield "supplier", "/matching/invitations", supplier
        yield "capabilities", "/catalog/capabilities", supplier


def token(stack: Stack, role: Role, enterprise: UUID | None = None) -> str:
    """A token as a browser's cookie holds it, for an hour."""
    actor = Actor(f"screenshots:{role}", role, enterprise)
    return SigningKey(stack.keys.signing).sign(actor, timedelta(hours=1), datetime.now(UTC), "screenshots")


def take(browser: Browser, address: str, token: str | None, size: tuple[int, int], file: Path) -> None:
    """One picture, of what stands in the window."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    if token is not None:
        context.add_cookies([{"name": ACCESS_COOKIE, "value": token, "url": address}])
    page = context.new_page()
    answer = page.goto(address)
    if answer is None or not answer.ok:
        sys.exit(f"{address}: {answer and answer.status}")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=file)
    context.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
