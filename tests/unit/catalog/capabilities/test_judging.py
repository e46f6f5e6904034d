"""Judging product lists: what is taken, what is refused and why, and what is left to a person."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.capabilities.rules import Verdict, judge

REFUSED = {
    "accounting_line": [
        "平衡项目",
        "分部间抵销",
        "合并抵消",
        "内部交易抵销",
        "其他业务",
        "其他(补充)",
        "其他（补充）",
        "小计",
        "合 计",
        "持有待售资产",
    ],
    "slogan": ["提升企业核心竞争力", "以客户需求为中心", "弘扬工匠精神", "积极承担社会责任", "诚信", "优化产业结构"],
    "place": ["华东地区", "国外", "山东省", "青岛市", "境内", "港澳台地区", "山东", "北美市场"],
    "trade": ["钢材贸易", "进出口业务", "批发零售日用百货", "医疗器械经销", "建材商贸", "外购件"],
    "finance": ["利息收入", "对外投资", "代收水费", "保理业务", "手续费及佣金", "理财产品收益"],
    "letting": ["厂房租赁", "设备出租", "租金收入", "仓库租赁服务"],
    "property": ["物业管理", "商品房", "房地产开发", "土地整理"],
    "utility": ["蒸汽", "电力", "光伏发电", "供热业务", "水电汽", "热电联产供汽"],
    "transport": ["货物运输", "仓储物流服务", "装卸业务", "高速公路通行费", "集装箱处理"],
    "construction": ["工程施工", "机电设备安装", "园林绿化", "EPC总承包", "钢结构工程", "水利工程设计"],
    "service": [
        "技术服务",
        "咨询服务",
        "产品检测",
        "设备维修",
        "软件开发服务",
        "污水处理",
        "广告代理",
        "酒店餐饮",
        "专利实施许可",
        "加工费",
    ],
}
LOOKED_AT = {
    "organisation": ["原料药分部", "铸造事业部", "化工板块", "第二分公司"],
    "waste": ["废料", "废钢", "下脚料", "炉渣", "销售废品"],
    "activity": ["仓储", "铁矿开采", "水产养殖", "余热利用", "电机研发", "系统集成", "冷却塔设计"],
    "generic": ["原材料", "配件", "销售材料", "其他食品", "新能源", "自产", "整机"],
    "fragment": ["在法律", "以及洗碗机", "甲苯(", "本公司产品", "钢"],
    "qualifier": ["商用", "医药级", "通信用", "大中小型"],
    "abbreviation": ["MBR", "TPE-S", "DMF"],
    "trade_with_processing": ["来料加工", "肉类加工及贸易"],
    "goods_with_service": ["设备维修及配件", "应用软件"],
}
TAKEN = [
    *[
        "曲轴",
        "汽车配件",
        "球墨铸铁件",
        "转向节锻件",
        "胎圈钢丝",
        "商用冷冻展示柜-国外ODM",
        "轮胎业务",
        "玻璃制品销售",
        "制造蜂窝陶瓷",
    ],
    *["运输设备", "工程机械", "工程塑料", "服务器", "物流装备", "检测仪器", "施工升降机", "废气处理设备", "废热锅炉"],
    *[
        "维修工具",
        "包装箱",
        "箱式变电站",
        "电站锅炉",
        "通信电源设备",
        "促进剂",
        "提升机",
        "增强塑料",
        "强化木地板",
        "推进器",
        "优质碳素钢",
    ],
    *[
        "白银",
        "青岛啤酒桶",
        "金融自助设备",
        "投资铸造件",
        "房车",
        "自动售货机",
        "供水管",
        "供热机组",
        "发电机组",
        "水泵",
        "汽车空调",
    ],
    *["机加工", "热处理", "表面处理", "电镀", "来图精密加工", "注塑成型", "金属结构件加工服务", "焊接加工劳务"],
]


@pytest.mark.parametrize(("code", "name"), [(code, name) for code, names in REFUSED.items() for name in names])
def test_refused(code: str, name: str) -> None:
    judgement = judge(name)
    assert (judgement.outcome, judgement.code) == (Verdict.REFUSED, code)
    assert judgement.reason


@pytest.mark.parametrize(("code", "name"), [(code, name) for code, names in LOOKED_AT.items() for name in names])
def test_to_be_looked_at(code: str, name: str) -> None:
    judgement = judge(name)
    assert (judgement.outcome, judgement.code) == (Verdict.TO_BE_LOOKED_AT, code)
    assert judgement.reason


@pytest.mark.parametrize("name", TAKEN)
def test_taken(name: str) -> None:
    assert judge(name).outcome is Verdict.TAKEN


@pytest.mark.parametrize("share", ["0", "0.0", "-0.000014", "-1.98"])
def test_a_share_that_is_not_positive_is_no_product(share: str) -> None:
    judgement = judge("钢丝绳", Decimal(share))
    assert (judgement.outcome, judgement.code) == (Verdict.REFUSED, "share_not_positive")


def test_an_accounting_line_is_called_so_whatever_its_share() -> None:
    assert judge("平衡项目", Decimal("-0.1")).code == judge("平衡项目", Decimal("0.1")).code == "accounting_line"


@pytest.mark.parametrize("name", ["BIIR", "4020", "配件", "来料加工"])
def test_a_vague_name_is_taken_where_class_and_description_stand_beside_it(name: str) -> None:
    assert judge(name).outcome is Verdict.TO_BE_LOOKED_AT
    assert judge(name, described=True).outcome is Verdict.TAKEN


@pytest.mark.parametrize("name", ["分部间抵销", "厂房租赁", "废料", "原料药分部"])
def test_a_description_excuses_nothing_else(name: str) -> None:
    assert judge(name, described=True) == judge(name)


@given(st.text(max_size=30), st.one_of(st.none(), st.decimals(allow_nan=False, allow_infinity=False)))
def test_every_text_gets_a_judgement_with_a_reason(name: str, share: Decimal | None) -> None:
    judgement = judge(name, share)
    assert bool(judgement.reason) is (judgement.outcome is not Verdict.TAKEN)


@given(st.sampled_from(TAKEN))
def test_width_spaces_and_quotes_do_not_matter(name: str) -> None:
    assert judge(f" “{name}” ").outcome is Verdict.TAKEN
