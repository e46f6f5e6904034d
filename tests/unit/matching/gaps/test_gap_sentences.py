"""What a diagnosis says, word for word."""

from dataclasses import replace

import pytest

from services.matching.engine.plan import Evidence, Lever, NearMiss, Plan, Rule, SpendClass, Verdict
from services.matching.engine.policy import Basis
from services.matching.gaps.sentences import lever_sentence, line_sentence, near_sentence, obstacles
from tests.support.small_province import WEIFANG, YANTAI, plan, snapshot


def said(made: Plan, at: int) -> str:
    return line_sentence(snapshot(), made, at, Basis.VALUE)


def left_in(name: SpendClass, at: int = 2) -> Plan:
    made = plan()
    rows = list(made.diagnosis)
    rows[at] = {name: 15}
    return replace(made, diagnosis=rows, near_misses=[])


def test_a_line_with_near_misses_says_what_is_lacking_and_the_best_cure() -> None:
    assert said(plan(), 0) == (
        "检索到 3 项供给能力，合格 0 项，采用 0 项；2 项缺所需证书，1 项已全部供应该零部件；"
        "2 家只差一步：缺 IATF 16949；下一步：取得 IATF 16949，至多可多配套 45 元。"
    )


def test_the_next_step_of_unknown_spend_follows_its_reasons() -> None:
    # 100 of b are of unknown origin and not moved: 60 for capacity, 40 for the cap.
    assert said(plan(), 1) == (
        "检索到 3 项供给能力，合格 2 项，采用 2 项；1 项参数不符；下一步：请合格企业扩充产能（涉及 60 元）。"
    )


def test_a_class_that_was_read_from_the_words_is_said() -> None:
    made = plan()
    guessed = replace(made, funnels=[replace(row, class_guessed="3451") for row in made.funnels])
    assert "；未填行业类别，按品名推断为 3451 滚动轴承制造 检索；" in said(guessed, 0)


@pytest.mark.parametrize(
    ("name", "step"),
    [
        (SpendClass.NOT_RELEASED, "请链主提高可释放份额"),
        (SpendClass.KEPT_BY_CAP, "再引入一家合格供应商"),
        (SpendClass.BELOW_MINIMUM, "降低起订量"),
        (SpendClass.CAPACITY_TAKEN, "扩充产能"),
        (SpendClass.NEAR_PRICE, "请差一步的企业补齐"),
        (SpendClass.ONE_OTHER_RULE, "查看候选企业各差哪一条"),
        (SpendClass.SEVERAL_RULES, "可发布揭榜"),
        (SpendClass.NO_CANDIDATE, "没有能做的本地企业登记，可发布揭榜"),
    ],
)
def test_every_class_that_is_left_has_a_next_step(name: SpendClass, step: str) -> None:
    sentence = said(left_in(name), 2)
    assert step in sentence
    assert sentence.endswith("（涉及 15 元）。")


def test_nothing_left_and_nothing_known() -> None:
    assert said(left_in(SpendClass.LOCAL_NOW), 2).endswith("下一步：该零部件已无可转移的采购。")
    assert said(plan(), 3).endswith("下一步：补全该零部件的年需求量与单价。")


def test_obstacles_of_one_kind_count_firms_once() -> None:
    line, near = snapshot().lines[0], plan().near_misses
    twice = [*near, replace(near[0], capability=9, potential=30)]
    (found,) = obstacles(line, twice)
    assert (found.what, found.firms, found.potential) == ("IATF 16949", 2, 45)


def test_an_obstacle_other_than_a_certificate_says_what_is_asked() -> None:
    slow = Evidence(Rule.LEAD_TIME, Verdict.FAILED, "交期不超过 30 天", "45 天", "要求交期不超过 30 天，为 45 天")
    near = NearMiss(2, 1, 1, Rule.LEAD_TIME, slow, 500, 15)
    made = replace(left_in(SpendClass.NEAR_LEAD_TIME), near_misses=[near])
    assert said(made, 2).endswith(
        "1 家只差一步：交期过长（要求交期不超过 30 天）；下一步：缩短交期（交期不超过 30 天），至多可多配套 15 元。"
    )


def test_a_lever_says_who_does_what_and_what_it_brings() -> None:
    # 45 more of the 400 that count: 11.25 points, cut to one place.
    lever = Lever(Rule.CERTIFICATE, "IATF 16949", WEIFANG, [1, 2], 45, {0: 45})
    assert lever_sentence(snapshot(), lever, {0: 400}, Basis.VALUE) == (
        "潍坊 2 家企业取得 IATF 16949：示例船舶集群 +11.2 个百分点（多配套 45 元）"
    )


def test_a_lever_outside_every_cluster_and_city() -> None:
    lever = Lever(Rule.MOQ, "起订量", None, [1], 1, {})
    assert lever_sentence(snapshot(), lever, {}, Basis.LINES) == (
        "各市 1 家企业把起订量降到要求以内：不在任何集群中（多配套 1 项）"
    )


def test_a_lever_names_the_clusters_by_what_they_gain() -> None:
    province = snapshot()
    tools = replace(province.clusters[0], key="TOOLS", name="示例机床集群")
    both = replace(province, clusters=[*province.clusters, tools])
    lever = Lever(Rule.PRICE, "单价", YANTAI, [1], 60, {0: 40, 1: 20})
    # 40 of 400 = 10.0, 20 of 100 = 20.0 points
    sentence = lever_sentence(both, lever, {0: 400, 1: 100}, Basis.VALUE)
    assert "：示例机床集群 +20.0 个百分点，示例船舶集群 +10.0 个百分点（" in sentence


def test_a_lever_about_parameters_names_them() -> None:
    lever = Lever(Rule.PARAMETER, "壁厚、外径", YANTAI, [1], 40, {0: 40})
    sentence = lever_sentence(snapshot(), lever, {0: 400}, Basis.VALUE)
    assert sentence.startswith("烟台 1 家企业使壁厚、外径达到要求：")


def test_a_near_miss_in_one_sentence() -> None:
    assert near_sentence(snapshot(), plan().near_misses[0], Basis.VALUE) == (
        "示例5号厂（烟台）可做“零部件a”，只差一步：要求 IATF 16949 于 2026-12-31 有效，该企业没有登记任何证书；"
        "补齐后至多可配套 27 元（占该零部件的 9.0%）。"
    )
