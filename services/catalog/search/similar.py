"""Enterprises whose names are alike: one firm under two credit codes, or two that must not be taken for each other.

Names are compared without legal form and leading places (`company_core`), by the letters to be changed in one to get
the other (the normalised indel distance). Only pairs that share two neighbouring
characters are compared, which is what makes 50,000 names comparable with each other.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from rapidfuzz import fuzz
from sqlalchemy import select
from sqlmodel import Session

from services.catalog.enterprises.models import Enterprise
from services.catalog.search.schemas import Similar, SimilarPair
from shared.db.upserts import sql_table
from shared.text.normalise import company_core

_TABLE = sql_table(Enterprise)

#: From here on two names are alike: of ten characters one or two differ.
ALIKE = 86
_SHOWN = 5
#: Two characters that more names share than this tell nothing (机械, 科技); the rarer ones of a name do.
_COMMON = 500

core = lru_cache(maxsize=200_000)(company_core)


@dataclass
class Names:
    """The names of all enterprises, ready to be compared with."""

    firms: list[Any]
    _by_core: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _by_pair: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for position, firm in enumerate(self.firms):
            self._by_core[core(firm.name)].append(position)
            for pair in _pairs(core(firm.name)):
                self._by_pair[pair].append(position)

    @classmethod
    def load(cls, session: Session) -> "Names":
        """All enterprises, retired ones too: a name comes back under another code."""
        columns = (_TABLE.c.id, _TABLE.c.name, _TABLE.c.credit_code)
        return cls(list(session.execute(select(*columns).order_by(_TABLE.c.id))))

    def like(self, firm: Any) -> list[Similar]:
        """The enterprises with a name like this one's and another credit code, the most alike first."""
        found = [_named(other, score) for other, score in self._near(core(firm.name)) if other.id != firm.id]
        return sorted(found, key=lambda each: (-each.score, each.name, str(each.id)))

    def _near(self, wanted: str) -> Iterator[tuple[Any, int]]:
        telling = [pair for pair in _pairs(wanted) if len(self._by_pair.get(pair, ())) <= _COMMON]
        close = {position for pair in telling for position in self._by_pair.get(pair, ())}
        for position in close.union(self._by_core.get(wanted, ())):
            score = fuzz.ratio(wanted, core(self.firms[position].name), score_cutoff=ALIKE)
            if score:
                yield self.firms[position], round(score)


def similar(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[Similar]]:
    """For each of these enterprises those with a name like its own and another credit code; who has none is absent."""
    names = Names.load(session)
    wanted = set(ids)
    found = {firm.id: names.like(firm)[:_SHOWN] for firm in names.firms if firm.id in wanted}
    return {id: alike for id, alike in found.items() if alike}


def pairs(session: Session, limit: int) -> tuple[list[SimilarPair], bool]:
    """Pairs of enterprises with names alike, the most alike first, and whether there are more than `limit`."""
    names = Names.load(session)
    found = [
        SimilarPair(score=other.score, one=_named(firm, other.score), other=other)
        for firm in names.firms
        for other in names.like(firm)
        if firm.id < other.id
    ]
    found.sort(key=lambda pair: (-pair.score, pair.one.name, str(pair.one.id)))
    return found[:limit], len(found) > limit


def _named(firm: Any, score: int) -> Similar:
    return Similar(id=firm.id, name=firm.name, credit_code=firm.credit_code, score=score)


def _pairs(text: str) -> set[str]:
    """Every two neighbouring characters of a name; of a name of one character, that one."""
    return {text[start : start + 2] for start in range(max(len(text) - 1, 1))}
