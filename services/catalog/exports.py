"""How the catalog's lists are told in spreadsheets: the headings of their columns, and words for their codes."""

from collections.abc import Mapping
from typing import Any

from services.catalog.capabilities.rules import DISCLOSURE_NAMES
from services.catalog.clusters.rules import TIER_NAMES
from services.catalog.enterprises.rules import STATUS_NAMES
from services.catalog.registration.rules import STATE_NAMES
from shared.audit.rules import in_a_cell
from shared.codes.parameters import Parameter, say
from shared.codes.titles import LEVEL_NAMES
from shared.http.exports import Vocabulary
from shared.spreadsheets.writing import Cell

HEADINGS: Mapping[str, str] = {
    "actor": "操作人",
    "address": "来源网段",
    "after": "变更后",
    "agent": "客户端",
    "aliases": "别名",
    "amount": "金额（元，不含税）",
    "annual_quantity": "年需求量",
    "annual_spend": "年采购额（元）",
    "annual_volume": "年产量",
    "applied": "已写入",
    "at": "时间",
    "before": "变更前",
    "capacity_unit": "产能单位",
    "certificates": "资质要求",
    "change_count": "变更项数",
    "changes": "变更内容",
    "children": "下级",
    "cities": "城市代码",
    "city": "城市代码",
    "city_name": "所在城市",
    "city_names": "城市",
    "class_code": "行业类别",
    "cleaned": "整理后",
    "cluster_name": "集群",
    "clusters": "集群数",
    "code": "编码",
    "columns": "列",
    "concealed": "不公开的字段",
    "created_at": "创建时间",
    "credit_code": "统一社会信用代码",
    "decided_at": "处理时间",
    "decided_by": "处理人",
    "dimension": "量纲",
    "disclosure": "公开范围",
    "distance_limit_km": "距离上限（公里）",
    "document": "单据号",
    "dual_source_cap": "单一供应商上限",
    "energy_water": "能源水费",
    "enterprise_name": "企业",
    "entity": "对象编号",
    "expires": "到期日",
    "factor": "换算系数",
    "filename": "文件名",
    "full_name": "全称",
    "hash": "哈希",
    "hits": "命中",
    "href": "下载地址",
    "in_cities": "在集群城市内",
    "is_chain_leader": "链主企业",
    "is_claim": "认领",
    "is_supplier": "供应商",
    "issued": "认定日",
    "issuer": "发证机构",
    "key": "主键",
    "kind": "数据种类",
    "label": "类别",
    "lead_time_days": "交期（天）",
    "leader_name": "链主企业",
    "level": "级别",
    "levels": "级别",
    "mapping": "映射",
    "materials": "材料",
    "max_moq": "可接受的最小起订量",
    "members": "成员数",
    "mode": "方式",
    "moq": "最小起订量",
    "more": "还有更多",
    "name": "名称",
    "named": "列入集群城市",
    "needed_from": "需求日期",
    "next_review": "下次复核日期",
    "note": "备注",
    "number": "证书编号",
    "on_behalf_of": "所代表的企业",
    "op": "操作",
    "outcome": "结果",
    "owned_name": "被持股企业",
    "owner_name": "持股企业",
    "parameters": "技术参数",
    "parent": "上级",
    "part_code": "零部件编码",
    "part_name": "零部件名称",
    "path": "所在层次",
    "period": "期间",
    "places": "规划数",
    "price_ceiling": "最高单价（元）",
    "problem_count": "问题数",
    "problems": "问题",
    "processes": "工艺",
    "product_code": "产品编码",
    "product_name": "主导产品",
    "quantity": "数量",
    "raw": "原始内容",
    "reason": "原因",
    "recorded_at": "记录时间",
    "region": "行政区划",
    "related_party": "关联交易",
    "release_share": "可释放比例",
    "request": "请求编号",
    "retired_in": "撤销年份",
    "revenue_wan": "营业收入（万元）",
    "role": "角色",
    "row": "行号",
    "satisfies": "视同满足",
    "scheme": "证书体系",
    "scope": "认证范围",
    "score": "相似度",
    "seq": "链中序号",
    "sha256": "文件指纹（SHA-256）",
    "share": "持股比例",
    "sheet": "工作表",
    "sheets": "各表结果",
    "short_name": "简称",
    "sign": "符号",
    "similar": "相近企业",
    "sites": "场所",
    "size": "规模",
    "source": "来源",
    "source_key": "来源编号",
    "spare_capacity": "富余年产能",
    "staff": "从业人员",
    "stance": "态度",
    "state": "进展",
    "stated_quantity": "填报年需求量",
    "status": "状态",
    "submitted_at": "提交时间",
    "successors": "现行区划",
    "supplier_name": "供应商",
    "supplier_region": "供应商地区",
    "suspended_on": "暂停日期",
    "target": "配套率目标",
    "text": "说明",
    "tier": "层级",
    "title": "称号代码",
    "title_name": "称号",
    "toll_processing": "委托加工",
    "trust": "核验程度",
    "unit": "单位",
    "unit_price": "单价（元）",
    "updated_at": "更新时间",
    "valid_from": "生效日期",
    "valid_until": "有效期至",
    "verb": "操作",
    "what": "变更",
    "years": "有效年数",
}

WORDS: Mapping[str, Mapping[str, str]] = {
    "disclosure": {level.value: name for level, name in DISCLOSURE_NAMES.items()},
    "level": {level.value: name for level, name in LEVEL_NAMES.items()},
    "mode": {"valid_rows": "导入有效行", "all_or_nothing": "全部或不导入"},
    "op": {"insert": "新增", "update": "修改", "delete": "删除"},
    "outcome": {
        "created": "新增",
        "changed": "修改",
        "unchanged": "未变",
        "repeated": "重复",
        "refused": "拒绝",
        "to_be_looked_at": "待查看",
    },
    "size": {"large": "大型", "medium": "中型", "small": "小型", "micro": "微型"},
    "stance": {"blacklisted": "黑名单", "preferred": "优先"},
    "state": {state.value: name for state, name in STATE_NAMES.items()},
    "status": {status.value: name for status, name in STATUS_NAMES.items()},
    "tier": {tier.value: name for tier, name in TIER_NAMES.items()},
    "trust": {"self_declared": "自行申报", "document_seen": "已见原件", "verified": "已核验"},
}


def _parameters(values: list[dict[str, Any]]) -> Cell:
    return "；".join(say(Parameter.model_validate(value)) for value in values) or None


def _certificates(values: list[dict[str, Any]]) -> Cell:
    """As the template takes them: IATF 16949@2026-12-31."""
    dated = (f"{each['scheme']}@{each['on_date']}" if each["on_date"] else str(each["scheme"]) for each in values)
    return "；".join(dated) or None


def _changes(values: list[dict[str, Any]]) -> Cell:
    """Field by field: 名称：甲 → 乙."""
    told = (f"{HEADINGS.get(each['field'], each['field'])}：{each['before']} → {each['after']}" for each in values)
    return "；".join(told) or None


def _problems(values: list[dict[str, Any]]) -> Cell:
    told = (f"{each['column'] or ''}：{each['message']}，{each['remedy']}".removeprefix("：") for each in values)
    return "；".join(told) or None


def _cells(values: Mapping[str, Any] | None) -> Cell:
    return "；".join(f"{heading}：{value}" for heading, value in (values or {}).items()) or None


VOCABULARY = Vocabulary(
    headings=HEADINGS,
    words=WORDS,
    formats={
        "certificates": _certificates,
        "changes": _changes,
        "cleaned": _cells,
        "parameters": _parameters,
        "problems": _problems,
        "raw": _cells,
        "what": in_a_cell,
    },
    dropped=frozenset({"sheets"}),
)
