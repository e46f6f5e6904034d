"""Titles: what a text names, at which level, and how long a title usually runs."""

from datetime import date

import pytest

from shared.codes.titles import Level, UnknownTitle, all_titles, find_title, usual_expiry


@pytest.mark.parametrize(
    ("text", "code", "level"),
    [
        ("专精特新", "specialised", Level.PROVINCIAL),
        ("省级专精特新中小企业", "specialised", Level.PROVINCIAL),
        ("市级专精特新中小企业", "specialised", Level.CITY),
        ("“小巨人”企业", "little_giant", Level.NATIONAL),
        ("国家专精特新小巨人企业", "little_giant", Level.NATIONAL),
        ("制造业单项冠军", "champion", Level.NATIONAL),
        ("省级单项冠军", "champion", Level.PROVINCIAL),
        ("单项冠军（省级）", "champion", Level.PROVINCIAL),
        ("瞪羚", "gazelle", Level.PROVINCIAL),
        ("独角兽企业", "unicorn", Level.PROVINCIAL),
        ("“领航型”企业", "pioneer", Level.PROVINCIAL),
        ("世界一流企业", "world_class", Level.NATIONAL),
        ("高企", "high_tech", Level.NATIONAL),
        ("创新型 中小企业", "innovative", Level.PROVINCIAL),
        ("gazelle", "gazelle", Level.PROVINCIAL),
    ],
)
def test_what_people_write_is_understood(text: str, code: str, level: Level) -> None:
    scheme, found = find_title(text)
    assert (scheme.code, found) == (code, level)


@pytest.mark.parametrize(
    ("text", "message", "nearest"),
    [
        ("瞪羚羚企业", "没有名为“瞪羚羚企业”的称号", "瞪羚企业"),
        ("省级高新技术企业", "没有省级的高新技术企业", "国家级高新技术企业"),
    ],
)
def test_an_unknown_title_names_the_nearest(text: str, message: str, nearest: str) -> None:
    with pytest.raises(UnknownTitle) as raised:
        find_title(text)
    assert (raised.value.message, raised.value.nearest[0]) == (message, nearest)


@pytest.mark.parametrize(
    ("code", "issued", "expires"),
    [
        ("specialised", date(2024, 7, 1), date(2027, 6, 30)),
        ("high_tech", date(2024, 2, 29), date(2027, 2, 28)),
        ("unicorn", date(2024, 1, 1), None),
    ],
)
def test_a_title_runs_for_its_usual_years(code: str, issued: date, expires: date | None) -> None:
    assert usual_expiry(code, issued) == expires


def test_no_two_titles_share_a_name() -> None:
    names = [name for title in all_titles().values() for name in {title.code, title.name, *title.aliases}]
    assert len(set(names)) == len(names)
    assert all(title.levels for title in all_titles().values())
