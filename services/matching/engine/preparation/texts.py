"""The texts of a snapshot in columns: what lines and capabilities are found by, and what their words mean."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.matching.engine.columns import Bools, Ints
from services.matching.engine.snapshot import Snapshot
from shared.text.meanings import Meanings, meanings_of
from shared.text.tokens import Tokens, spread, tokens_of


@dataclass(frozen=True)
class AskedTexts:
    """The texts of lines; see `LineColumns`."""

    starts: Ints
    token: Ints
    in_name: Bools
    meaning: Meanings


@dataclass(frozen=True)
class OfferedTexts:
    """The texts of capabilities; see `CapabilityColumns`."""

    starts: Ints
    token: Ints
    times: Ints
    meaning: Meanings


@dataclass(frozen=True)
class Texts:
    """All of them, with one vocabulary."""

    vocabulary: tuple[str, ...]
    lines: AskedTexts
    capabilities: OfferedTexts


def texts_of(snapshot: Snapshot) -> Texts:
    """Read each distinct text once: of a line its name and what is said beside, of a capability both in one."""
    names, said = [row.part_name for row in snapshot.lines], [row.text for row in snapshot.lines]
    offered = [f"{row.name} {row.text}" for row in snapshot.capabilities]
    tokens = tokens_of([*names, *said, *offered])
    first = len(names) + len(said)
    starts, items = spread(tokens.starts, np.arange(first, first + len(offered)))
    meaning = _meanings(tokens.words[first:])
    capabilities = OfferedTexts(starts, tokens.token[items], tokens.times[items], meaning)
    return Texts(tokens.vocabulary, _asked(tokens, len(names)), capabilities)


def _asked(tokens: Tokens, lines: int) -> AskedTexts:
    """Line l is said by the texts l, its name, and `lines` + l."""
    size = max(1, len(tokens.vocabulary))
    line = np.repeat(np.arange(len(tokens.starts) - 1) % max(1, lines), np.diff(tokens.starts))
    key, end = line * size + tokens.token, tokens.starts[lines]
    every = np.unique(key[: tokens.starts[2 * lines]])
    starts = np.searchsorted(every, np.arange(lines + 1) * size)
    words = [tokens.words[at] + tokens.words[lines + at] for at in range(lines)]
    return AskedTexts(starts, every % size, np.isin(every, key[:end]), _meanings(words))


def _meanings(texts: Sequence[Sequence[str]]) -> Meanings:
    """What the texts' words mean; equal words are looked up once."""
    said = [tuple(words) for words in texts]
    place = {words: number for number, words in enumerate(dict.fromkeys(said))}
    found: Meanings = meanings_of(list(place))[np.array([place[words] for words in said], np.int64)]
    return found
