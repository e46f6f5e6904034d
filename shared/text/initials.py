"""Pinyin initials: `zmtz` finds 兆明铜铸. A character with several readings answers to the initial of each."""

import json
import re
from collections import defaultdict
from functools import cache
from importlib.util import find_spec
from pathlib import Path

#: Characters of names beyond GB 2312's 6,763, in which nearly all names are written.
_RARER = "堃喆昇晟玥琦赟淼犇骉垚焱鑫昊晔珩璟翀韡镕瑢玚炜祎祺懋劼珺菡萱霈霖灏瀚沣泓煊烨铂钛镁锆铌钽钼铼铱锶钇镨钕镧"

_TONELESS = str.maketrans("āáǎàōóǒòēéěèêńňǹḿ", "aaaaooooeeeeennnm")


def is_initials(text: str) -> bool:
    """Tell whether a text can only be meant as initials: two to eight letters a–z."""
    return re.fullmatch(r"[a-z]{2,8}", text, re.ASCII) is not None


def characters_of(letter: str) -> str:
    """The characters that have a reading with this initial; none for letters that no syllable begins with (i, u, v)."""
    return _by_initial().get(letter, "")


@cache
def _by_initial() -> dict[str, str]:
    """The characters of each initial, in order of their codes."""
    found: dict[str, list[str]] = defaultdict(list)
    for code, readings in sorted(_readings().items()):
        character = chr(int(code))
        if _is_common(character):
            for initial in {reading.translate(_TONELESS)[0] for reading in readings.split(",")}:
                found[initial].append(character)
    return {initial: "".join(characters) for initial, characters in found.items()}


def _readings() -> dict[str, str]:
    """The readings of each character by its code, out of pypinyin's table: its package would load all phrases too."""
    place = find_spec("pypinyin")
    if place is None or place.origin is None:
        raise ModuleNotFoundError("pypinyin is not installed")
    readings: dict[str, str] = json.loads(Path(place.origin).with_name("pinyin_dict.json").read_text("utf-8"))
    return readings


def _is_common(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return character in _RARER
    return True
