"""The tables beside the code: each spelling means one thing, and every reference leads somewhere."""

from collections import defaultdict
from collections.abc import Callable

from shared.codes import parameter_names
from shared.codes.tables import read_table, split_cell
from shared.text.normalise import normalise


def owners(
    package: str, table: str, key: str, others: str, counts: Callable[[dict[str, str]], bool] = lambda _: True
) -> dict[str, set[str]]:
    """Every spelling with the rows that claim it, among those that count."""
    claims: dict[str, set[str]] = defaultdict(set)
    for row in filter(counts, read_table(package, table)):
        for name in (row[key], *split_cell(row[others])):
            claims[normalise(name)].add(row[key])
    return claims


def test_parameter_names_are_unambiguous() -> None:
    assert all(len(rows) == 1 for rows in owners("shared.codes", "parameter_names", "name", "aliases").values())
    for name in parameter_names.all_names().values():
        assert parameter_names.find_name(name.name) == name
        for unit in (name.unit, name.implied):
            assert unit is None or unit.dimension == (name.dimension or unit.dimension)


def test_synonyms_are_unambiguous_and_plenty() -> None:
    claims = owners("shared.text", "synonyms", "word", "synonyms")
    assert all(len(rows) == 1 for rows in claims.values())
    assert len({word for rows in claims.values() for word in rows}) >= 150


def test_synonyms_and_materials_agree_on_a_spelling() -> None:
    synonyms = owners("shared.text", "synonyms", "word", "synonyms")
    grades = owners("shared.codes", "taxonomy", "code", "aliases", lambda row: row["kind"] == "material")
    for name in grades.keys() & synonyms.keys():
        assert {*map(normalise, grades[name])} == {*map(normalise, synonyms[name])}
