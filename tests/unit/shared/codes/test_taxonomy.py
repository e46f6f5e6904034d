"""The taxonomy: one tree per kind, a name means one node, and what an offer of a node meets."""

from collections import Counter

import pytest

from shared.codes import taxonomy
from shared.codes.tables import read_table
from shared.codes.taxonomy import NodeKind
from shared.text.proposals import UnknownNode, find_node, nearest_nodes

FINDERS = {NodeKind.PROCESS: taxonomy.find_process, NodeKind.MATERIAL: taxonomy.find_material}


@pytest.mark.parametrize("kind", NodeKind)
def test_a_name_means_one_node_and_finds_it(kind: NodeKind) -> None:
    owner: dict[str, str] = {}
    for node in taxonomy.nodes_of(kind).values():
        for name in node.names:
            assert owner.setdefault(name.upper().replace(" ", ""), node.code) == node.code
            assert FINDERS[kind](name) == node


def test_codes_are_unique_and_every_chain_ends_at_a_root_of_its_kind() -> None:
    rows = Counter(row["code"] for row in read_table("shared.codes", "taxonomy"))
    assert set(rows.values()) == {1}
    for node in taxonomy.all_nodes().values():
        chain = [taxonomy.all_nodes()[code] for code in taxonomy.families(node.code)]
        assert chain[-1].parent is None
        assert {each.kind for each in chain} == {node.kind}
        assert len({each.code for each in chain}) == len(chain)


def test_there_are_several_hundred_of_each_kind() -> None:
    assert {kind: len(taxonomy.nodes_of(kind)) > 500 for kind in NodeKind} == dict.fromkeys(NodeKind, True)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("45#", "45钢"),
        ("45号钢", "45钢"),
        ("s45c", "45钢"),
        ("Ｓ４５Ｃ", "45钢"),
        ("45 钢", "45钢"),
        ("AISI 4140", "42CrMo"),
        ("1.7225", "42CrMo"),
        ("42CrMo4 材质", "42CrMo"),
        ("SUS304", "304"),
        ("W.Nr. 1.4301", "304"),
        ("EN AW-6082", "6082"),
        ("铝合金6061", "6061"),
        ("6061 变形铝合金", "6061"),
        ("S355J2", "Q355"),
    ],
)
def test_materials_are_found_by_the_names_of_gb_en_jis_and_aisi(text: str, code: str) -> None:
    found = taxonomy.find_material(text)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("HPDC", "高压压铸"),
        ("高压压铸工艺", "高压压铸"),
        ("失蜡铸造", "熔模铸造"),
        ("cnc铣", "加工中心铣削"),
        ("达克罗", "锌铝涂覆"),
    ],
)
def test_processes_are_found_by_what_the_trade_calls_them(text: str, code: str) -> None:
    found = taxonomy.find_process(text)
    assert found is not None
    assert found.code == code


def test_the_way_up_leads_to_the_wide_names() -> None:
    assert taxonomy.families("6061") == ("6061", "变形铝合金", "铝合金", "有色金属", "金属")
    assert taxonomy.families("高压压铸") == ("高压压铸", "压铸", "铸造")
    assert taxonomy.families("没有的") == ("没有的",)


@pytest.mark.parametrize(
    ("offered", "asked", "meets"),
    [
        ("6061", "6061", True),
        ("铝合金", "6061", True),
        ("6061", "铝合金", False),
        ("6061", "6063", False),
        ("压铸", "高压压铸", True),
        ("高压压铸", "压铸", False),
    ],
)
def test_who_offers_a_node_offers_what_lies_in_it(offered: str, asked: str, meets: bool) -> None:
    assert taxonomy.satisfies(offered, asked) is meets


def test_each_code_that_is_asked_must_be_met_by_one_that_is_offered() -> None:
    assert taxonomy.unmet(["6061", "Q355"], ["铝合金", "304"]) == ["Q355"]
    assert taxonomy.unmet([], []) == []


def test_codes_within_a_node_are_the_node_and_all_below() -> None:
    assert set(taxonomy.codes_within("低压铸造")) == {"低压铸造"}
    assert set(taxonomy.codes_within("锻造")) >= {"锻造", "模锻", "精密模锻", "冷锻", "冷镦"}
    assert taxonomy.codes_within("没有的") == ()


def test_search_gives_first_what_is_called_so() -> None:
    assert [node.code for node in taxonomy.search("压铸", NodeKind.PROCESS, 2)] == ["压铸", "压铸模具制造"]
    assert [node.code for node in taxonomy.search("sus316l", NodeKind.MATERIAL)] == ["316L"]
    assert taxonomy.search("压铸", NodeKind.MATERIAL)[0].code == "铸造铝合金"


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("镀硬络", NodeKind.PROCESS, "镀硬铬"),
        ("铝压铸件", NodeKind.PROCESS, "压铸"),
        ("激光拼焊板材", NodeKind.PROCESS, "激光拼焊"),
        ("丁晴橡胶", NodeKind.MATERIAL, "NBR"),
        ("6O61", NodeKind.MATERIAL, "6061"),
    ],
)
def test_an_unknown_word_is_not_taken_and_the_nearest_is_proposed(text: str, kind: NodeKind, code: str) -> None:
    with pytest.raises(UnknownNode) as raised:
        find_node(text, kind)
    assert raised.value.message == f"没有名为“{text}”的{'工艺' if kind is NodeKind.PROCESS else '材料'}"
    assert code in raised.value.nearest


def test_nothing_is_near_to_nothing() -> None:
    assert nearest_nodes("  ", NodeKind.PROCESS) == []
    assert nearest_nodes("龘龘龘", NodeKind.MATERIAL) == []
