"""Certificate schemes: names and editions, and which scheme satisfies which."""

import pytest

from shared.codes.certificates import UnknownScheme, all_schemes, find_scheme, satisfies, search


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ISO9001", "ISO 9001"),
        ("iso 9001:2015", "ISO 9001"),
        ("GB/T19001", "ISO 9001"),
        ("GB/T 19001-2016", "ISO 9001"),
        ("质量管理体系认证证书", "ISO 9001"),
        ("16949", "IATF 16949"),
        ("ＩＡＴＦ１６９４９", "IATF 16949"),
        ("ISO/TS 16949:2009", "IATF 16949"),
        ("IATF16949认证", "IATF 16949"),
        ("IRIS", "ISO 22163"),
        ("ISO/TS 22163", "ISO 22163"),
        ("通过ISO14001环境管理体系认证", "ISO 14001"),
        ("OHSAS18001", "ISO 45001"),
        ("GJB9001C-2017", "GJB 9001C"),
        ("AS9100D", "AS9100"),
        ("3C认证", "CCC"),
        ("CE", "CE"),
        ("EN15085-2 CL2", "EN 15085 CL2"),
        ("EN 15085", "EN 15085 CL1"),
        ("特种设备制造许可", "特种设备制造许可 D"),
        ("药品GMP证书", "GMP"),
        ("TÜV", "TUV"),
    ],
)
def test_find(text: str, code: str) -> None:
    assert find_scheme(text).code == code


def test_unknown_schemes_get_the_nearest() -> None:
    with pytest.raises(UnknownScheme, match="没有名为“IATF 16946”") as caught:
        find_scheme("IATF 16946")
    assert caught.value.nearest[0] == "IATF 16949"


@pytest.mark.parametrize("text", ["", "认证", "体系"])
def test_words_that_name_nothing(text: str) -> None:
    with pytest.raises(UnknownScheme):
        find_scheme(text)


@pytest.mark.parametrize(
    ("held", "asked", "verdict"),
    [
        ("IATF 16949", "ISO 9001", True),
        ("ISO 22163", "ISO 9001", True),
        ("AS9100", "ISO 9001", True),
        ("GJB 9001C", "ISO 9001", True),
        ("ISO 9001", "IATF 16949", False),
        ("ISO 13485", "ISO 9001", False),
        ("EN 15085 CL1", "EN 15085 CL3", True),
        ("EN 15085 CL3", "EN 15085 CL1", False),
        ("特种设备制造许可 A1", "特种设备制造许可 D", True),
        ("自定义", "自定义", True),
        ("自定义", "ISO 9001", False),
    ],
)
def test_satisfies(held: str, asked: str, verdict: bool) -> None:
    assert satisfies(held, asked) is verdict


def test_satisfies_is_transitive_and_has_no_cycles() -> None:
    codes = list(all_schemes())
    above = {a: {b for b in codes if a != b and satisfies(a, b)} for a in codes}
    for a in codes:
        for b in above[a]:
            assert above[b] <= above[a]
            assert a not in above[b]


def test_the_table_names_only_itself_and_each_alias_once() -> None:
    for scheme in all_schemes().values():
        assert set(scheme.satisfies) <= set(all_schemes())
        for name in (scheme.code, *scheme.aliases):
            assert find_scheme(name) == scheme, name


def test_search() -> None:
    assert [scheme.code for scheme in search("16949")] == ["IATF 16949"]
