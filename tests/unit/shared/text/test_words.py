"""Words: synonyms, grades and what is dropped."""

import pytest

from shared.text.words import synonyms, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("气缸体", "汽缸体"),
        ("减震器", "减振器"),
        ("铝压铸", "压力铸造"),
        ("电线束", "线束总成"),
        ("门封条", "密封胶条"),
        ("线路板", "PCB"),
        ("印制电路板", "电路基板"),
        ("DPF", "颗粒物捕集器"),
        ("ECU", "电控单元"),
        ("IGBT模块", "功率模块"),
        ("塑料件", "注塑件"),
        ("钢圈", "铝合金车轮"),
        ("刹车盘", "制动盘"),
        ("45号钢", "S45C"),
        ("06Cr19Ni10", "SUS304"),
        ("轮胎用 钢帘线", "轮胎用 钢丝帘线"),
        ("變速箱", "变速器"),
    ],
)
def test_two_ways_of_writing_one_thing(one: str, other: str) -> None:
    assert words(one) == words(other) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("压铸模具", "压铸件"),
        ("锻压机械", "锻件"),
        ("牵引变流器", "光伏逆变器"),
        ("减震橡胶", "减振器"),
        ("轮毂", "钢圈"),
        ("发电机", "电机"),
        ("散热器", "换热器"),
        ("制动盘", "制动鼓"),
        ("冲压件", "钣金件"),
    ],
)
def test_what_only_looks_alike_stays_apart(one: str, other: str) -> None:
    assert not set(words(one)) & set(words(other))


def test_grades_stay_whole_and_noise_goes() -> None:
    text = "主要生产发动机气缸体，材质QT450-10、304，年产 100 件，及其他"
    assert words(text) == ["缸体", "qt450", "304"]


def test_the_longest_spelling_wins() -> None:
    assert words("铝合金轮毂") == ["车轮"]
    assert words("高压油泵") == ["高压油泵"]
    assert words("机油泵与水泵") == ["机油泵", "水泵"]


def test_abbreviations_only_as_whole_words() -> None:
    assert "电路板" not in words("PCBX-100 型")
    assert words("汽车ECU控制器") == ["汽车", "控制器", "控制器"]


def test_every_synonym_leads_to_its_word() -> None:
    for spelling, word in synonyms().items():
        assert words(spelling) == [word], spelling


@pytest.mark.parametrize("text", ["", "  ", "100", "的", "！？"])
def test_nothing_left(text: str) -> None:
    assert words(text) == []
