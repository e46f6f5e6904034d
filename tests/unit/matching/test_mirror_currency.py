"""The sentence that says as of when the mirror is."""

from dataclasses import replace
from datetime import UTC, datetime

from services.matching.mirror.currency import sentence
from services.matching.mirror.service import Position

THEN = datetime(2026, 11, 23, 16, 30, 5, tzinfo=UTC)
LEVEL = Position("e", "1:1", rebuilding=False, caught_up_at=THEN, last_change_at=None, last_applied_at=None)


def test_it_tells_the_moment_in_china_and_the_lag() -> None:
    assert sentence(LEVEL, THEN.replace(second=9)) == "目录数据截至 2026-11-24 00:30:05，滞后 4 秒。"
    assert sentence(LEVEL, THEN.replace(second=0)) == "目录数据截至 2026-11-24 00:30:05，滞后 0 秒。"


def test_it_tells_that_not_all_was_read() -> None:
    assert sentence(replace(LEVEL, caught_up_at=None), THEN) == "尚未读到目录的全部数据。"
    again = replace(LEVEL, rebuilding=True)
    assert sentence(again, THEN) == "正在从头重读目录；在此之前，数据截至 2026-11-24 00:30:05。"
