"""Lines of JSON: answers in order, and every bad line named with its file and number."""

import io

import orjson
import pytest

from shared.text.lines import BadLine, classify_lines, rank_lines


def ranked(corpus: bytes, queries: bytes, k: int = 3) -> list[dict[str, object]]:
    """The answers to the queries."""
    lines = rank_lines("语料", io.BytesIO(corpus), "查询", io.BytesIO(queries), k)
    return [orjson.loads(line) for line in lines]


CORPUS = '{"id":"a","text":"空调系统"}\n\n{"id":7,"texts":["刹车片","制动衬片"],"class":"C3670"}\n'.encode()


def test_one_answer_for_each_query_in_their_order() -> None:
    queries = '{"id":"q1","text":"制动片","class":"3670"}\n{"id":2,"text":"轨道空调"}\n{"id":3,"text":""}\n'.encode()
    answers = ranked(CORPUS, queries)
    assert [row["query"] for row in answers] == ["q1", 2, 3]
    assert [row["ids"] for row in answers] == [[7], ["a"], []]
    assert all(len(row["ids"]) == len(row["scores"]) for row in answers)  # type: ignore[arg-type]


def test_more_queries_than_a_batch() -> None:
    queries = b"".join(orjson.dumps({"id": number, "text": "空调"}) + b"\n" for number in range(2100))
    assert [row["query"] for row in ranked(CORPUS, queries)] == list(range(2100))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "不是有效的 JSON"),
        ("[1]", "应是一个 JSON 对象"),
        ('{"text":"轴承"}', "缺少 id"),
        ('{"id":true,"text":"轴承"}', "缺少 id"),
        ('{"id":1}', "缺少 text"),
        ('{"id":1,"text":5}', "缺少 text"),
        ('{"id":1,"texts":"轴承"}', "texts 应是一列文字"),
        ('{"id":1,"text":"轴承","class":3670}', "class 应是文字"),
        ('{"id":1,"text":"\\ud800"}', "不是有效的 JSON"),
    ],
)
def test_a_bad_line_is_named(line: str, said: str) -> None:
    good = '{"id":0,"text":"轴承"}\n'
    with pytest.raises(BadLine, match=f"查询 第 2 行.*{said}"):
        ranked(CORPUS, (good + line + "\n").encode())
    with pytest.raises(BadLine, match=f"语料 第 2 行.*{said}"):
        ranked((good + line + "\n").encode(), b"")
    with pytest.raises(BadLine, match=f"标准输入 第 2 行.*{said}"):
        list(classify_lines("标准输入", io.BytesIO((good + line + "\n").encode()), 3))


def test_texts_that_are_no_utf8_are_bad_lines() -> None:
    with pytest.raises(BadLine, match="第 1 行"):
        ranked("{'id':1}".encode("utf-16"), b"")


def test_classes_for_each_line() -> None:
    lines = '{"id":"x","text":"滚动轴承"}\n{"id":2,"text":""}\n'.encode()
    answers = [orjson.loads(line) for line in classify_lines("标准输入", io.BytesIO(lines), 2)]
    assert answers[0]["codes"][0] == "3451" and len(answers[0]["codes"]) == 2
    assert answers[1] == {"id": 2, "codes": [], "scores": []}
