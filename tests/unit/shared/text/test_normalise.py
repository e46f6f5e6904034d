"""Normal forms of texts and the core of firms' names."""

import pytest

from shared.text.normalise import company_core, normalise, unify


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("ＡＢＣ　１２３", "abc 123"),
        ("【甲】｛乙｝", "(甲)(乙)"),
        ("齒輪箱 殼體", "齿轮箱壳体"),
        ("Φ100×20－30～40", "φ100x20-30~40"),
        (" 发动机 \n 缸体 ", "发动机缸体"),
        ("100 mm²", "100 mm2"),
        ("\ufeff钢\u200b管", "钢管"),
    ],
)
def test_normalise(text: str, normal: str) -> None:
    assert normalise(text) == normal


def test_unify_keeps_case() -> None:
    assert unify("１０ ＭＷ") == "10 MW"


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("山东省青岛市携手示例机械有限公司", "携手示例机械"),
        ("济南岱舆示例汽车股份有限公司", "岱舆示例汽车"),
        ("示例集团（山东）铸造有限责任公司", "示例山东铸造"),
        ("莒縣示例鋼鐵公司", "示例钢铁"),
        ("青岛有限公司", "青岛"),
    ],
)
def test_company_core(name: str, core: str) -> None:
    assert company_core(name) == core
