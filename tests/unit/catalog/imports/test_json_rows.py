"""Rows as JSON objects written column by column: whatever they hold, what is read back is what was there."""

from datetime import date
from decimal import Decimal
from typing import Any

import orjson
import pytest

from services.catalog.imports.cleaning.json_rows import json_rows, members, objects

ODD = ["", "法兰", 'sagt "ja"', "zwei\nZeilen", "\\u0000", "a\\", '","', "\x01", "<&>"]


def test_rows_of_different_fields_come_back_in_their_order() -> None:
    shared = ["铸造"]
    rows: list[dict[str, Any]] = [
        {"name": "法兰", "amount": Decimal("12.50"), "days": 3, "processes": shared},
        {"name": "法兰", "until": date(2027, 4, 30), "amount": None},
        {},
        {"name": "轴承", "amount": Decimal("12.50"), "days": None, "processes": shared},
    ]
    assert [orjson.loads(row) for row in json_rows(rows)] == [
        {"name": "法兰", "amount": "12.50", "days": 3, "processes": ["铸造"]},
        {"name": "法兰", "until": "2027-04-30", "amount": None},
        {},
        {"name": "轴承", "amount": "12.50", "days": None, "processes": ["铸造"]},
    ]


@pytest.mark.parametrize("texts", [ODD, [text for text in ODD if "\\" not in text], ["\0", "a\0b"]])
def test_texts_are_what_they_were(texts: list[str]) -> None:
    assert [orjson.loads(row)["text"] for row in json_rows([{"text": text} for text in texts])] == texts


def test_an_empty_cell_is_no_member_of_what_was_sent() -> None:
    columns = [members("名称", ["法兰", "", "法兰"]), members('a "b"', ["", "", "x"])]
    assert [orjson.loads(row) for row in objects(columns, 3)] == [
        {"名称": "法兰"},
        {},
        {"名称": "法兰", 'a "b"': "x"},
    ]
    assert list(objects([], 2)) == ["{}", "{}"]
