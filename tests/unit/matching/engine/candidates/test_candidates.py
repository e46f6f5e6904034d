"""Which capabilities are tried for which line, and which of them are kept."""

from io import BytesIO
from typing import Any

import numpy as np
import orjson
import pytest

from services.matching.engine.candidates.judging import rules_in
from services.matching.engine.candidates.pairs import Shortlists
from services.matching.engine.candidates.retrieval import retrieve
from services.matching.engine.candidates.search import open_hall, shortlists
from services.matching.engine.plan import Rule
from services.matching.engine.policy import Policy
from services.matching.engine.preparation.encoding import columns_of
from services.matching.engine.snapshot import Snapshot
from shared.text.lines import rank_lines
from tests.unit.matching.engine.build import PLAIN, capability, line, snapshot, supplier

ALL = PLAIN.model_copy(update={"candidates_per_need": None})


def keeping(count: int, **changes: Any) -> Policy:
    """A policy that keeps so many candidates of a line."""
    return PLAIN.model_copy(update={"candidates_per_need": count, **changes})


def found(of: Snapshot, policy: Policy) -> Shortlists:
    """The shortlists of a snapshot."""
    return shortlists(open_hall(columns_of(of, policy)))


def tried_for(of: Snapshot) -> list[int]:
    """The capabilities that are tried for the first line, whatever their texts, the best first."""
    hall = open_hall(columns_of(of, ALL))
    tried = retrieve(np.zeros(1, np.int64), hall.columns.lines.class_code, 0.0, hall.text, hall.needs, hall.levels)
    best: list[int] = hall.text.position[tried.row].tolist()
    return best


def world(asked: dict[str, Any], *offered: dict[str, Any]) -> Snapshot:
    """One line, and a capability for each of the others."""
    rows = [capability(f"C{number}", **changes) for number, changes in enumerate(offered)]
    return snapshot(lines=[line(**asked)], capabilities=rows)


def hits(policy: Policy, asked: dict[str, Any], *offered: dict[str, Any]) -> list[int]:
    """The candidates of the first line, in the order of their positions."""
    lists = found(world(asked, *offered), policy)
    return lists.candidates.capability[lists.candidates.of(0)].tolist()


def test_the_own_block_comes_first_and_is_enough_when_it_lacks_nothing() -> None:
    assert hits(keeping(1), {}, {"class_code": "3484"}, {"class_code": "3670"}) == [1]


def test_a_wider_block_is_searched_for_what_the_own_one_lacks() -> None:
    assert hits(keeping(2), {}, {"class_code": "3484"}, {"class_code": "3612"}, {"class_code": "3670"}) == [1, 2]
    assert hits(keeping(1), {"class_code": "3670"}, {"class_code": "2911"}) == [0]


def test_offers_of_a_coarse_or_unknown_class_are_in_every_block() -> None:
    offered = ({"class_code": "36"}, {"class_code": None}, {"class_code": "3670"}, {"class_code": "3612"})
    assert hits(keeping(3), {}, *offered) == [0, 1, 2]


def test_a_need_of_a_coarse_class_finds_its_own_kind_before_the_finer_ones() -> None:
    offered = ({"class_code": "3670"}, {"class_code": "36"}, {"class_code": "3484"})
    assert hits(keeping(1), {"class_code": "36"}, *offered) == [1]
    assert hits(keeping(2), {"class_code": "36"}, *offered) == [0, 1]


def test_a_need_without_class_is_searched_for_everywhere() -> None:
    assert hits(keeping(2), {"class_code": None}, {"class_code": "3484"}, {"class_code": "2911"}) == [0, 1]


def test_without_a_cut_off_every_block_is_searched() -> None:
    assert hits(ALL, {}, {"class_code": "3670"}, {"class_code": "2911"}) == [0, 1]


def test_synonyms_match_and_other_things_do_not() -> None:
    assert hits(ALL, {"part_name": "减振器"}, {"name": "减震器"}, {"name": "轮胎"}) == [0]


OFFERED = ("精密减速机", "齿轮箱总成", "减速器壳体 铸造", "行星齿轮减速器", "电机 减速", "减震器", "齿轮泵", "液压油缸")


@pytest.mark.parametrize("asked", ["行星减速器", "减速机齿轮", "齿轮变速箱", "油缸 减速"])
def test_a_run_ranks_as_the_rank_command_does(asked: str) -> None:
    """By words and meaning; `rank` also finds what shares no word, which a run does not try."""
    tried = tried_for(world({"part_name": asked, "text": ""}, *({"name": name, "text": ""} for name in OFFERED)))
    corpus = b"".join(orjson.dumps({"id": at, "text": name}) + b"\n" for at, name in enumerate(OFFERED))
    query = BytesIO(orjson.dumps({"id": "Q", "text": asked}))
    (answer,) = map(orjson.loads, rank_lines("corpus", BytesIO(corpus), "queries", query, len(OFFERED)))
    assert tried == [at for at in answer["ids"] if at in tried]
    assert len(tried) > 2


def test_what_is_meant_decides_among_equal_words() -> None:
    rows = [capability("C1", name="巧克力 罐头", text=""), capability("C2", name="西红柿 罐头", text="")]
    pairs = found(snapshot(lines=[line(part_name="番茄 罐头", text="")], capabilities=rows), ALL).candidates
    assert pairs.text[0] == pairs.text[1]
    assert tried_for(snapshot(lines=[line(part_name="番茄 罐头", text="")], capabilities=rows)) == [1, 0]


def test_the_text_floor_is_a_share_of_the_needs_own_words() -> None:
    asked = {"part_name": "液压油缸", "text": "不锈钢 轴承 齿轮 电机 弹簧"}
    offered = ({"name": "轴承"},)
    assert hits(ALL.model_copy(update={"text_floor": 0.05}), asked, *offered) == [0]
    assert hits(ALL.model_copy(update={"text_floor": 0.5}), asked, *offered) == []


def test_the_measure_counts_the_name_half_and_rare_words_more() -> None:
    lines = [line("N1", part_name="轴承"), line("N2", part_name="轴承 弹簧"), line("N3", part_name="轴承", text="齿轮")]
    rows = [capability("C1", name="轴承"), capability("C2", name="弹簧")]
    lists = found(snapshot(lines=lines, capabilities=rows), ALL.model_copy(update={"text_floor": 0}))
    pairs = lists.candidates
    text = {
        (at, which): measure
        for at, which, measure in zip(pairs.line.tolist(), pairs.capability.tolist(), pairs.text.tolist(), strict=True)
    }
    assert text[0, 0] == 1
    assert text[1, 1] > text[1, 0]
    assert text[2, 0] > 0.5
    assert (2, 1) not in text


def test_what_is_not_eligible_is_passed_over_until_enough_is_found() -> None:
    """The best text is no use where a rule forbids it: three that may come after twenty that may not."""
    firms = [supplier("S1", status="suspended"), supplier("S2")]
    rows = [capability(f"A{number:02}", 0) for number in range(20)]
    rows += [capability(f"B{number}", 1, text="铸造 加工 总成") for number in range(4)]
    lists = found(snapshot(suppliers=firms, capabilities=rows), keeping(3))
    assert lists.candidates.capability.tolist() == [20, 21, 22]
    assert (lists.retrieved.tolist(), lists.eligible.tolist()) == ([23], [3])
    assert lists.removed[0, list(Rule).index(Rule.VERIFIED)] == 20
    assert lists.blocked.tolist() == [0] * 20 and not lists.several.any()


def test_near_misses_stand_beside_the_candidates_and_take_no_place() -> None:
    rows = [capability("C1", lead_time_days=90), capability("C2"), capability("C3", moq=10**12, lead_time_days=90)]
    lists = found(snapshot(lines=[line(lead_time_days=30)], capabilities=rows), keeping(1))
    assert lists.candidates.capability.tolist() == [1]
    assert lists.near.capability.tolist() == [0]
    assert rules_in(int(lists.near.failed[0])) == (Rule.LEAD_TIME,)


def test_several_failing_rules_are_told_from_one() -> None:
    rows = [capability("C1", 0, lead_time_days=90, moq=10**12)]
    lists = found(snapshot(lines=[line(lead_time_days=30)], capabilities=rows), keeping(1))
    assert lists.blocked.tolist() == [0] and lists.several.tolist() == [True]


def test_a_score_below_the_floor_makes_room_for_the_next() -> None:
    rows = [capability("C1", unit_price=9_000_000), capability("C2", text="铸造", unit_price=100_000)]
    assert hits(keeping(1), {}, {}, {"text": "铸造"}) == [0]
    scores = found(snapshot(capabilities=rows), keeping(2)).candidates.score.tolist()
    policy = keeping(1, score_floor=max(scores))
    lists = found(snapshot(capabilities=rows), policy)
    assert lists.candidates.capability.tolist() == [scores.index(max(scores))]
    assert lists.eligible.tolist() == [2]


@pytest.mark.parametrize("policy", [keeping(2), ALL])
def test_nothing_offered_and_nothing_asked_is_no_error(policy: Policy) -> None:
    assert found(snapshot(capabilities=[]), policy).retrieved.tolist() == [0]
    assert len(found(snapshot(lines=[]), policy).candidates) == 0
    assert len(found(snapshot(lines=[line(part_name="", text="")]), policy).candidates) == 0
