"""Which industry class (GB/T 4754-2017, four digits) a text is about: products, a firm's name, a business scope.

Each class is a document of many texts: its name and the words of trade of `data/class_words.csv`. A text is cut into
its items, each item is ranked like any query, and the first items count most: a business scope (经营范围) begins with
what the firm lives on, and ends with what every scope says. What is done with the thing tells makers from dealers,
growers, builders and repairers, so the verbs move whole sections up or down.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import exp

from shared.codes.classes import all_classes
from shared.text.normalise import company_core, normalise
from shared.text.retrieval import Corpus, Entry
from shared.text.trade_words import trade_words

Proposal = list[tuple[str, float]]
"""Classes by code, with scores from 0 to 1, best first."""

_ITEMS = 10
_FADING = 0.35
"""Item i counts 1 / (1 + 0.35 i)."""
_PER_ITEM = 15
_SURENESS = 1.5
"""Bends what adds up to about 1 into a score below 1: the same words reach 0.78, half of them 0.5."""
_WHOLE_TEXT = 60
"""A text of at most so many signs is also ranked as a whole."""

_ASIDE = re.compile(r"\([^()]*(?:不含|除|依法|须经|凭|经相关|仅|国家|法律|另设|分支)[^()]*\)")
_HEADING = re.compile(r"(?:许可|一般|主营|兼营)(?:经营)?(?:项目|范围|业务|产品)?[::]|经营范围[::]?|(?:主要)?产品[::]")
_CUT = re.compile(r"[;；,，。、/|:：\n]+|\s{2,}")
_SAID_BY_ALL = re.compile(
    r"进出口|^(?:新材料|网络|信息|软件|农业|环保|新能源)?技术(?:服务|开发|咨询|交流|转让|推广|研发)|信息咨询|企业管理咨询"
    r"|依法须经|自主开展|经营活动|经相关部门|批准|自有资金|会议及展览|贸易代理|限制的项目|禁止的项目|商务咨询|许可证"
    r"|劳务服务|货物与技术|普通货运|居民日常生活|非居住房地产|租赁服务\(|互联网销售"
)
_FIRM = re.compile(r"公司|集团|合作社|厂$")


@dataclass(frozen=True)
class _Cue:
    """A verb that moves sections: the divisions (two digits, from – to) that it is about, and how much either way."""

    said: re.Pattern[str]
    first: int
    last: int
    with_it: float
    without: float


_CUES = (
    _Cue(re.compile(r"批发|销售|贸易|经销|经营部|商贸|代理商|购销"), 51, 51, 1.15, 0.7),
    _Cue(re.compile(r"零售|专卖|[药商书花]店|超市|商场|门店|4s|网店|电商|网上"), 52, 52, 1.2, 0.65),
    _Cue(re.compile(r"维修|修理|检修|保养|大修|修复"), 43, 43, 1.15, 0.65),
    _Cue(re.compile(r"维修|修理|保养|汽修|保洁|清洗"), 81, 82, 1.15, 0.7),
    _Cue(re.compile(r"租赁|出租"), 71, 71, 1.2, 0.7),
    _Cue(re.compile(r"施工|安装|工程|建设|装修|装饰|建筑|承包"), 47, 50, 1.1, 0.75),
    _Cue(re.compile(r"种植|养殖|饲养|培育|捕捞|造林|育苗|繁育|放养|采伐"), 1, 5, 1.2, 0.75),
    _Cue(re.compile(r"开采|采选|洗选|采掘|钻井|矿"), 6, 12, 1.15, 0.7),
    _Cue(re.compile(r"服务|运输|物流|仓储|配送|货代|代理|快递|港口|运营|航|客运|装卸|邮|堆场|票"), 53, 60, 1.05, 0.75),
    _Cue(
        re.compile(r"服务|设计|检测|咨询|研究|研发|监理|勘察|测绘|开发|事务所|推广|代办|广告|平台|软件|系统"),
        63,
        75,
        1.05,
        0.8,
    ),
    _Cue(re.compile(r"机关|机构|委员会|协会|学会|商会|法院|检察|社区|工会|基金会|保险|联合会|村"), 91, 97, 1.1, 0.6),
)
_MAKERS = slice(13, 43)
_DEALERS = (51, 52)
_FITS_REMEMBERED = 1 << 14
_MAKES = re.compile(r"生产|制造|加工|制作|冶炼|铸造|酿造|组装|纺织|印刷")
_ONLY_SELLS = 0.8
_SELLS = _CUES[0].said
_REST = 0.92
"""A class of what is left over (其他…) must be named a little better than the others of its group."""
_DEALER_OF_OWN = 0.5
"""A maker who also sells what it makes: what its dealing says counts less."""


def classify(texts: Sequence[str], k: int) -> list[Proposal]:
    """The k likeliest classes of each text, best first; equal scores by code. A text that says nothing has none."""
    items = [_items(text) for text in texts]
    queries = sorted({item for each in items for item in each})
    found = _classes().top([Entry((query,)) for query in queries], _PER_ITEM)
    ranked = {
        query: [(_codes()[place], score) for place, score in hits] for query, hits in zip(queries, found, strict=True)
    }
    return [_proposal(each, normalise(text), ranked, k) for each, text in zip(items, texts, strict=True)]


def _proposal(items: list[str], text: str, ranked: dict[str, Proposal], k: int) -> Proposal:
    """The items' classes added up, each by its place in the text and by what is said to be done."""
    total: dict[str, float] = defaultdict(float)
    makes = _MAKES.search(text) is not None
    whole = 0.0
    for place, item in enumerate(items):
        share = 1 / (1 + _FADING * place)
        whole += share
        says = item if len(items) > 2 else text
        fits = _fits(says, makes)
        for code, score in ranked[item]:
            total[code] += share * score * fits[int(code[:2])] * (_REST if code in _rests() else 1)
    best = sorted(total.items(), key=lambda each: (-each[1], each[0]))[:k]
    return [(code, 1 - exp(-_SURENESS * score / whole)) for code, score in best]


@lru_cache(_FITS_REMEMBERED)
def _fits(says: str, makes: bool) -> list[float]:
    """How well each division (by its two digits) fits what an item says is done."""
    fits = [1.0] * 100
    if not makes and _SELLS.search(says):
        fits[_MAKERS] = [_ONLY_SELLS] * len(fits[_MAKERS])
    for cue in _CUES:
        fit = cue.with_it if cue.said.search(says) else cue.without
        for division in range(cue.first, cue.last + 1):
            fits[division] = fit * (_DEALER_OF_OWN if makes and division in _DEALERS else 1)
    return fits


def _items(text: str) -> list[str]:
    """What the text lists, its first items; without headings, asides and what every scope says."""
    plain = normalise(text)
    for _ in range(2):
        plain = _ASIDE.sub("", plain)
    parts = [_core(part.strip(" ().-")) for part in _CUT.split(_HEADING.sub(";", plain))]
    said = [part for part in dict.fromkeys(parts) if len(part) > 1]
    telling = [part for part in said if not _SAID_BY_ALL.search(part)] or said
    short = " ".join(telling)
    return ([short] if len(telling) > 1 and len(short) <= _WHOLE_TEXT else []) + telling[:_ITEMS]


def _core(part: str) -> str:
    """A firm's name without its place and legal form; other items as they are."""
    return company_core(part) if _FIRM.search(part) else part


@cache
def _rests() -> frozenset[str]:
    return frozenset(code for code in _codes() if all_classes()[code].name.startswith("其他"))


@cache
def _codes() -> list[str]:
    return [code for code, item in all_classes().items() if item.level == "class"]


@cache
def _classes() -> Corpus:
    """The classes as documents, indexed once."""
    return Corpus(Entry((all_classes()[code].name, *trade_words().get(code, ()))) for code in _codes())
