"""What the sheets of a file seem to hold: each column's field guessed by its heading, for a person to agree or correct.

A guess is only ever a proposal: nothing is read by it before it came back as a mapping.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from rapidfuzz import fuzz, process

from services.catalog.imports.cleaning.cells import Cell, as_text, is_blank
from services.catalog.imports.files.reading import RawSheet
from services.catalog.imports.headings.layout import (
    Layout,
    all_headings,
    find_header,
    fold,
    kind_of_title,
    known_headings,
    letters,
    required_fields,
)
from services.catalog.imports.headings.mapping import Mapping
from services.catalog.imports.plan import layouts_of, with_data
from services.catalog.imports.schemas import ColumnGuess, SheetGuess
from services.catalog.imports.templates import ImportKind
from shared.codes.tables import read_table, split_cell

SAMPLES = 3
_SURE, _LIKELY = 100.0, 72.0


def describe(
    filename: str, sheets: Sequence[RawSheet], kind: ImportKind | None, mapping: Mapping | None
) -> list[SheetGuess]:
    """Tell of each filled sheet how it would be read as it is, or what it seems to hold."""
    filled = with_data(sheets)
    return [
        guess for sheet in filled for guess in _described(filename, sheet, kind if len(filled) == 1 else None, mapping)
    ]


def proposal(filename: str, guesses: Sequence[SheetGuess]) -> dict[str, Any] | None:
    """Return the mapping that agrees with the guesses, in its JSON form; None where nothing was guessed."""
    unsure = [guess for guess in guesses if guess.kind and not guess.sure and not guess.mapped]
    if not unsure:
        return None
    return {"source": "", "sheet": [_proposed(filename, guess) for guess in unsure]}


def _proposed(filename: str, guess: SheetGuess) -> dict[str, Any]:
    columns = {column.field: column.heading for column in guess.columns if column.field}
    return {"file": filename, "sheet": guess.sheet, "target": [{"kind": guess.kind, "columns": columns}]}


def _described(filename: str, sheet: RawSheet, kind: ImportKind | None, mapping: Mapping | None) -> list[SheetGuess]:
    layouts = layouts_of(filename, sheet, kind, mapping)
    if layouts and (layouts[0].mapped or not layouts[0].refused):
        return [_as_read(layout) for layout in layouts]
    return [_guessed(sheet, layouts[0].kind if layouts else kind_of_title(sheet.title))]


def _as_read(layout: Layout) -> SheetGuess:
    """Tell how a layout reads its sheet; there is nothing to guess."""
    fields = {part: binding.field for binding in layout.bindings for part in binding.parts if isinstance(part, int)}
    filled = {binding.field for binding in layout.bindings}
    return SheetGuess(
        sheet=layout.sheet.title,
        rows=max(0, len(layout.sheet.rows) - layout.header - 1),
        kind=layout.kind,
        mapped=layout.mapped,
        sure=not layout.refused,
        columns=_columns(layout.sheet, layout.header, {place: (field, True) for place, field in fields.items()}),
        missing=[field for field in required_fields(layout.kind) if field not in filled],
    )


def _guessed(sheet: RawSheet, kind: ImportKind | None) -> SheetGuess:
    """Guess the kind that most columns seem to fit, unless it is told, and the fields of its columns."""
    header = find_header(sheet, all_headings() | _all_words())
    written = [as_text(cell) for cell in sheet.rows[header]]
    kinds = [kind] if kind else list(ImportKind)
    fits = {each: _fields(each, written) for each in kinds}
    best = max(kinds, key=lambda each: _fit(each, fits[each]))
    fields = fits[best]
    fitting = _fit(best, fields) > 0
    filled = {field for field, _ in fields.values()}
    return SheetGuess(
        sheet=sheet.title,
        rows=max(0, len(sheet.rows) - header - 1),
        kind=best if fitting else None,
        mapped=False,
        sure=False,
        columns=_columns(sheet, header, fields if fitting else {}),
        missing=[field for field in required_fields(best) if field not in filled] if fitting else [],
    )


def _columns(sheet: RawSheet, header: int, fields: dict[int, tuple[str, bool]]) -> list[ColumnGuess]:
    headings = sheet.rows[header] if header < len(sheet.rows) else []
    return [
        ColumnGuess(
            heading=as_text(heading),
            column=letters(place),
            field=fields[place][0] if place in fields else None,
            sure=fields[place][1] if place in fields else False,
            samples=_samples(sheet.rows[header + 1 :], place),
        )
        for place, heading in enumerate(headings)
        if not is_blank(heading)
    ]


def _samples(rows: Sequence[Sequence[Cell]], place: int) -> list[str]:
    cells = (row[place] for row in rows[:50] if place < len(row) and not is_blank(row[place]))
    return list(dict.fromkeys(as_text(cell)[:60] for cell in cells))[:SAMPLES]


def _fields(kind: ImportKind, headings: Sequence[str]) -> dict[int, tuple[str, bool]]:
    """Give each field the heading that fits it best, the best pair first; each heading and field goes once."""
    words = _words(kind)
    pairs = [
        (score, -place, words[word])
        for place, heading in enumerate(headings)
        if fold(heading)
        for word, score, _ in process.extract(
            fold(heading), list(words), scorer=fuzz.ratio, score_cutoff=_LIKELY, limit=3
        )
    ]
    found: dict[int, tuple[str, bool]] = {}
    for score, place, field in sorted(pairs, reverse=True):
        if -place not in found and field not in {taken for taken, _ in found.values()}:
            found[-place] = (field, score == _SURE)
    return found


def _fit(kind: ImportKind, fields: dict[int, tuple[str, bool]]) -> float:
    """How well a kind fits: how many of its required fields are there, then how many columns it explains."""
    required = required_fields(kind)
    filled = {field for field, _ in fields.values()}
    share = sum(field in filled for field in required) / len(required)
    return share * 10 + len(filled) if share >= 0.5 else 0.0


@cache
def _words(kind: ImportKind) -> dict[str, str]:
    """Every way in which a field's heading is written, folded, with the field: the template's own, and others'."""
    rows = read_table("services.catalog.imports", "heading_words")
    others = {
        fold(word): row["field"] for row in rows if row["kind"] == kind.value for word in split_cell(row["words"])
    }
    return others | known_headings(kind)


@cache
def _all_words() -> frozenset[str]:
    return frozenset(word for kind in ImportKind for word in _words(kind))
