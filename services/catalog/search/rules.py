"""What a person's query asks for: words that all must occur, or the initials of a name."""

import re
from dataclasses import dataclass

from shared.text.initials import is_initials
from shared.text.normalise import unify

#: How much is shown around what was found in a text.
_AROUND = 12


@dataclass(frozen=True)
class Query:
    """The words of a query, in its order, each once; `initials` when it may be meant as pinyin initials."""

    words: tuple[str, ...]
    initials: str | None = None

    @classmethod
    def read(cls, text: str) -> "Query":
        """Read what was typed: any width, 繁 or 简, words apart by spaces or signs."""
        parts = (word for part in text.split() for word in re.findall(r"[\w.+-]*\w", unify(part)))
        words = tuple(dict.fromkeys(parts))
        lone = words[0].lower() if len(words) == 1 else ""
        return cls(words, lone if is_initials(lone) else None)


def has_case(word: str) -> bool:
    """Tell whether upper and lower case of a word differ; comparing without case costs several times as much."""
    return word.lower() != word.upper()


def excerpt(text: str, words: tuple[str, ...]) -> str:
    """The text around the first word that occurs in it."""
    folded = text.lower()
    places = [place for place in (folded.find(word.lower()) for word in words) if place >= 0]
    if not places:
        return ""
    start, end = max(min(places) - _AROUND, 0), min(places) + 2 * _AROUND
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
