"""Each hard rule, met and failed, with the very sentence that people read."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.matching.engine.judgement.eligibility import RULES, Bench, joined
from services.matching.engine.plan import Evidence, Rule, Verdict
from services.matching.engine.policy import Policy, Scope, Trust
from services.matching.engine.snapshot import CertificateAsked, Exclusion, Incumbent, Preference, Snapshot
from shared.codes.parameters import Parameter
from tests.unit.matching.engine.build import (
    PLAIN,
    WEIFANG,
    capability,
    certificate,
    first_pair,
    line,
    product,
    snapshot,
    supplier,
)

YEAR_END = date(2026, 12, 31)


def evidence_of(rule: Rule, of: Snapshot, policy: Policy = PLAIN) -> list[Evidence]:
    """What a rule says of the first pair."""
    facts, pair = first_pair(of, policy)
    return RULES[rule].judge(facts, pair)


def one(rule: Rule, of: Snapshot, policy: Policy = PLAIN) -> tuple[Verdict, str]:
    """The verdict and the sentence of a rule that says one thing."""
    (found,) = evidence_of(rule, of, policy)
    assert found.rule is rule
    return found.verdict, found.sentence


def test_the_rules_stand_in_their_order() -> None:
    assert list(RULES) == list(Rule)


@pytest.mark.parametrize(
    ("status", "waived", "expected"),
    [
        ("verified", False, (Verdict.MET, "企业已核验")),
        ("submitted", False, (Verdict.FAILED, "要求企业已核验且在册，该企业已提交、尚未核验")),
        ("submitted", True, (Verdict.NOT_ASKED, "本次匹配不要求企业已核验")),
        ("suspended", True, (Verdict.FAILED, "要求企业已核验且在册，该企业已暂停")),
        ("retired", False, (Verdict.FAILED, "要求企业已核验且在册，该企业已注销")),
    ],
)
def test_verified(status: str, waived: bool, expected: tuple[Verdict, str]) -> None:
    of = snapshot(suppliers=[supplier(status=status)])
    assert one(Rule.VERIFIED, of, Policy(require_verified=not waived)) == expected


@pytest.mark.parametrize(
    ("leader", "expected"),
    [
        ("L1", (Verdict.MET, "与链主不是同一企业")),
        ("S1", (Verdict.FAILED, "要求由链主以外的企业配套，该企业就是链主自己")),
        (None, (Verdict.NOT_ASKED, "未指明链主企业")),
    ],
)
def test_not_self(leader: str | None, expected: tuple[Verdict, str]) -> None:
    assert one(Rule.NOT_SELF, snapshot(products=[product(leader_key=leader)])) == expected


def test_not_related() -> None:
    assert one(Rule.NOT_RELATED, snapshot()) == (Verdict.MET, "未见与链主的股权关联")
    of = snapshot(lines=[line(), line("N2")], incumbents=[Incumbent(1, 0, 5, related=True)])
    assert one(Rule.NOT_RELATED, of) == (Verdict.FAILED, "要求供应商与链主无股权关联，该企业是链主的关联方")


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (0, (Verdict.MET, "该企业尚未供应此零部件")),
        (400_000, (Verdict.MET, "该企业已供应 40.00 万元，还可增加")),
        (
            1_000_000,
            (Verdict.FAILED, "要求尚有可增加的份额，该企业已供应 100.00 万元，此零部件已全部由其供应"),
        ),
    ],
)
def test_not_in_full(amount: int, expected: tuple[Verdict, str]) -> None:
    assert one(Rule.NOT_IN_FULL, snapshot(incumbents=[Incumbent(0, 0, amount)])) == expected


CLUSTER = "要求在“虚构集群”所含城市（青岛、烟台）或为其成员"


@pytest.mark.parametrize(
    ("scope", "changes", "expected"),
    [
        (Scope.CLUSTER, {}, (Verdict.MET, f"{CLUSTER}，该企业在山东省青岛市")),
        (
            Scope.CLUSTER,
            {"region": WEIFANG, "cluster_keys": ("A",)},
            (Verdict.MET, f"{CLUSTER}，该企业在山东省潍坊市（集群成员）"),
        ),
        (Scope.CLUSTER, {"region": WEIFANG}, (Verdict.FAILED, f"{CLUSTER}，该企业在山东省潍坊市，不属本地")),
        (
            Scope.CLUSTER,
            {"region": "370000"},
            (Verdict.FAILED, f"{CLUSTER}，该企业仅知在山东省，无法判断是否本地"),
        ),
        (
            Scope.CLUSTER,
            {"region": None},
            (Verdict.FAILED, f"{CLUSTER}，该企业未登记所在地区，无法判断是否本地"),
        ),
        (Scope.CITY, {}, (Verdict.MET, "要求与链主同在山东省青岛市，该企业在山东省青岛市")),
        (
            Scope.COUNTY,
            {"region": "370212"},
            (Verdict.FAILED, "要求与链主同在山东省青岛市城阳区，该企业在山东省青岛市崂山区，不属本地"),
        ),
        (
            Scope.CIRCLE,
            {"region": WEIFANG},
            (Verdict.MET, "要求与链主同在胶东经济圈，该企业在山东省潍坊市"),
        ),
        (Scope.PROVINCE, {"region": "370000"}, (Verdict.MET, "要求在山东省内，该企业在山东省")),
        (
            Scope.PROVINCE,
            {"region": "310000"},
            (Verdict.FAILED, "要求在山东省内，该企业在上海市，不属本地"),
        ),
    ],
)
def test_locality(scope: Scope, changes: dict[str, Any], expected: tuple[Verdict, str]) -> None:
    assert one(Rule.LOCALITY, snapshot(suppliers=[supplier(**changes)]), Policy(scope=scope)) == expected


def test_nothing_is_local_without_a_cluster_or_a_leaders_place() -> None:
    no_cluster = snapshot(products=[product(cluster=None)])
    assert one(Rule.LOCALITY, no_cluster) == (
        Verdict.FAILED,
        "该产品未归入任何集群，按集群口径没有本地企业",
    )
    nowhere = snapshot(products=[product(leader_region="370000")])
    assert one(Rule.LOCALITY, nowhere, Policy(scope=Scope.CITY)) == (
        Verdict.FAILED,
        "链主的所在地不够具体，按此口径无法判断哪些企业是本地",
    )


@pytest.mark.parametrize(
    ("limit", "region", "expected"),
    [
        (None, WEIFANG, (Verdict.NOT_ASKED, "未限定运距")),
        (200, WEIFANG, (Verdict.MET, "要求距链主不超过 200 千米，该企业约 119 千米")),
        (100, WEIFANG, (Verdict.FAILED, "要求距链主不超过 100 千米，该企业约 119 千米")),
        (
            100,
            "370000",
            (
                Verdict.FAILED,
                "要求距链主不超过 100 千米，该企业或链主的所在地不够具体（山东省），无法确定距离",
            ),
        ),
    ],
)
def test_distance(limit: int | None, region: str, expected: tuple[Verdict, str]) -> None:
    of = snapshot(suppliers=[supplier(region=region)], lines=[line(distance_limit_km=limit)])
    assert one(Rule.DISTANCE, of) == expected


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ([], (Verdict.FAILED, "要求 IATF 16949 于 2026-12-31 有效，该企业没有登记任何证书")),
        (
            [certificate("ISO 9001", date(2027, 5, 1))],
            (
                Verdict.FAILED,
                "要求 IATF 16949 于 2026-12-31 有效，该企业仅有 ISO 9001（有效期至 2027-05-01）",
            ),
        ),
        (
            [certificate("IATF 16949", date(2026, 12, 30))],
            (
                Verdict.FAILED,
                "要求 IATF 16949 于 2026-12-31 有效，该企业的 IATF 16949（有效期至 2026-12-30）届时已失效",
            ),
        ),
        (
            [certificate("IATF 16949", date(2029, 1, 1), valid_from=date(2027, 1, 2))],
            (
                Verdict.FAILED,
                "要求 IATF 16949 于 2026-12-31 有效，该企业的 IATF 16949 自 2027-01-02 起才有效",
            ),
        ),
        (
            [certificate("IATF 16949", YEAR_END), certificate("ISO 9001", date(2028, 1, 1))],
            (Verdict.MET, "要求 IATF 16949 于 2026-12-31 有效，该企业持有 IATF 16949（有效期至 2026-12-31）"),
        ),
    ],
)
def test_certificate(held: list[Any], expected: tuple[Verdict, str]) -> None:
    asked = (CertificateAsked("IATF 16949", YEAR_END),)
    assert one(Rule.CERTIFICATE, snapshot(lines=[line(certificates=asked)], certificates=held)) == expected


def test_one_scheme_satisfies_another_and_none_is_asked() -> None:
    asked = (CertificateAsked("ISO 9001", YEAR_END),)
    held = [certificate("IATF 16949", date(2028, 1, 1))]
    assert one(Rule.CERTIFICATE, snapshot(lines=[line(certificates=asked)], certificates=held)) == (
        Verdict.MET,
        "要求 ISO 9001 于 2026-12-31 有效，该企业持有 IATF 16949（有效期至 2028-01-01）",
    )
    assert one(Rule.CERTIFICATE, snapshot()) == (Verdict.NOT_ASKED, "未要求资质证书")


def test_more_certificates_than_one_can_read_are_counted() -> None:
    schemes = ("ISO 9001", "ISO 14001", "ISO 45001", "ISO 50001")
    held = [certificate(scheme, date(2027, month, 1)) for month, scheme in enumerate(schemes, start=1)]
    asked = (CertificateAsked("IATF 16949", YEAR_END),)
    assert one(Rule.CERTIFICATE, snapshot(lines=[line(certificates=asked)], certificates=held)) == (
        Verdict.FAILED,
        "要求 IATF 16949 于 2026-12-31 有效，该企业仅有 ISO 50001（有效期至 2027-04-01）、"
        "ISO 45001（有效期至 2027-03-01）、ISO 14001（有效期至 2027-02-01）等 4 项",
    )


def diameter(low: int, high: int) -> Parameter:
    """An outer diameter in mm."""
    return Parameter(name="外径", low=Decimal(low), high=Decimal(high), unit="mm")


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        (diameter(50, 300), (Verdict.MET, "要求外径 100~250 mm，该供给能力为外径 50~300 mm")),
        (diameter(50, 200), (Verdict.FAILED, "要求外径 100~250 mm，该供给能力为外径 50~200 mm，不能覆盖")),
        (None, (Verdict.FAILED, "要求外径 100~250 mm，该供给能力未写明外径")),
    ],
)
def test_parameter(offered: Parameter | None, expected: tuple[Verdict, str]) -> None:
    of = snapshot(
        lines=[line(parameters=(diameter(100, 250),))],
        capabilities=[capability(parameters=(offered,) if offered else ())],
    )
    assert one(Rule.PARAMETER, of) == expected


def test_no_parameter_is_asked() -> None:
    assert one(Rule.PARAMETER, snapshot()) == (Verdict.NOT_ASKED, "未要求技术参数")


@pytest.mark.parametrize(
    ("asked", "offered", "expected"),
    [
        ("件", "件", (Verdict.MET, "以“件”计，该供给能力以“件”计")),
        ("吨", "千克", (Verdict.MET, "以“吨”计，该供给能力以“千克”计")),
        ("件", "套", (Verdict.FAILED, "要求以“件”计，该供给能力以“套”计，不能换算")),
        ("件", "吨", (Verdict.FAILED, "要求以“件”计，该供给能力以“吨”计，不能换算")),
        (None, "吨", (Verdict.NOT_ASKED, "一方未写明计量单位")),
    ],
)
def test_unit(asked: str | None, offered: str | None, expected: tuple[Verdict, str]) -> None:
    of = snapshot(lines=[line(unit=asked)], capabilities=[capability(unit=offered)])
    assert one(Rule.UNIT, of) == expected


@pytest.mark.parametrize(
    ("asked", "offered", "expected"),
    [
        ({}, {}, (Verdict.MET, "要求起订量不超过 10,000 件，该供给能力未设起订量")),
        ({}, {"moq": 10_000_000}, (Verdict.MET, "要求起订量不超过 10,000 件，该供给能力起订量 10,000 件")),
        (
            {"max_moq": 500_000},
            {"moq": 500_500},
            (Verdict.FAILED, "要求起订量不超过 500 件，该供给能力起订量 500.5 件"),
        ),
        (
            {"unit": "吨", "quantity": 2_000},
            {"unit": "千克", "moq": 2_500_000},
            (Verdict.FAILED, "要求起订量不超过 2 吨，该供给能力起订量 2.5 吨"),
        ),
        ({"quantity": None}, {"moq": 1}, (Verdict.NOT_ASKED, "未限定起订量")),
        ({}, {"unit": "套", "moq": 1}, (Verdict.NOT_ASKED, "无从比较起订量")),
    ],
)
def test_order_size(asked: dict[str, Any], offered: dict[str, Any], expected: tuple[Verdict, str]) -> None:
    of = snapshot(lines=[line(**asked)], capabilities=[capability(**offered)])
    assert one(Rule.MOQ, of) == expected


@pytest.mark.parametrize(
    ("limit", "days", "expected"),
    [
        (30, 30, (Verdict.MET, "要求交期不超过 30 天，该供给能力的交期为 30 天")),
        (30, 31, (Verdict.FAILED, "要求交期不超过 30 天，该供给能力的交期为 31 天")),
        (30, None, (Verdict.FAILED, "要求交期不超过 30 天，该供给能力未写明交期")),
        (None, 90, (Verdict.NOT_ASKED, "未限定交期")),
    ],
)
def test_lead_time(limit: int | None, days: int | None, expected: tuple[Verdict, str]) -> None:
    of = snapshot(lines=[line(lead_time_days=limit)], capabilities=[capability(lead_time_days=days)])
    assert one(Rule.LEAD_TIME, of) == expected


@pytest.mark.parametrize(
    ("asked", "offered", "expected"),
    [
        (
            {"price_ceiling": 1_000_000},
            {},
            (Verdict.MET, "要求单价不超过 100 元/件，该供给能力报价 100 元/件"),
        ),
        (
            {"price_ceiling": 999_900},
            {},
            (Verdict.FAILED, "要求单价不超过 99.99 元/件，该供给能力报价 100 元/件"),
        ),
        (
            {"price_ceiling": 40_000_000, "unit": "吨"},
            {"unit": "千克", "unit_price": 50_000},
            (Verdict.FAILED, "要求单价不超过 4,000 元/吨，该供给能力报价 5,000 元/吨"),
        ),
        ({"price_ceiling": 1}, {"unit_price": None}, (Verdict.FAILED, "要求单价不超过 0.0001 元/件，该供给能力未报价")),
        ({"price_ceiling": 1}, {"unit": "套"}, (Verdict.NOT_ASKED, "计量单位不同，无从比较价格")),
        ({}, {}, (Verdict.NOT_ASKED, "未设最高限价")),
    ],
)
def test_price(asked: dict[str, Any], offered: dict[str, Any], expected: tuple[Verdict, str]) -> None:
    of = snapshot(lines=[line(**asked)], capabilities=[capability(**offered)])
    assert one(Rule.PRICE, of) == expected


def test_cool_off() -> None:
    assert one(Rule.COOL_OFF, snapshot()) == (Verdict.NOT_ASKED, "冷静期内未被退回")
    rejected = snapshot(exclusions=[Exclusion(0, 0, "价格不合适")])
    assert one(Rule.COOL_OFF, rejected) == (
        Verdict.FAILED,
        "该企业与此需求的配对在 180 天冷静期内曾被退回：价格不合适",
    )


def test_all_rules_are_tried_and_one_curable_failure_is_a_near_miss() -> None:
    asked = line(certificates=(CertificateAsked("ISO 9001", YEAR_END), CertificateAsked("ISO 14001", YEAR_END)))
    facts, pair = first_pair(snapshot(lines=[asked]))
    ruling = Bench(facts).judge(pair)
    assert ruling.failed == (Rule.CERTIFICATE,)
    assert ruling.curable is Rule.CERTIFICATE and not ruling.eligible
    assert {row.rule for row in ruling.evidence} == set(Rule) - {Rule.BLACKLISTED}
    both = joined(ruling.failures())
    assert both.asked == "ISO 9001 于 2026-12-31 有效；ISO 14001 于 2026-12-31 有效"
    assert both.sentence.count("该企业没有登记任何证书") == 2


def test_several_failures_stand_in_the_order_of_the_rules() -> None:
    of = snapshot(suppliers=[supplier(region=WEIFANG, status="suspended")], lines=[line(lead_time_days=1)])
    facts, pair = first_pair(of)
    ruling = Bench(facts).judge(pair)
    assert ruling.failed == (Rule.VERIFIED, Rule.LOCALITY, Rule.LEAD_TIME)
    assert ruling.curable is None


ASKED = line(certificates=(CertificateAsked("IATF 16949", YEAR_END),))
LONG = date(2028, 1, 1)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (
            certificate("IATF 16949", LONG, suspended_on=date(2026, 9, 13)),
            (
                Verdict.MET,
                "要求 IATF 16949 于 2026-12-31 有效，该企业持有 IATF 16949（有效期至 2028-01-01）",
            ),
        ),
        (
            certificate("IATF 16949", LONG, suspended_on=date(2026, 9, 12)),
            (
                Verdict.FAILED,
                "要求 IATF 16949 于 2026-12-31 有效，该企业的 IATF 16949（有效期至 2028-01-01）自 2026-09-12 起暂停",
            ),
        ),
        (
            certificate("IATF 16949", LONG, sites=("370600", "370783")),
            (
                Verdict.FAILED,
                "要求 IATF 16949 于 2026-12-31 有效，该企业仅有 IATF 16949"
                "（有效期至 2028-01-01；仅覆盖烟台、寿光的场所）",
            ),
        ),
        (
            certificate("IATF 16949", LONG, sites=("370600", "370211")),
            (
                Verdict.MET,
                "要求 IATF 16949 于 2026-12-31 有效，该企业持有 IATF 16949（有效期至 2028-01-01）",
            ),
        ),
    ],
)
def test_a_certificate_counts_for_its_sites_and_while_it_is_not_suspended_for_too_long(
    held: Any, expected: tuple[Verdict, str]
) -> None:
    # 110 days are counted with the first: suspended on 13 September, it is valid until 31 December
    assert one(Rule.CERTIFICATE, snapshot(lines=[ASKED], certificates=[held])) == expected


def test_a_suspended_certificate_of_another_scheme_is_not_valid_for_a_day() -> None:
    asked = line(certificates=(CertificateAsked("ISO 9001", YEAR_END),))
    held = certificate("ISO 9001", LONG, suspended_on=YEAR_END)
    assert one(Rule.CERTIFICATE, snapshot(lines=[asked], certificates=[held]))[0] is Verdict.FAILED


def test_a_certificate_that_is_not_known_well_enough_does_not_count() -> None:
    of = snapshot(lines=[ASKED], certificates=[certificate("IATF 16949", LONG, trust="self_declared")])
    assert one(Rule.CERTIFICATE, of)[0] is Verdict.MET
    assert one(Rule.CERTIFICATE, of, Policy(certificate_trust=Trust.DOCUMENT_SEEN)) == (
        Verdict.FAILED,
        "要求 IATF 16949 于 2026-12-31 有效，该企业仅有 IATF 16949（有效期至 2028-01-01；仅自行申报）",
    )


def test_a_lead_time_says_from_when_on_the_part_is_needed() -> None:
    of = snapshot(lines=[line(lead_time_days=15, needed_from=date(2026, 11, 16))])
    assert one(Rule.LEAD_TIME, of) == (
        Verdict.FAILED,
        "要求交期不超过 15 天（2026-11-16 起需用），该供给能力的交期为 20 天",
    )


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [("质量事故未结案", "链主已声明不采用该企业：质量事故未结案"), ("", "链主已声明不采用该企业")],
)
def test_whom_the_leader_does_not_take_is_excluded(reason: str, sentence: str) -> None:
    of = snapshot(preferences=[Preference(0, 0, True, reason)])
    assert one(Rule.BLACKLISTED, of) == (Verdict.FAILED, sentence)


def test_of_whom_the_leader_said_nothing_nothing_is_said() -> None:
    assert evidence_of(Rule.BLACKLISTED, snapshot()) == []
    assert evidence_of(Rule.BLACKLISTED, snapshot(preferences=[Preference(0, 0, False)])) == []
