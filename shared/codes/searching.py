"""Finding entries of a code list while somebody types: by code, by a part of the name, by an alias."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

Entry = TypeVar("Entry")

_SPACES = re.compile(r"\s+")


def search(q: str, entries: Iterable[Entry], names: Callable[[Entry], Sequence[str]], limit: int) -> list[Entry]:
    """The entries that have `q` in one of their names (code, name, then aliases), in any width, case and spacing.

    First those that are called so, then those whose code or name begins with it, has it inside, and those with an
    alias that has it; equal ones in the order of the list. An empty `q` finds all.
    """
    wanted = fold(q)
    found = [(_nearness(wanted, [fold(name) for name in names(entry)]), entry) for entry in entries]
    ranked = sorted((pair for pair in found if pair[0] is not None), key=lambda pair: pair[0] or 0)
    return [entry for _, entry in ranked[:limit]]


def fold(text: str) -> str:
    """The text in half width and upper case, without spaces."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", text)).upper()


def _nearness(wanted: str, names: Sequence[str]) -> int | None:
    """0: it is called so; 1: its code or name begins so; 2: it occurs in them; 3: in an alias; None: nowhere."""
    if wanted in names:
        return 0
    if any(name.startswith(wanted) for name in names[:2]):
        return 1
    if any(wanted in name for name in names[:2]):
        return 2
    return 3 if any(wanted in name for name in names) else None
