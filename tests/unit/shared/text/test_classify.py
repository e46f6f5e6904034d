"""Classifying: products, business scopes, names; verbs; scores."""

import pytest

from shared.codes.classes import all_classes
from shared.codes.tables import read_table, split_cell
from shared.text.classify import classify


def first(text: str) -> str:
    """The best class."""
    return classify([text], 1)[0][0][0]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("圆锥滚子轴承、调心轴承", "3451"),
        ("不锈钢球阀、法兰蝶阀", "3443"),
        ("全钢子午线轮胎", "2911"),
        ("黄瓜、西红柿大棚种植", "0141"),
        ("钢材、金属材料批发", "5164"),
        ("零售药店", "5251"),
        ("普通道路货物运输", "5431"),
        ("临清某某轴承有限公司", "3451"),
        ("汽车修理与维护", "8111"),
    ],
)
def test_what_a_firm_makes_or_does(text: str, code: str) -> None:
    assert first(text) == code


def test_a_scope_is_classified_by_its_first_items_and_not_by_what_all_say() -> None:
    scope = (
        "一般项目：汽车零部件及配件制造；汽车零配件批发；货物进出口；技术服务、技术开发、技术咨询"
        "（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）"
    )
    assert first(scope) == "3670"


def test_dealers_are_not_makers() -> None:
    assert first("汽车零配件批发")[:2] == "51"
    assert first("汽车零配件生产、销售")[:2] == "36"


def test_scores_fall_and_lie_between_0_and_1() -> None:
    for found in classify(["轴承", "一般项目：软件开发；货物进出口", "机械"], 9):
        scores = [score for _, score in found]
        assert scores == sorted(scores, reverse=True)
        assert all(0 < score < 1 for score in scores)


@pytest.mark.parametrize("text", ["", "  ", "；；。", "!?"])
def test_nothing_said_nothing_proposed(text: str) -> None:
    assert classify([text], 3) == [[]]


def test_one_text_is_classified_alike_alone_and_among_others() -> None:
    texts = ["水泵", "阀门", "水泵、阀门"]
    assert classify(texts, 4) == [classify([text], 4)[0] for text in texts]


def test_the_words_belong_to_classes_and_are_said_once() -> None:
    rows = {row["code"]: split_cell(row["words"]) for row in read_table("shared.text", "class_words")}
    assert all(all_classes()[code].level == "class" for code in rows)
    assert all(len(words) == len(set(words)) > 0 for words in rows.values())
    assert len(rows) > 1300
