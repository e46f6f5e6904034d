"""The cells of a sheet as they were sent, as texts by heading: one column each, of which every row knows its place."""

from collections.abc import Sequence
from dataclasses import dataclass, field

Texts = dict[str, Sequence[str]]


@dataclass(frozen=True)
class Sent:
    """Texts by heading, all columns of one length; an empty text is a cell that the row does not have."""

    columns: Texts = field(default_factory=dict)

    @classmethod
    def of(cls, names: Sequence[str], texts: Sequence[Sequence[str]]) -> "Sent":
        """Return the columns under their names; of several columns of one name the last that is filled counts."""
        columns: Texts = {}
        for name, column in zip(names, texts, strict=True):
            before = columns.get(name)
            columns[name] = [new or old for new, old in zip(column, before, strict=True)] if before else column
        return cls(columns)

    def row(self, place: int) -> dict[str, str]:
        """Return the filled cells of a row by heading."""
        return {name: text for name, column in self.columns.items() if (text := column[place])}

    def rows(self, places: Sequence[int]) -> Texts:
        """Return the columns of some rows."""
        first, last = places[0], places[-1]
        if last - first + 1 == len(places):
            return {name: column[first : last + 1] for name, column in self.columns.items()}
        return {name: [column[place] for place in places] for name, column in self.columns.items()}
