"""The cells of a sheet as they were sent: each row has its filled ones, under their headings."""

import pytest

from services.catalog.imports.cleaning.sent import Sent

SENT = Sent.of(["名称", "数量", "名称"], [["法兰", "", "轴承"], ["1", "2", ""], ["", "", "滚子轴承"]])


def test_an_empty_cell_is_none_and_of_two_columns_of_one_heading_the_last_filled_counts() -> None:
    rows = [SENT.row(place) for place in range(3)]
    assert rows == [{"名称": "法兰", "数量": "1"}, {"数量": "2"}, {"名称": "滚子轴承"}]


@pytest.mark.parametrize("places", [[0, 1], [0, 2], [1]])
def test_columns_of_some_rows(places: list[int]) -> None:
    told = {name: [SENT.columns[name][place] for place in places] for name in ("名称", "数量")}
    assert SENT.rows(places) == told


def test_a_sheet_without_columns() -> None:
    assert Sent().row(0) == {}
    assert Sent().rows([0, 1]) == {}
