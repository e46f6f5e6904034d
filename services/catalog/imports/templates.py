"""The import templates: one per kind, with Chinese headings, the fields that they fill and what to write there.

This is the one place that knows the headings: the importer, the downloadable templates, the seed and the demo use it.
"""

from dataclasses import dataclass
from enum import StrEnum


class ImportKind(StrEnum):
    """What a sheet holds. The order is the order of import: a kind refers only to kinds before it."""

    ENTERPRISES = "enterprises"
    CERTIFICATES = "certificates"
    TITLES = "titles"
    RELATIONS = "relations"
    PREFERENCES = "preferences"
    CLUSTERS = "clusters"
    CLUSTER_MEMBERS = "cluster_members"
    PRODUCTS = "products"
    BOM_LINES = "bom_lines"
    NEEDS = "needs"
    PURCHASES = "purchases"
    CAPABILITIES = "capabilities"


CODES_SHEET = "代码"
"""The sheet of a template that holds the words of code lists; it is not data."""


@dataclass(frozen=True)
class Column:
    """A column of a template: the field it fills, its heading, whether a row needs it, a note with an example."""

    field: str
    heading: str
    required: bool = False
    note: str = ""


@dataclass(frozen=True)
class Template:
    """A template: `title` is the sheet's and the file's name, `key` the fields that identify a row."""

    kind: ImportKind
    title: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]


_SUPPLIER = Column("supplier", "供应商统一社会信用代码", True, "18 位；以文本填写")
_LEADER = Column("leader", "链主统一社会信用代码", True, "18 位；以文本填写")
_PRODUCT = Column("product", "产品编码", True, "与“主导产品”表一致")
_CLASS = Column("class_code", "行业类别", note="GB/T 4754-2017 代码，或其名称")
_PROCESSES = Column("processes", "工艺", note="用顿号分开，如 高压压铸、数控加工")
_MATERIALS = Column("materials", "材料", note="用顿号分开，如 6061、42CrMo")
_PARAMETERS = "如：外径 100~250 mm；壁厚 ≥4 mm；材质 = 304/316L"

TEMPLATES: dict[ImportKind, Template] = {
    template.kind: template
    for template in (
        Template(
            ImportKind.ENTERPRISES,
            "企业",
            ("credit_code", "source_key"),
            (
                Column(
                    "credit_code",
                    "统一社会信用代码",
                    note="18 位；以文本填写。来源没有时，由映射给出 source_key",
                ),
                Column("name", "企业名称", True, "营业执照全称"),
                Column("short_name", "简称"),
                Column("roles", "角色", True, "链主企业、供应商；可两者"),
                Column("region", "所在地区", note="行政区划代码或名称，知道到哪一级就填到哪一级"),
                _CLASS,
                Column("staff", "从业人员", note="人"),
                Column("revenue_wan", "营业收入（万元）"),
            ),
        ),
        Template(
            ImportKind.CERTIFICATES,
            "资质证书",
            ("enterprise", "scheme", "number"),
            (
                Column("enterprise", "统一社会信用代码", True, "持证企业，18 位"),
                Column("scheme", "证书体系", True, "如 IATF 16949、GB/T 19001"),
                Column("number", "证书编号", True),
                Column("scope", "认证范围"),
                Column("issuer", "发证机构"),
                Column("valid_from", "有效期起", note="如 2024-05-01"),
                Column("valid_until", "有效期止", True, "如 2027-04-30"),
                Column("trust", "核验程度", note="自行申报、已见原件、已核验；默认自行申报"),
                Column("sites", "认证场所", note="行政区划，用顿号分开；空 = 企业的全部场所"),
                Column("suspended_on", "暂停日期", note="被暂停的证书填写，如 2026-03-01"),
            ),
        ),
        Template(
            ImportKind.TITLES,
            "企业称号",
            ("enterprise", "title", "level"),
            (
                Column("enterprise", "统一社会信用代码", True, "18 位；以文本填写"),
                Column("title", "称号", True, "如 专精特新中小企业、省级制造业单项冠军"),
                Column("level", "级别", note="国家级、省级、市级；空 = 以称号所写或通常的级别为准"),
                Column("number", "证书编号"),
                Column("issued", "认定日期", note="如 2024-05-01"),
                Column("expires", "有效期止", note="空 = 按该称号通常的年限"),
            ),
        ),
        Template(
            ImportKind.RELATIONS,
            "股权关系",
            ("owner", "owned"),
            (
                Column("owner", "股东统一社会信用代码", True, "18 位；以文本填写"),
                Column("owned", "被投资企业统一社会信用代码", True, "18 位；以文本填写"),
                Column("share", "持股比例", note="如 51%；空 = 不详"),
                Column("valid_from", "起始日"),
                Column("valid_until", "截止日"),
            ),
        ),
        Template(
            ImportKind.PREFERENCES,
            "供应商偏好",
            ("leader", "supplier", "part_code"),
            (
                _LEADER,
                _SUPPLIER,
                Column("part_code", "零部件编码", note="空 = 全部零部件"),
                Column("stance", "态度", True, "黑名单、优先"),
                Column("reason", "原因"),
                Column("valid_until", "有效期止"),
            ),
        ),
        Template(
            ImportKind.CLUSTERS,
            "集群",
            ("code",),
            (
                Column("code", "集群编码", True),
                Column("name", "集群名称", True),
                Column("tier", "层级", True, "世界级、国家级、省级"),
                Column("cities", "所含城市", True, "用顿号分开，如 青岛、烟台、潍坊"),
                Column("target", "目标配套率", note="如 50%；默认 50%"),
                Column("next_review", "下次评估日", note="如 2028-12-31"),
            ),
        ),
        Template(
            ImportKind.CLUSTER_MEMBERS,
            "集群成员",
            ("cluster", "enterprise"),
            (
                Column("cluster", "集群编码", True),
                Column("enterprise", "统一社会信用代码", True),
            ),
        ),
        Template(
            ImportKind.PRODUCTS,
            "主导产品",
            ("code",),
            (
                Column("code", "产品编码", True),
                Column("name", "产品名称", True),
                Column("leader", "链主统一社会信用代码", note="18 位；以文本填写"),
                Column("cluster", "集群编码"),
                _CLASS,
                Column("annual_volume", "年产量"),
                Column("unit", "计量单位", note="台、件、套、吨 …"),
            ),
        ),
        Template(
            ImportKind.BOM_LINES,
            "物料清单",
            ("product", "parent", "part_code"),
            (
                _PRODUCT,
                Column("parent", "上级编码", note="上级部件的编码；空 = 直接属于产品"),
                Column("part_code", "零部件编码", True),
                Column("part_name", "零部件名称", True),
                Column("quantity", "单位用量", note="一件上级用几件；默认 1"),
                Column("unit", "计量单位", note="件、套、千克 …"),
                Column("sourcing", "自制或外购", note="自制、外购；默认：有下级为自制，无下级为外购"),
            ),
        ),
        Template(
            ImportKind.NEEDS,
            "配套需求",
            ("product", "part_code"),
            (
                _PRODUCT,
                Column("part_code", "零部件编码", True),
                Column("part_name", "零部件名称", True),
                Column("annual_quantity", "年需求量", note="有物料清单时由其推算，可不填"),
                Column("unit", "计量单位", note="件、套、千克 …"),
                Column("unit_price", "单价（元）", note="不含税"),
                _CLASS,
                Column("text", "技术要求", note="工艺、材料、标准，照常书写"),
                Column(
                    "certificates",
                    "所需证书",
                    note="如 IATF 16949；GB/T 19001@2026-12-31（@ 后为须有效的日期）",
                ),
                Column("parameters", "参数要求", note=_PARAMETERS),
                Column("lead_time_days", "交货期要求（天）"),
                Column("max_moq", "可接受起订量"),
                Column("price_ceiling", "最高限价（元）"),
                Column("distance_limit_km", "距离上限（公里）"),
                Column("release_share", "可释放份额", note="如 80%；默认 100%"),
                Column("dual_source_cap", "单一供应商上限", note="如 70%；空 = 按规则"),
                _PROCESSES,
                _MATERIALS,
                Column("needed_from", "需求日期", note="从哪天起需要，如 2027-01-01"),
            ),
        ),
        Template(
            ImportKind.PURCHASES,
            "采购台账",
            ("leader", "document"),
            (
                _LEADER,
                Column("document", "单据号", True, "发票号或入账凭证号，同一链主内不重复"),
                Column("part_code", "零部件编码", True),
                Column("supplier", "供应商统一社会信用代码", note="已登记的供应商"),
                Column("supplier_name", "供应商名称", note="未登记的供应商填名称"),
                Column("supplier_region", "供应商所在地", note="知道到哪一级就填到哪一级；空 = 来源不明"),
                Column("period", "期间", True, "2025、2025Q3 或 2025-07"),
                Column("quantity", "数量"),
                Column("amount", "金额（元，不含税）", True),
                Column("related_party", "关联交易", note="是 / 否"),
                Column("toll_processing", "委托加工", note="是 / 否"),
                Column("energy_water", "能源水费", note="是 / 否"),
            ),
        ),
        Template(
            ImportKind.CAPABILITIES,
            "供给能力",
            ("supplier", "code"),
            (
                _SUPPLIER,
                Column("code", "能力编码", note="空 = 以名称为准"),
                Column("name", "产品或工艺", True),
                _CLASS,
                Column("text", "能力描述", note="设备、工艺、材料、主要客户，照常书写"),
                Column("parameters", "参数范围", note=_PARAMETERS),
                Column("spare_capacity", "年剩余产能"),
                Column("capacity_unit", "产能单位", note="件、套、吨 …，或 元、万元（来料承揽的按产值）"),
                Column("unit_price", "单价（元）", note="不含税"),
                Column("moq", "起订量"),
                Column("lead_time_days", "交货期（天）"),
                _PROCESSES,
                _MATERIALS,
            ),
        ),
    )
}
