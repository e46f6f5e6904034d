"""Judging what people put into product lists: what is a product or a process, what is none, and what a person must see.

A Chinese name ends with its head word (电机制造设备 is equipment, 设备租赁 is letting), so most rules look at
the end of the name, after 业务, 类, 系列 and the like are taken off. The rules are tried from the top; the first that
fits decides.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache

from shared.codes.regions import CITY, PROVINCE, all_regions, short_name


class Verdict(StrEnum):
    """What becomes of a named line of a product list."""

    TAKEN = "taken"
    REFUSED = "refused"
    TO_BE_LOOKED_AT = "to_be_looked_at"


class Disclosure(StrEnum):
    """How much of a capability chain leaders are told.

    Of a public one everything, wherever they look; of one that is told as it is suggested, what an approved suggestion
    to the leader says; of one for partners, by a suggestion no more than what it is called and whether it meets each
    requirement. Once both have accepted a suggestion, its leader is told everything.
    """

    PUBLIC = "public"
    SUGGESTED = "suggested"
    PARTNERS = "partners"


DISCLOSURE_NAMES = {
    Disclosure.PUBLIC: "向所有链主公开",
    Disclosure.SUGGESTED: "随配套建议公开",
    Disclosure.PARTNERS: "双方接受后公开",
}


@dataclass(frozen=True)
class Judgement:
    """The verdict, a stable code of the rule that gave it, and the reason as people read it."""

    outcome: Verdict
    code: str
    reason: str


@dataclass(frozen=True)
class _Rule:
    """A pattern searched in the name (`whole`) or in its core, and the judgement on what matches."""

    judgement: Judgement
    pattern: re.Pattern[str]
    whole: bool = False
    spares_goods: bool = False


PRODUCT = Judgement(Verdict.TAKEN, "product", "")
_NO_SHARE = Judgement(Verdict.REFUSED, "share_not_positive", "营收占比为零或负数，是账务调整而不是在售的产品")
_PLACE = Judgement(Verdict.REFUSED, "place", "是销售地区或渠道，不是产品")
_PLACE_OR_FIRM = Judgement(Verdict.TO_BE_LOOKED_AT, "place_or_firm", "像地名加字号，看不出是什么产品")

_GOODS = re.compile(
    r"(设备|装备|装置|装具|机|机组|机床|机具|机械|器|器材|器械|容器|仪|仪表|系统|终端|工具|模具|刀具|家具|厨具|夹具|"
    r"件|附件|总成|材|材料|料|产品|用品|制品|食品|药品|饰品|车|汽车|船|柜|箱|罐|瓶|泵|阀|管|管道|板|膜|片|剂|线|丝|缆|"
    r"纸|布|钢|铝|铜|铁|胎|轮|轴|带|绳|塔|罩|杆|架|座|盘|环|套|盖|表|屏|灯|池|电池|胶|漆|油|酸|碱|盐|粉|粒|玻璃|塑料|橡胶|纤维|陶瓷)$"
)
_TAILS = re.compile(r"(业务|营业|活动|系列|类|收入|销售|的|(?<=..)制造业)$")
_SCOPE = re.compile(r"^(许可证?范围内?的?|备案范围内?的?|协议)")
_SALES_PLACE = re.compile(r"-(国内|国外|海外|境内|境外|内销|外销|大陆|海外地区|其他地区)(自有品牌|ODM|OEM)?$")
_AREAS = (
    "中国|国内|国外|境内|境外|海外|省内|省外|市内|本地|外地|内地|大陆|港澳台?|香港|澳门|台湾|华东|华南|华中|华北|西南|西北|东北|东部|西部|"
    "中部|南方|北方|亚洲|欧洲|美洲|非洲|大洋洲|北美洲?|南美洲?|拉美|东南亚|东亚|南亚|中亚|中东|欧美|美国|日本|韩国|德国|英国|法国|"
    "俄罗斯|印度|越南|泰国|内销|外销"
)


def _rule(verdict: Verdict, code: str, reason: str, pattern: str, **options: bool) -> _Rule:
    return _Rule(Judgement(verdict, code, reason), re.compile(pattern), **options)


_TAKEN, _REFUSED, _LOOK = Verdict.TAKEN, Verdict.REFUSED, Verdict.TO_BE_LOOKED_AT
_ABSTRACT = "价值|竞争力|结构|水平|效益|创新|责任|精神|发展|品牌|战略|能力|质量|形象|意识|理念|文化|效率|信心|目标|优势"

_RULES: tuple[_Rule, ...] = (
    _rule(
        _REFUSED,
        "accounting_line",
        "是报表的汇总、抵销或调整项，不是产品",
        r"抵[销消]|平衡项|调整项|^(小计|合计|总计|共计|其中)$|^其[他它](\(补充\))?$|其[他它](业务|收入|项目)|\(补充\)|营业外|"
        r"^主营业务|^营业(总)?(收入|成本)|内部(交易|往来|销售)|持有待售|投资性房地产|非流动资产|未分[配摊]|政府补助|补贴收入",
        whole=True,
    ),
    _rule(
        _LOOK,
        "organisation",
        "是企业内部的分部、板块或单位，看不出具体产品",
        r"(分部|事业部|板块|版块|本部|总部|分公司|子公司|公司|[^工]厂)$",
        whole=True,
    ),
    _rule(
        _LOOK,
        "fragment",
        "文字不完整，或不是产品名称",
        r"^(在(?!线)|对(?!外|讲|焊|虾|夹|辊)|以及|及(?!时)|与|和(?!面)|或|用于|其中|包括|不含)|^[-%/.,;:]|(-|[一-龥]-\d|产前|产中|产后|内|之|等)$|本(集团|公司|企业)|"
        r"自[产营]产品|销售.$|^[^()]*[()][^()]*$(?<!\))|^[^(]*\)|^.$|^\d+$",
        whole=True,
    ),
    _rule(
        _REFUSED,
        "slogan",
        "是口号或经营理念，不是产品",
        r"^(切实|弘扬|坚持|积极|贯彻|落实|努力|致力|打造|倡导|秉承|践行|树立|发扬|增强|推动|推进|促进|提升|提高|优化|强化|深化|完善|加强|"
        rf"加快|实现|确保|履行).*({_ABSTRACT})$|^以.+为(导向|中心|核心|目标|宗旨|己任|本|基础|主|荣|先)$|"
        r"^(绿色|低碳|诚信|创新|共赢|和谐|务实|高效|科学管理|科学发展|客户至上|质量第一|追求卓越|与时俱进)$",
        whole=True,
    ),
    _rule(
        _LOOK,
        "waste",
        "是废料、下脚料或残渣，能否作为原料供货要由人判断",
        r"^废(料|品|旧|铝|铜|铁|钢|纸|塑料|硫酸|酸|液|渣|油|矿)|(废料|废品|废物|固废|下脚料|边角料|残渣|残液|灰渣|炉渣|水渣|铝灰)$|HW\d\d|淘汰|"
        r"(灰渣|残渣)制品|^(回收|再利用)",
    ),
    _rule(
        _TAKEN,
        "process",
        "",
        r"(?<!来料)(?<!进料)(?<!代)(加工|表面处理|热处理|电镀|喷涂|铸造|锻造|焊接|模锻|成型)(劳务|服务)?$",
    ),
    _rule(
        _LOOK,
        "trade_with_processing",
        "既有加工又有贸易，自制的是什么要由人判断",
        r"加工.*(贸易|零售|批发|经销)|制造.*(售电|服务|贸易)$|(来料|进料|代)加工$",
    ),
    _rule(
        _REFUSED,
        "finance",
        "是金融或投资收益，不是货物",
        r"银务|本外币|存款|贷款|拆借|票据|债券|企业债|国债|理财|保险(?![杠丝柜箱盒])|保理|利息|佣金|手续费|资金|金融|融资|投资|股权|资信|结算|收付|基金|"
        r"信托|证券|担保|典当|期货|外汇|代[收扣缴付]|资产管理|(交费|充值|预付|储值)卡",
        spares_goods=True,
    ),
    _rule(
        _REFUSED,
        "trade",
        "是买卖而不是自己制造，不能作为配套能力",
        r"贸易|(外贸|商贸|经销|代销|批发|零售|购销|进出口|出口|流通|分销|经营|商业)$|^(批发|批零|零售|购销|经销|代销|代理|外购|贸易)",
    ),
    _rule(_REFUSED, "letting", "是租赁，不是货物", r"租赁|出租|租金|^租|融租"),
    _rule(
        _REFUSED,
        "property",
        "是房地产或物业，不是货物",
        r"物业|房地产|地产|商品房|房屋|不动产|土地",
        spares_goods=True,
    ),
    _rule(
        _REFUSED,
        "utility",
        "是电、热、汽、水等公用能源，不计入配套",
        r"^[水电汽气热暖和力、及]{1,5}$|^(水电|电力|热力)?蒸汽$|电力蒸汽|电和汽|(供电|供热|供汽|供水|供气|供暖|供应|发电|输电|售电|充电|热电|"
        r"送变电|新鲜水|冷凝水|(?<!变)电站|电场)$",
    ),
    _rule(
        _REFUSED,
        "transport",
        "是运输、港口或装卸服务，不是货物",
        r"(运输|货运|客运|航运|承运|装卸|堆存|配送|配载|拆箱|(?<!包)装箱|拼箱|搬运|拖轮|寄存|清淤|疏浚|清障|船票|站台票|车票|机票|港务|"
        r"(集装箱|散货)处理)$|(运输|物流|货运|装卸|仓储装卸).*(业|服务|代理|劳务|管理)$|承运|通行费|收费路桥|[候侯][车船机]",
    ),
    _rule(
        _REFUSED,
        "construction",
        "是工程施工、安装或承包，不是货物",
        r"(施工|安装|承包|总包|装修|装潢|装饰装修|土石方|砌筑|建设|园林|绿化|工程|市政|古建|接驳|移交|建筑装饰|建筑业|建筑安装|房建)(服务|业)?$|"
        r"EPC|^承包|(工程|规划).*(设计|咨询|检测|管理)",
    ),
    _rule(
        _REFUSED,
        "service",
        "是服务而不是货物",
        r"(服务|服务费|服务业|服务合同|技术开发|技术转让|许可|咨询|检测|检定|监理|监测|指导|培训|教育|代理|中介|经纪|策划|广告|营销|传播|运营|"
        r"托管|管理|评估|认证|媒体|游戏|代理权|版权|发行|出版|勘探|勘察|勘探开发|作业|测绘|美容|餐饮|饮食|酒店|客房|住宿|旅游|疾病预防|康复|劳务|"
        r"清洗|供应链|维修|修理|小修|大修|检修|维护|保养|养护|翻新|改造|运维|制修|"
        r"(污水|废水|废物|危废|垃圾|固废|污泥)(处理|处置))(业务|业)?$|自媒体|^(发布|提供|承接|开展).*(广告|服务|研发)|^劳务|^(维修|修理|检修)(?!.*(设备|工具|材料))|费$",
    ),
    _rule(
        _LOOK,
        "goods_with_service",
        "货物与服务写在一起，要由人分开",
        r"(维修|安装|租赁|改造|施工).*[与和及].*|软件",
    ),
    _rule(
        _LOOK,
        "activity",
        "只写了经营活动，没有写明供应什么产品",
        r"捕捞|(开采|采选|养殖|种植|饲养|仓储|冷藏|物流|利用|再生|研发|研究|设计|开发|集成|优化|水处理|平台|应用|项目|信息化|信息|科技|"
        r"安全|社区|技术|实验室|业)$",
    ),
    _rule(
        _LOOK,
        "generic",
        "过于笼统，看不出具体是什么产品",
        r"^((关键|重要|基础|各种|其他|主要|装备|电器|配套|专用){0,2}(原料|原材料|材料|辅料|配件|零件|零部件|零配件|"
        r"零配件备|部件|部品|散件|组件|整机|辅机|总成|整机与总成|整车整机|整机整车|成品|半成品|毛坯|坯料|设备|工程设备|装备|机械|机械产品|产品|商品|货物|物资|"
        r"技术|制剂|副产品|中间品|衍生品|重质物))$|^(化工|化工品|化学品|基础化工|医药|医药化工|生物制药|化学药|食品|能源|新能源|动力|环保|"
        r"智能化|配套|自产|自营|主营|代工|自有品牌|户外|国产|进口|制造|机械制造|装备制造|装备材料制造|建造|道路|公路|铁路|桥梁|"
        r"高速铁路|隧道|码头|商标|电子信息|非油品|其他)$|^其[他它]|(ODM|OEM)$",
    ),
    _rule(
        _LOOK,
        "qualifier",
        "只有用途、等级、型号范围或适用领域，没有产品名称",
        r"^.{1,4}(用|级|型|科|血管|泌尿)$|^泌尿$",
    ),
    _rule(_LOOK, "abbreviation", "只有缩写，看不出是什么产品", r"^[A-Za-z0-9 .+-]{1,6}$"),
)


_EXCUSED = frozenset({"abbreviation", "fragment", "generic", "qualifier", "trade_with_processing"})
"""Names that are too short to tell; an industry class and a description beside them tell enough."""


def judge(name: str, share: Decimal | None = None, *, described: bool = False) -> Judgement:
    """Judge one line of a product list by its name and, where the source gives it, its share of revenue.

    Pure and total: every text gets a judgement. `share` is a fraction; zero and below is never a product. `described`
    says that the line also has an industry class and a description, so that a vague name is not the last word.
    """
    whole = _clean(name)
    core = _core(whole)
    fitting = (rule.judgement for rule in _RULES if _fits(rule, whole, core)) if _may_fit(whole, core) else iter(())
    found = next((each for each in fitting if not (described and each.code in _EXCUSED)), PRODUCT)
    if found.code == "accounting_line":
        return found
    if share is not None and share <= 0:
        return _NO_SHARE
    return _of_place(whole) or found


def _may_fit(whole: str, core: str) -> bool:
    """Tell whether any rule's pattern is there at all, in two searches instead of twenty; most names fit none."""
    of_whole, of_core = _all_patterns()
    return of_whole.search(whole) is not None or of_core.search(core) is not None


@cache
def _all_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of all rules on the whole name as one, and those of all rules on its core."""
    parts = ([rule.pattern.pattern for rule in _RULES if rule.whole is whole] for whole in (True, False))
    of_whole, of_core = ("|".join(f"(?:{pattern})" for pattern in each) for each in parts)
    return re.compile(of_whole), re.compile(of_core)


def _fits(rule: _Rule, whole: str, core: str) -> bool:
    """Tell whether a rule's pattern is in the text that it looks at; some rules leave alone what ends as goods do."""
    if rule.spares_goods and _GOODS.search(core):
        return False
    return rule.pattern.search(whole if rule.whole else core) is not None


def _clean(name: str) -> str:
    """Unify width, take off quotation marks, spaces and what the licence says about the scope."""
    plain = re.sub(r"[\s“”\"'‘]", "", unicodedata.normalize("NFKC", name))
    return _SALES_PLACE.sub("", _SCOPE.sub("", plain))


def _core(whole: str) -> str:
    """Take the words off the end that say nothing about the thing: 业务, 系列, 类, 销售 …; and 销售 off the front."""
    core = re.sub(r"^(销售|生产销售|生产|制造)(?=..)", "", whole)
    while (shorter := _TAILS.sub("", core)) and shorter != core:
        core = shorter
    return core


def _of_place(whole: str) -> Judgement | None:
    """Judge a name that is a place or begins with one and says nothing more."""
    if _place_names().fullmatch(whole):
        return _PLACE
    if _PLACE_AND_NAME.fullmatch(whole) and not _GOODS.search(whole):
        return _PLACE_OR_FIRM
    return None


_PLACE_AND_NAME = re.compile(r"(香港|澳门|台湾|北京|上海|深圳|天津|重庆)[一-龥]{2}")


@cache
def _place_names() -> re.Pattern[str]:
    """Return the pattern of a name that is a place, with the words that say no more about it."""
    return re.compile(rf"({_AREAS}|{_region_names()})(省|市)?(地区|区域|市场|片区|大区)?(及其[他它](地区|国家))?")


def _region_names() -> str:
    """Return the names of provinces, and of cities with their 市 (白银 alone is silver), as a pattern."""
    regions = [region for region in all_regions().values() if region.level in (PROVINCE, CITY)]
    provinces = {short_name(region.code) for region in regions if region.level == PROVINCE}
    names = provinces | {region.name for region in regions}
    return "|".join(sorted(map(re.escape, names), key=lambda name: (-len(name), name)))
