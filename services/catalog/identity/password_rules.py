"""Which passwords are refused: by length and by how easily they are guessed, not by what they are composed of.

After NIST SP 800-63B-4, 3.1.1.2: a length, a list of what is commonly chosen, and words of the context; no rules of
composition, no forced changes. The list is the part of zxcvbn's (MIT) of at least twelve characters, with what Chinese
users choose added.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

SHORTEST, LONGEST = 12, 128
#: What everybody types when asked for twelve characters: rows of the keyboard, the alphabet, digits.
_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz")
_NEXT = frozenset(row[at : at + 2] for each in _ROWS for row in (each, each[::-1]) for at in range(len(each) - 1))
_OURS = ("xieshou", "携手")


def normal_password(text: str) -> str:
    """The password as it is hashed: NFKC, so that a Chinese keyboard in full width types the same."""
    return unicodedata.normalize("NFKC", text)


def objection(password: str, own_names: Iterable[str]) -> str | None:
    """Why a (normalised) password is refused, in Chinese; None when it is not.

    `own_names` are the account's: its e-mail address and its bearer's name.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        return f"密码应为 {SHORTEST} 至 {LONGEST} 个字符，现为 {len(password)} 个。"
    lowered = password.casefold()
    if lowered in _common() or _is_pattern(lowered):
        return "密码过于常见或有规律，容易被猜到，请换一个。"
    if any(word in lowered for word in _words_of(own_names)):
        return "密码不能包含您的姓名、邮箱名或本系统的名称。"
    return None


@cache
def _common() -> frozenset[str]:
    text = (files("services.catalog.identity") / "data" / "common_passwords.txt").read_text("utf-8")
    return frozenset(text.split())


def _is_pattern(text: str) -> bool:
    """Whether it repeats a piece of up to four characters, or nearly always goes on to the next key of a row."""
    if re.fullmatch(r"(.{1,4}?)\1+.{0,3}", text) or len(set(text)) < 4:
        return True
    steps = sum(text[at : at + 2] in _NEXT for at in range(len(text) - 1))
    return steps >= 0.75 * (len(text) - 1)


def _words_of(names: Iterable[str]) -> set[str]:
    """The words of names that a password must not hold; short ones would forbid too much."""
    words = {word for name in names for word in re.split(r"[\s@._+-]+", name.casefold())}
    whole = {name.casefold().partition("@")[0] for name in names}
    return {word for word in words | whole | set(_OURS) if len(word) >= (4 if word.isascii() else 2)}
