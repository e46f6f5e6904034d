"""Needs without an industry class are classified by their words."""

from services.matching.engine.preparation.classing import classified
from services.matching.engine.preparation.encoding import columns_of
from tests.unit.matching.engine.build import PLAIN, capability, line, plan_of, snapshot


def test_a_need_gets_the_class_that_its_words_tell_and_the_columns_say_so() -> None:
    lines = [
        line("N1", class_code=None, part_name="滚动轴承"),
        line("N2"),
        line("N3", class_code=None, part_name="甲乙"),
    ]
    found, guessed = classified(snapshot(lines=lines))
    assert [row.class_code for row in found.lines] == ["3451", "3670", None]
    assert guessed == {0}
    assert columns_of(found, PLAIN, guessed).lines.class_guessed.tolist() == [True, False, False]


def test_where_every_class_is_known_nothing_is_read() -> None:
    known = snapshot()
    assert classified(known) == (known, frozenset())


def test_a_plan_searches_the_block_that_was_read_and_says_so() -> None:
    lines = [line("N1", class_code=None, part_name="滚动轴承"), line("N2")]
    offers = [capability(code, name="滚动轴承", class_code=code) for code in ("3451", "2911")]
    plan = plan_of(snapshot(lines=lines, capabilities=offers), PLAIN.model_copy(update={"candidates_per_need": 1}))
    assert [row.class_guessed for row in plan.funnels] == ["3451", None]
    assert plan.funnels[0].retrieved == 1
    assert {row.capability for row in plan.suggestions if row.line == 0} == {0}
