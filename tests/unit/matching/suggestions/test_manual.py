"""The page about the way of a suggestion says what the table says."""

from services.matching.suggestions.manual import BY_ITSELF, ROUTES, page
from services.matching.suggestions.rules import TRANSITIONS, Verb, roles_of
from shared.security.actor import Role
from tests.conftest import REPOSITORY


def test_the_page_is_that_of_the_table() -> None:
    assert (REPOSITORY / "docs/suggestions.md").read_text("utf-8") == page()


def test_every_verb_has_its_route_or_its_occasion() -> None:
    for verb in Verb:
        assert (verb in ROUTES) == (roles_of(verb) != {Role.SERVICE})
        by_itself = any(Role.SERVICE in row.roles for (_, each), row in TRANSITIONS.items() if each is verb)
        assert (verb in BY_ITSELF) == by_itself
