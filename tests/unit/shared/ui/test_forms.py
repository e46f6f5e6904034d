"""What people type into forms, as values."""

import pytest

from shared.ui.forms import words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [("", []), (" 、，", []), ("车削、磨削", ["车削", "磨削"]), (" 车削， 磨削;铣削 ,", ["车削", "磨削", "铣削"])],
)
def test_words_are_parted_as_people_part_them(text: str, words: list[str]) -> None:
    assert words_of(text) == words
