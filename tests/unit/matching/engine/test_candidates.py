"""Which capabilities are tried for which line."""

from typing import Any

from services.matching.engine.candidates import NeedWords, retrieve
from services.matching.engine.policy import Policy
from tests.unit.matching.engine.build import PLAIN, capability, line, snapshot

ONE = PLAIN.model_copy(update={"candidates_per_need": 1})
ALL = PLAIN.model_copy(update={"candidates_per_need": None})


def hits(policy: Policy, asked: dict[str, Any], *offered: dict[str, Any]) -> list[int]:
    """The capabilities found for the first line, best first."""
    rows = [capability(f"C{number}", **changes) for number, changes in enumerate(offered)]
    return [hit.capability for hit in retrieve(snapshot(lines=[line(**asked)], capabilities=rows), policy)[0]]


def test_the_own_block_comes_first_and_is_enough_when_it_lacks_nothing() -> None:
    assert hits(ONE, {}, {"class_code": "3484"}, {"class_code": "3670"}) == [1]


def test_a_wider_block_is_searched_for_what_the_own_one_lacks() -> None:
    two = PLAIN.model_copy(update={"candidates_per_need": 2})
    assert hits(two, {}, {"class_code": "3484"}, {"class_code": "3612"}, {"class_code": "3670"}) == [2, 1]
    assert hits(ONE, {"class_code": "3670"}, {"class_code": "2911"}) == [0]


def test_offers_of_a_coarse_or_unknown_class_are_in_every_block() -> None:
    offered = ({"class_code": "36"}, {"class_code": None}, {"class_code": "3670"})
    assert sorted(hits(PLAIN.model_copy(update={"candidates_per_need": 3}), {}, *offered)) == [0, 1, 2]


def test_a_need_without_class_is_searched_for_everywhere() -> None:
    assert sorted(hits(ONE, {"class_code": None}, {"class_code": "3484"}, {"class_code": "2911"})) == [0, 1]


def test_without_a_cut_off_every_block_is_searched() -> None:
    assert sorted(hits(ALL, {}, {"class_code": "3670"}, {"class_code": "2911"})) == [0, 1]


def test_synonyms_match_and_other_things_do_not() -> None:
    assert hits(ALL, {"part_name": "减振器"}, {"name": "减震器"}, {"name": "轮胎"}) == [0]


def test_the_text_floor_is_a_share_of_the_needs_own_words() -> None:
    asked = {"part_name": "液压油缸", "text": "不锈钢 轴承 齿轮 电机 弹簧"}
    offered = ({"name": "轴承"},)
    assert hits(ALL.model_copy(update={"text_floor": 0.05}), asked, *offered) == [0]
    assert hits(ALL.model_copy(update={"text_floor": 0.5}), asked, *offered) == []


def test_the_measure_counts_the_name_half_and_rare_words_more() -> None:
    needs = NeedWords([line(part_name="轴承"), line(part_name="轴承 弹簧"), line(part_name="轴承", text="齿轮")])
    assert needs.measure(0, frozenset({"轴承"})) == 1
    assert needs.measure(1, frozenset({"弹簧"})) > needs.measure(1, frozenset({"轴承"}))
    assert needs.measure(2, frozenset({"轴承"})) > 0.5
    assert needs.measure(2, frozenset()) == 0
