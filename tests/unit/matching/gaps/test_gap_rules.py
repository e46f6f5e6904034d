"""The diagnosis adds up or is an error; its sums by line, product and cluster agree."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from services.matching.engine.plan import NEAR_CLASSES, Plan, Rule, SpendClass
from services.matching.gaps.labels import CLASS_LABELS, RULE_LABELS
from services.matching.gaps.rules import By, DiagnosisMismatch, check, diagnose, diagnose_all, totals, totals_all
from tests.support.small_province import plan, snapshot

ALL = list(range(5))


def diagnosed(changed: dict[SpendClass, int], at: int = 0) -> Callable[[Plan], Plan]:
    def change(made: Plan) -> Plan:
        rows = list(made.diagnosis)
        rows[at] = rows[at] | changed
        return replace(made, diagnosis=rows)

    return change


def test_the_small_province_adds_up() -> None:
    check(snapshot(), plan())


@pytest.mark.parametrize(
    "broken",
    [
        # one 元 lost, one 元 twice, shifted between classes that the snapshot knows, a negative class
        diagnosed({SpendClass.NEAR_CERTIFICATE: 44}),
        diagnosed({SpendClass.NEAR_CERTIFICATE: 46}),
        diagnosed({SpendClass.LOCAL_NOW: 104, SpendClass.EXCLUDED: 151}),
        diagnosed({SpendClass.NEAR_CERTIFICATE: 46, SpendClass.NEAR_MOQ: -1}),
        # the plan's suggestions say 50
        diagnosed({SpendClass.SUGGESTED: 49, SpendClass.KEPT_BY_CAP: 1}, at=1),
        lambda made: replace(made, suggestions=made.suggestions[:1]),
        lambda made: replace(made, unknown_reasons=[{}] * 5),
        lambda made: replace(made, diagnosis=made.diagnosis[:4]),
    ],
)
def test_a_diagnosis_that_does_not_add_up_is_an_error(broken: Callable[[Plan], Plan]) -> None:
    with pytest.raises(DiagnosisMismatch):
        check(snapshot(), broken(plan()))


def test_the_error_names_the_line_and_both_amounts() -> None:
    with pytest.raises(DiagnosisMismatch, match=r"line P1/a: spend: 299 ≠ 300"):
        check(snapshot(), diagnosed({SpendClass.NEAR_CERTIFICATE: 44})(plan()))


@pytest.mark.parametrize("by", list(By))
def test_every_grouping_adds_up_to_the_whole(by: By) -> None:
    rows, whole = diagnose(snapshot(), plan(), by, ALL), diagnose_all(snapshot(), plan(), ALL)
    assert sum(row.spend for row in rows) == whole.spend == 700
    for name in SpendClass:
        assert sum(row.classes[name] for row in rows) == whole.classes[name]
    assert all(sum(row.classes.values()) == row.spend for row in rows)
    unknown = [row.classes[SpendClass.UNKNOWN_NOT_MOVED] for row in rows]
    assert [sum(row.unknown_reasons.values()) for row in rows] == unknown


def test_what_belongs_to_no_cluster_comes_last() -> None:
    rows = diagnose(snapshot(), plan(), By.CLUSTER, ALL)
    assert [(row.group.key, row.group.name, row.spend) for row in rows] == [
        ("SHIPS", "示例船舶集群", 600),
        (None, "未归入集群", 100),
    ]


def test_only_seen_lines_count() -> None:
    assert [row.group.key for row in diagnose(snapshot(), plan(), By.PRODUCT, [4])] == ["Q"]
    assert diagnose_all(snapshot(), plan(), [4]).spend == 100


def test_totals_of_a_cluster_are_those_of_its_products() -> None:
    # P1: 500 with 150 excluded; P2: 100 with 50 excluded.
    ships = totals(snapshot(), plan(), By.CLUSTER, ALL)[0]
    assert (ships.spend, ships.excluded, ships.counted) == (600, 200, 400)
    assert (ships.local_now, ships.approved, ships.suggested, ships.unknown) == (140, 50, 50, 100)
    assert (ships.attainable_joint, ships.attainable_alone, ships.greedy) == (60, None, 40)
    assert ships.target == 5000


def test_totals_of_one_product_have_its_own_optimum() -> None:
    first = totals(snapshot(), plan(), By.PRODUCT, ALL)[0]
    assert (first.group.key, first.attainable_joint, first.attainable_alone) == ("P1", 60, 70)


def test_totals_of_all() -> None:
    whole = totals_all(snapshot(), plan(), ALL)
    assert (whole.spend, whole.local_now, whole.approved, whole.suggested) == (700, 140, 50, 50)


def test_everything_has_a_chinese_name() -> None:
    assert CLASS_LABELS.keys() == set(SpendClass)
    assert RULE_LABELS.keys() == set(Rule)
    assert len(set(CLASS_LABELS.values())) == len(SpendClass)
    assert set(NEAR_CLASSES.values()) == {name for name in SpendClass if name.value.startswith("near_")}
