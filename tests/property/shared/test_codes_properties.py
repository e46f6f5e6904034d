"""What must hold of credit codes, regions, units and parameters, whatever the input."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codes.credit_code import InvalidCreditCode, check, make
from shared.codes.parameter_names import Direction, ParameterName, all_names
from shared.codes.parameters import InvalidParameter, Parameter, contains, fault, margin, parse_parameters, say
from shared.codes.regions import all_regions, find_region, full_name
from shared.codes.taxonomy import NodeKind, codes_within, families, nodes_of, satisfies, unmet
from shared.codes.units import all_units, base_unit, convert, convertible
from shared.text.normalise import normalise, unify
from shared.text.proposals import nearest_nodes
from shared.text.words import words

#: The first call reads the tables: it may take long on a busy machine.

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
NUMBERS = st.decimals(min_value=0, max_value=100000, places=3).map(lambda d: Decimal(format(d.normalize(), "f")))
GRADES = st.sampled_from(["304", "316L", "45钢", "40Cr", "Q355", "不锈钢", "奥氏体不锈钢", "HT250", "6061"])
FINISHES = st.sampled_from(["电泳", "镀锌", "阳极氧化", "达克罗"])


@given(st.integers(0, 10**9 - 1), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_any_single_change_of_a_code_is_refused(serial: int, place: int, character: str) -> None:
    code = make(serial)
    changed = code[:place] + character + code[place + 1 :]
    if changed == code:
        assert check(changed) == code
    else:
        with pytest.raises(InvalidCreditCode):
            check(changed)


@given(st.integers(0, 10**9 - 1), st.integers(0, 16))
def test_two_neighbours_exchanged_are_refused(serial: int, place: int) -> None:
    code = make(serial)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code:
        with pytest.raises(InvalidCreditCode):
            check(swapped)


@given(st.text())
def test_check_raises_only_its_own_error(text: str) -> None:
    try:
        assert len(check(text)) == 18
    except InvalidCreditCode as error:
        assert error.message
        assert error.remedy


@pytest.mark.parametrize("province", sorted({code[:2] for code in all_regions()}))
def test_every_full_name_finds_its_region(province: str) -> None:
    for code in (code for code in all_regions() if code.startswith(province)):
        assert find_region(full_name(code)).code == code


@given(st.text(max_size=30))
def test_normalise_is_idempotent(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
    assert unify(unify(text)) == unify(text)


@given(st.text(alphabet="缸体轴承φ×（）【】ＡＢ１２3 \u3000—～、齒輪℃㎡Ⅲ①ﬁİſ", max_size=20))
def test_normalise_is_idempotent_on_what_people_mix(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(alphabet="发动机缸体轴承304QT-450, 线束ECU铝压铸（）", max_size=30))
def test_words_do_not_depend_on_width_or_brackets(text: str) -> None:
    assert words(text) == words(normalise(text))
    assert all(words(text))


@given(NUMBERS, st.sampled_from(sorted(all_units())), st.data())
def test_conversions_can_be_undone(value: Decimal, code: str, data: st.DataObject) -> None:
    unit = all_units()[code]
    partners = [other for other in all_units().values() if convertible(unit, other)]
    other = data.draw(st.sampled_from(partners))
    there_and_back = convert(convert(value, unit, other), other, unit)
    assert there_and_back == pytest.approx(value, rel=Decimal("1e-18"))


@st.composite
def parameters(draw: st.DrawFn, name: ParameterName | None = None) -> Parameter:
    """A parameter as parsing gives it: canonical name, base unit, the direction of its name."""
    name = name or draw(st.sampled_from(list(all_names().values())))
    if name.direction is Direction.SET:
        values = draw(st.sets(GRADES if name.name == "材质" else FINISHES, min_size=1, max_size=4))
        return Parameter(name=name.name, values=tuple(sorted(values)))
    unit = base_unit(name.dimension).sign if name.dimension else None
    low, high = sorted([draw(NUMBERS), draw(NUMBERS)])
    if name.direction is Direction.SMALLER:
        return Parameter(name=name.name, low=low, unit=unit)
    if name.direction is Direction.LARGER:
        return Parameter(name=name.name, high=high, unit=unit)
    open_end = draw(st.sampled_from(["neither", "low", "high"]))
    low_bound, high_bound = None if open_end == "low" else low, None if open_end == "high" else high
    return Parameter(name=name.name, low=low_bound, high=high_bound, unit=unit)


@given(parameters())
def test_what_is_said_is_read_back(parameter: Parameter) -> None:
    assert parse_parameters(say(parameter)) == [parameter]


@given(st.lists(parameters(), max_size=5, unique_by=lambda parameter: parameter.name))
def test_a_whole_cell_is_read_back(cell: list[Parameter]) -> None:
    assert parse_parameters("；".join(map(say, cell))) == cell


@given(parameters())
def test_what_is_read_has_no_fault(parameter: Parameter) -> None:
    assert fault(parameter) is None


@given(st.data(), st.sampled_from(list(NodeKind)))
def test_an_offer_meets_what_lies_in_it_and_whatever_lies_in_that(data: st.DataObject, kind: NodeKind) -> None:
    asked = data.draw(st.sampled_from(sorted(nodes_of(kind))))
    offered = data.draw(st.sampled_from(families(asked)))
    wider = data.draw(st.sampled_from(families(offered)))
    assert satisfies(asked, asked)
    assert satisfies(offered, asked)
    assert satisfies(wider, asked)
    assert satisfies(asked, offered) == (asked == offered)
    assert (asked in codes_within(offered)) and unmet([asked], [offered]) == []


@given(st.text(max_size=20), st.sampled_from(list(NodeKind)))
def test_a_proposal_is_of_the_kind_that_is_asked(text: str, kind: NodeKind) -> None:
    assert all(node.kind is kind for node in nearest_nodes(text, kind))


@given(parameters())
def test_contains_is_reflexive(parameter: Parameter) -> None:
    assert contains(parameter, parameter)


@given(st.data(), st.sampled_from(["外径", "公差等级", "抗拉强度", "材质", "表面处理"]))
def test_contains_is_transitive_and_margin_is_a_share(data: st.DataObject, name: str) -> None:
    a, b, c = (data.draw(parameters(all_names()[name])) for _ in range(3))
    if contains(a, b) and contains(b, c):
        assert contains(a, c)
    for asked, offered in ((a, b), (b, c), (a, a)):
        assert 0 <= margin(asked, offered) <= 1
        assert contains(asked, offered) or margin(asked, offered) == 0


@given(st.text(alphabet="外径壁厚材质φMIT≥≤~-±0123456789.mmkg/;=：，不小于以上 ", max_size=25))
def test_parsing_raises_only_its_own_error(text: str) -> None:
    try:
        found = parse_parameters(text)
    except InvalidParameter as error:
        assert error.piece
        assert error.remedy
    else:
        assert all(parameter.name and say(parameter) and fault(parameter) is None for parameter in found)
