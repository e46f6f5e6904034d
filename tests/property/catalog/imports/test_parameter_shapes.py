"""Reading by shapes is reading: whatever a cell says, the outcome is that of the reader of parameters."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.catalog.imports.cleaning.parameter_shapes import read_parameters
from shared.codes.parameters import InvalidParameter, parse_parameters

NUMBERS = st.one_of(
    st.integers(0, 5000).map(str),
    st.decimals(0, 300, places=2).map(str),
    st.sampled_from(["0", "007", "1.50", "1,200", "２５", "-3", "1e3"]),
)
HEADS = [
    "外径",
    "外径 ",
    "壁厚(mm)",
    "公差等级 IT",
    "Ra ≤ ",
    "硬度 HRC",
    "φ",
    "M",
    "≥",
    "重量不大于",
    "材质 = ",
    "抗拉强度 ≥",
    "",
    "长×宽 ",
]
JOINTS = ["~", "～", "-", " ~ ", "至", "x", "/", "±"]
TAILS = ["", " mm", "mm", " m", " kg", "μm", " m3/h", " °C", " kW以上", "及以上", "级", " 未知单位", ", 长度 5 mm", "."]


@st.composite
def pieces(draw: st.DrawFn) -> str:
    second = draw(st.sampled_from(JOINTS)) + draw(NUMBERS) if draw(st.booleans()) else ""
    return draw(st.sampled_from(HEADS)) + draw(NUMBERS) + second + draw(st.sampled_from(TAILS))


def both(text: str) -> tuple[Any, Any]:
    return _or_message(read_parameters, text), _or_message(
        lambda cell: [parameter.model_dump(mode="json") for parameter in parse_parameters(cell)], text
    )


def _or_message(read: Any, text: str) -> Any:
    try:
        return read(text)
    except InvalidParameter as error:
        return str(error)


@settings(max_examples=250)
@given(st.lists(pieces(), min_size=1, max_size=3), st.sampled_from(["；", ";", "； "]))
@example(["外径 100~250 mm", "≤ 300 mm"], "；")
@example(["壁厚 5 mm", "≥M8"], ";")
@example(["外径 250~100 mm"], ";")
@example(["外径 2～5 mm", "外径 3~4 mm"], "；")
@example(["壁厚(mm)0.", "外径0"], "；")
def test_a_cell_means_what_the_reader_says(parts: list[str], between: str) -> None:
    ours, theirs = both(between.join(parts))
    assert ours == theirs


@pytest.mark.parametrize(
    "text", ["功率 330～910 kW；排量 10-21 L", "流量 770~2500 m3/h", "温度 20~80 ℃", "材质 = 304/316L"]
)
def test_cells_of_one_shape(text: str) -> None:
    for _ in range(2):
        ours, theirs = both(text)
        assert ours == theirs
