"""Parameters: what people write, what is refused and why, containment and margin."""

import pytest

from shared.codes.parameters import InvalidParameter, Parameter, contains, margin, parse_parameters, say


def one(text: str) -> Parameter:
    """The only parameter of a text."""
    (parameter,) = parse_parameters(text)
    return parameter


READ = {
    "外径 100~250 mm": "外径 100~250 mm",
    "外径（mm）１００～２５０": "外径 100~250 mm",
    "外径/mm: 100 - 250": "外径 100~250 mm",
    "直径：100至250毫米": "外径 100~250 mm",
    "φ100-250": "外径 100~250 mm",
    "Φ100～φ250": "外径 100~250 mm",
    "外径 100mm~0.25m": "外径 100~250 mm",
    "外径范围 100~250": "外径 100~250 mm",
    "内径φ50": "内径 50 mm",
    "长度 0.1~0.25 m": "长度 100~250 mm",
    "重量 500g~2kg": "重量 0.5~2 kg",
    "重量不大于1,500公斤": "重量 ≤ 1500 kg",
    "单重 2吨以内": "重量 ≤ 2000 kg",
    "功率：55KW以上": "功率 ≥ 55 kW",
    "最大直径 500mm": "外径 ≤ 500 mm",
    "最小壁厚 3": "壁厚 ≥ 3 mm",
    "壁厚 ≥4mm，≤10mm": "壁厚 4~10 mm",
    "长度 10±0.5mm": "长度 9.5~10.5 mm",
    "长度 10+0.5/-0.2 mm": "长度 9.8~10.5 mm",
    "M8~M20 螺纹": "螺纹 8~20 mm",
    "螺纹 M8-M20": "螺纹 8~20 mm",
    "IT6": "公差等级 IT6",
    "公差等级 IT6~IT12": "公差等级 IT6",
    "精度 IT7级": "公差等级 IT7",
    "Ra0.8": "表面粗糙度 ≤ 0.8 μm",
    "表面粗糙度 Ra≤1.6": "表面粗糙度 ≤ 1.6 μm",
    "位置度 ±0.02mm": "位置度 ≤ 0.02 mm",
    "HRC58~62": "洛氏硬度 HRC58~HRC62",
    "硬度 58-62HRC": "洛氏硬度 HRC58~HRC62",
    "HBW 180~220": "布氏硬度 HB180~HB220",
    "抗拉强度 Rm≥600MPa": "抗拉强度 ≥ 600 MPa",
    "屈服强度 Rp0.2≥355N/mm²": "屈服强度 ≥ 355 MPa",
    "防护等级 IP67及以上": "防护等级 ≥ IP67",
    "盐雾试验 480h": "盐雾试验 ≥ 480 h",
    "疲劳寿命 ≥100万次": "疲劳寿命 ≥ 1000000",
    "PN16": "公称压力 1.6 MPa",
    "DN50～DN300": "公称通径 50~300 mm",
    "工作温度 -40℃~+85℃": "温度 -40~85 ℃",
    "截面积 0.5~2.5 mm²": "截面积 0.5~2.5 mm2",
    "芯数 2~48芯": "芯数 2~48",
    "扭矩=2800N·m": "扭矩 2800 N.m",
    "直径=22.5in": "外径 571.5 mm",
    "电压 12/24V": "电压 12/24 V",
    "材质 = 304/316L": "材质 = 304/316L",
    "材质304、06Cr17Ni12Mo2、Q235B": "材质 = 304/316/Q235",
    "材质：45#、40Cr或16Mn": "材质 = 40Cr/45钢/Q355",
    "材料 PC/ABS": "材质 = PC/ABS",
    "材质铝合金6061、304不锈钢": "材质 = 304/6061",
    "表面处理：镀锌、电泳": "表面处理 = 电泳/镀锌",
    "接头=快插/螺纹": "接头 = 快插/螺纹",
    "性能等级 10.9级": "性能等级 = 10.9级",
}


@pytest.mark.parametrize(("written", "said"), READ.items())
def test_reads_what_people_write(written: str, said: str) -> None:
    assert say(one(written)) == said
    assert parse_parameters(said) == [one(written)]


def test_a_cell_with_several() -> None:
    written = "外径 100～250 mm，壁厚 ≥4 mm；材质=304、316L\n长×宽×高 1200×800×600mm；φ20×50；外径不限"
    assert [say(found) for found in parse_parameters(written.replace("；φ20×50", ""))] == [
        "外径 100~250 mm",
        "壁厚 ≥ 4 mm",
        "材质 = 304/316L",
        "长度 1200 mm",
        "宽度 800 mm",
        "高度 600 mm",
    ]
    assert [say(found) for found in parse_parameters("M10×1.5；φ20×50")] == [
        "螺纹 10 mm",
        "螺距 1.5 mm",
        "外径 20 mm",
        "长度 50 mm",
    ]


@pytest.mark.parametrize("text", ["", " ；\n", "外径不限", "无"])
def test_nothing_asked(text: str) -> None:
    assert parse_parameters(text) == []


@pytest.mark.parametrize(
    ("text", "piece", "message"),
    [
        ("外径 100mm；表面无裂纹", "表面无裂纹", "没有数值或取值"),
        ("重量 120", "重量 120", "“重量”缺少单位"),
        ("外径 5kg", "外径 5kg", "单位与“外径”不符"),
        ("外径 250~100mm", "外径 250~100mm", "下限大于上限"),
        ("100~250mm", "100~250mm", "缺少参数名称"),
        ("外径 约100mm", "外径约100mm", "“外径约”不是参数名称"),
        ("风量 100 foo", "风量 100 foo", "“foo”不是已知的计量单位"),
        ("外径-100mm", "外径-100mm", "不应为负"),
        ("外径 100；外径 200", "外径 200", "写了两次"),
        ("壁厚≥5；壁厚≤4", "壁厚≤4", "下限大于上限"),
        ("材质 Q235B及以上", "材质 Q235B及以上", "不能用“以上”"),
        ("材质：及", "材质:及", "没有数值或取值"),
        ("=镀锌/电泳", "=镀锌/电泳", "缺少参数名称"),
        ("长度 5mm~3kg", "长度 5mm~3kg", "不是同一种量"),
        ("壁厚≥5mm以下", "壁厚≥5mm以下", "同时写了上限和下限"),
    ],
)
def test_names_the_piece_that_is_wrong(text: str, piece: str, message: str) -> None:
    with pytest.raises(InvalidParameter, match=message) as caught:
        parse_parameters(text)
    assert caught.value.piece == piece
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("asked", "offered", "verdict"),
    [
        ("外径 120mm", "外径 100~250mm", True),
        ("外径 90~120mm", "外径 100~250mm", False),
        ("外径 0.2m", "直径 100~250", True),
        ("外径 ≤200mm", "外径 100~250mm", False),
        ("重量 ≤200kg", "重量 ≤0.3t", True),
        ("长度 100mm", "外径 100mm", False),
        ("硬度 60", "硬度 50~70 %", False),
        ("IT7", "IT6", True),
        ("IT5", "IT6", False),
        ("Ra1.6", "Ra0.8", True),
        ("抗拉强度≥500MPa", "抗拉强度≥600MPa", True),
        ("抗拉强度≥700MPa", "抗拉强度≥600MPa", False),
        ("IP65", "IP67", True),
        ("材质 304", "材质 316L/06Cr19Ni10", True),
        ("材质 304", "材质 不锈钢", True),
        ("材质 不锈钢", "材质 304", False),
        ("材质 304/45钢", "材质 不锈钢", False),
        ("电压 12V", "电压 12/24V", True),
        ("电压 12/24V", "电压 9~36V", True),
        ("电压 10~14V", "电压 12/24V", False),
    ],
)
def test_contains(asked: str, offered: str, verdict: bool) -> None:
    assert contains(one(asked), one(offered)) is verdict
    assert verdict or margin(one(asked), one(offered)) == 0


@pytest.mark.parametrize(
    ("asked", "offered", "comfort"),
    [
        ("外径 175mm", "外径 100~250mm", 1),
        ("外径 100mm", "外径 100~250mm", 0),
        ("外径 115~160mm", "外径 100~250mm", 0.2),
        ("重量 ≤150kg", "重量 ≤200kg", 0.25),
        ("IT8", "IT6", 0.25),
        ("材质 304", "材质 304", 1),
        ("外径 100mm", "外径 100mm", 0),
    ],
)
def test_margin(asked: str, offered: str, comfort: float) -> None:
    assert margin(one(asked), one(offered)) == pytest.approx(comfort)
