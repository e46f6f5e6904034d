"""Where a browser may be sent, and addresses with something changed."""

import pytest
from starlette.requests import Request

from shared.ui.languages import Language
from shared.ui.screens import View, language_of, local, renewal, with_next


def request(query: str = "", cookie: str = "") -> Request:
    """A look at /matching/rates."""
    headers = [(b"cookie", cookie.encode())]
    scope = {"type": "http", "method": "GET", "path": "/matching/rates", "query_string": query.encode()}
    return Request({**scope, "headers": headers, "server": ("x.example", 80), "scheme": "http"})


@pytest.mark.parametrize("address", ["/", "/matching/rates?by=city", "/catalog/account"])
def test_our_own_addresses_are_followed(address: str) -> None:
    assert local(address) == address


@pytest.mark.parametrize("address", ["https://e.example/", "//e.example", "/\\e.example", "javascript:x", "", "/a\nb"])
def test_no_other_address_is(address: str) -> None:
    assert local(address) == "/"


def test_where_to_go_after_a_step() -> None:
    assert with_next("/catalog/sign-in", "/a?b=c") == "/catalog/sign-in?next=%2Fa%3Fb%3Dc"
    assert renewal(request("by=city")) == "/catalog/session/renewal?next=%2Fmatching%2Frates%3Fby%3Dcity"


def test_an_address_with_something_changed() -> None:
    view = View(request("by=city&after=x&lang=en"), None, Language.ENGLISH)
    assert view.here(sort="-score", after=None) == "/matching/rates?by=city&sort=-score"
    assert view.here(lang=Language.CHINESE) == "/matching/rates?by=city&after=x&lang=zh-CN"


def test_the_language_is_the_one_that_was_chosen() -> None:
    assert language_of(request()) is Language.CHINESE
    assert language_of(request("lang=en")) is Language.ENGLISH
    assert language_of(request(cookie="xieshou-language=en")) is Language.ENGLISH
    assert language_of(request("lang=xx")) is Language.CHINESE
