"""What a query means: its words in any width and script, or initials."""

import pytest

from services.catalog.search.rules import Query, excerpt
from shared.text.through import Through


@pytest.mark.parametrize(
    ("typed", "words", "initials"),
    [
        ("阀门", ("阀门",), None),
        ("  青岛　阀门 ", ("青岛", "阀门"), None),
        ("閥門", ("阀门",), None),
        ("丙阀门（虚构）", ("丙阀门", "虚构"), None),
        ("ＡＢＣ１２", ("ABC12",), None),
        ("A356.2-T6", ("A356.2-T6",), None),
        ("阀门 阀门", ("阀门",), None),
        ("BFM", ("BFM",), "bfm"),
        ("bfm jx", ("bfm", "jx"), None),
        ("b", ("b",), None),
        ("%_", ("_",), None),
        ("（）", (), None),
    ],
)
def test_words_and_initials(typed: str, words: tuple[str, ...], initials: str | None) -> None:
    found = Query.read(typed)
    assert (found.words, found.initials) == (words, initials)


def test_what_was_typed_counts_too_where_it_is_something_else() -> None:
    assert Query.read("閥門 Ａ１").readings == (("阀门", "A1"), ("閥門", "Ａ１"))
    assert Query.read("阀门 A1").readings == (("阀门", "A1"),)


@pytest.mark.parametrize(
    ("initials", "name"),
    [
        ("bfm", "丙阀门"),
        ("cqjx", "重庆机械"),
        ("zqjx", "重庆机械"),
        ("jdj", "j电机"),
        ("zy", "兆堃喆昱"),
        ("xm", "鑫明"),
    ],
)
def test_initials_find_names(initials: str, name: str) -> None:
    assert Through(["", name]).with_initials(initials).tolist() == [1]


def test_initials_of_another_name_do_not() -> None:
    names = Through(["丁铸造", "丙阀门", "丙阀", "门"])
    assert names.with_initials("bfm").tolist() == [1]
    assert names.with_initials("uv").tolist() == names.with_initials("mb").tolist() == []


def test_an_excerpt_shows_where_the_word_is() -> None:
    text = "本公司专门从事各类液压件的设计与制造，产品包括高压阀门、接头和管件，年产能十万件，通过多项认证"
    found = excerpt(text, (("阀门", "液压"),))
    assert "液压" in found
    assert (found[0], found[-1]) == ("本", "…")
    assert excerpt("ABC", (("b",),)) == "ABC"
    assert excerpt("", (("b",),)) == ""
