"""The page about registration says what the table says, and its solver solves."""

import re
from datetime import UTC, datetime
from typing import Any

from services.catalog.registration.manual import ROUTES, page
from services.catalog.registration.proofs import new_challenge, solve
from services.catalog.registration.rules import Verb
from tests.conftest import REPOSITORY


def test_the_page_is_that_of_the_table() -> None:
    assert (REPOSITORY / "docs/registration.md").read_text("utf-8") == page()


def test_every_verb_has_its_route() -> None:
    assert ROUTES.keys() == set(Verb)


def test_the_lines_of_the_page_find_what_the_reference_solver_finds() -> None:
    told = new_challenge("key", 10, datetime(2026, 3, 31, tzinfo=UTC))
    printed = re.search(r"```python\n(.*?)```", page(), re.DOTALL)
    assert printed
    names: dict[str, Any] = {}
    exec(printed[1], names)
    assert names["solve"](told.text, told.bits) == solve(told.text, told.bits)
