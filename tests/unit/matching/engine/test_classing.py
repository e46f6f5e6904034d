"""Needs without an industry class are classified by their words."""

from services.matching.engine.classing import classified
from services.matching.engine.encoding import columns_of
from tests.unit.matching.engine.build import PLAIN, line, snapshot


def test_a_need_gets_the_class_that_its_words_tell_and_the_columns_say_so() -> None:
    lines = [
        line("N1", class_code=None, part_name="滚动轴承"),
        line("N2"),
        line("N3", class_code=None, part_name="甲乙"),
    ]
    found, guessed = classified(snapshot(lines=lines))
    assert [row.class_code for row in found.lines] == ["3451", "3670", None]
    assert guessed == {"N1"}
    assert columns_of(found, PLAIN, guessed).lines.class_guessed.tolist() == [True, False, False]


def test_where_every_class_is_known_nothing_is_read() -> None:
    known = snapshot()
    assert classified(known) == (known, frozenset())
