"""The feed's cursor as text."""

import pytest

from services.catalog.feed.rules import START, Cursor, InvalidCursor


def test_a_cursor_is_read_as_it_was_written() -> None:
    assert Cursor.parse("741:12") == Cursor(741, 12)
    assert Cursor.parse("741:12:3") == Cursor(741, 12, 3)
    assert Cursor.parse(str(START)) == START


@pytest.mark.parametrize(
    "text", ["", "7", "7:", ":7", "-1:2", "7:8:", "7:8:9:1", "７:８", "1:x", "9223372036854775808:1", " 1:2"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidCursor):
        Cursor.parse(text)
