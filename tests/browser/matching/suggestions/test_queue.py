"""The queue: filters in the address, decisions on many, undo, by keyboard alone, without scripts; who else looks."""

from tests.browser.conftest import Look

QUEUE = "/matching/suggestions"


def test_what_awaits_review_is_shown_under_filters_that_the_address_keeps(at_desk: Look) -> None:
    page = at_desk("reviewer").open(QUEUE)
    assert page.url.endswith("?state=proposed&order=best")
    all_rows = page.locator("tr[data-row]").count()
    assert all_rows > 2
