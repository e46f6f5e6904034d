"""What a person's query asks for: words that all must occur, or the initials of a name."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from shared.text.initials import is_initials
from shared.text.normalise import unify

#: How much is shown around what was found in a text.
_AROUND = 12


@dataclass(frozen=True)
class Query:
    """The words of a query, in its order, each once, in one width and simplified.

    `typed` are the words as they were typed, where that is something else: names may be stored so. `initials` are
    given when the query may be meant as pinyin initials.
    """

    words: tuple[str, ...]
    typed: tuple[str, ...] | None = None
    initials: str | None = None

    @property
    def readings(self) -> tuple[tuple[str, ...], ...]:
        """The ways to read the query: all words of one of them must occur."""
        return (self.words,) if self.typed is None else (self.words, self.typed)

    @classmethod
    def read(cls, text: str) -> "Query":
        """Read what was typed: any width, 繁 or 简, words apart by spaces or signs."""
        parts = text.split()
        words, typed = _words(map(unify, parts)), _words(parts)
        lone = words[0].lower() if len(words) == 1 else ""
        return cls(words, None if typed == words else typed, lone if is_initials(lone) else None)


def _words(parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for part in parts for word in re.findall(r"[\w.+-]*\w", part)))


def excerpt(text: str, readings: tuple[tuple[str, ...], ...]) -> str:
    """The text around the first word of any reading that occurs in it."""
    folded = text.lower()
    places = [place for words in readings for word in words if (place := folded.find(word.lower())) >= 0]
    if not places:
        return ""
    start, end = max(min(places) - _AROUND, 0), min(places) + 2 * _AROUND
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
