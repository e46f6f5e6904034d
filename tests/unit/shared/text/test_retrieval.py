"""Retrieval: words, characters and meaning together; documents of many texts; classes."""

import pytest

from shared.text.retrieval import Corpus, Entry


def found(documents: list[Entry], query: Entry, k: int = 5) -> list[int]:
    """The places of the documents that are found, best first."""
    return [place for place, _ in Corpus(documents).top([query], k)[0]]


def entries(*texts: str) -> list[Entry]:
    """Documents of one text each."""
    return [Entry((text,)) for text in texts]


@pytest.mark.parametrize(
    ("query", "right"),
    [
        ("轨道空调", "空调系统"),
        ("6063-T5铝型材", "工业铝型材 6063-T5"),
        ("Ｍ１２×1.5螺栓", "高强度螺栓 M12x1.5"),
        ("變速箱", "变速器总成"),
        ("西红柿", "新鲜番茄 5斤"),
        ("刹车片", "制动衬片"),
        ("多久换一次机油", "矿物润滑油每五千公里更换，全合成的一万公里，同时换滤清器，短途行驶的车辆要缩短周期。"),
    ],
)
def test_other_words_for_one_thing(query: str, right: str) -> None:
    others = ("发动机缸体铸件", "儿童书包", "不锈钢水槽", "普通货物运输", "电力变压器", "怎样煮米饭好吃")
    assert found(entries(*others, right), Entry((query,)))[0] == len(others)


def test_equal_documents_in_the_order_of_the_corpus() -> None:
    assert found(entries("轴承", "齿轮", "轴承", "轴承"), Entry(("轴承",)))[:3] == [0, 2, 3]


def test_a_document_of_many_texts_is_found_by_each_of_them_and_by_all() -> None:
    documents = [Entry(("电饭煲", "压力锅")), Entry(("电饭锅", "智能预约", "不粘内胆")), *entries("电水壶", "内胆清洗")]
    corpus = Corpus(documents)
    for query in ("电饭锅", "智能预约", "电饭锅 不粘内胆 智能预约"):
        assert corpus.top([Entry((query,))], 1)[0][0][0] == 1
    assert len({place for place, _ in corpus.top([Entry(("电饭锅",))], 9)[0]}) == len(
        corpus.top([Entry(("电饭锅",))], 9)[0]
    )


def test_the_class_is_preferred_and_what_it_lacks_is_sought_beyond() -> None:
    documents = [
        Entry(("密封圈",), "2913"),
        Entry(("密封圈",), "3481"),
        Entry(("机械密封环",), "3481"),
        Entry(("密封圈",)),
    ]
    corpus = Corpus(documents)
    assert corpus.top([Entry(("密封圈",), "3481")], 4)[0][0][0] == 1
    assert corpus.top([Entry(("密封圈",), "2913")], 4)[0][0][0] == 0
    assert {place for place, _ in corpus.top([Entry(("密封圈",), "2913")], 4)[0]} >= {0, 1, 3}
    assert corpus.top([Entry(("密封圈",), "9999")], 1)[0]


def test_nothing_is_found_where_nothing_is_said() -> None:
    assert Corpus([]).top([Entry(("轴承",))], 3) == [[]]
    assert Corpus(entries("轴承", "")).top([Entry(("",))], 3) == [[]]


def test_the_order_of_documents_changes_no_score() -> None:
    texts = ["滚动轴承", "轴承座铸件", "空调系统", "刹车片", "番茄"]
    one = Corpus(entries(*texts)).top([Entry(("轴承",))], 5)[0]
    other = Corpus(entries(*reversed(texts))).top([Entry(("轴承",))], 5)[0]
    assert {texts[place]: score for place, score in one} == {texts[4 - place]: score for place, score in other}
