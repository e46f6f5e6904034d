"""The tables beside the code: each spelling means one thing, and every reference leads somewhere."""

from collections import defaultdict

from shared.codes import materials, parameter_names
from shared.codes.tables import read_table, split_cell
from shared.text.normalise import normalise


def owners(package: str, table: str, key: str, others: str) -> dict[str, set[str]]:
    """Every spelling with the rows that claim it."""
    claims: dict[str, set[str]] = defaultdict(set)
    for row in read_table(package, table):
        for name in (row[key], *split_cell(row[others])):
            claims[normalise(name)].add(row[key])
    return claims


def test_material_names_are_unambiguous_and_families_exist() -> None:
    assert all(len(rows) == 1 for rows in owners("shared.codes", "materials", "grade", "aliases").values())
    for material in materials.all_materials().values():
        assert materials.find_material(material.grade) == material
        assert material.family is None or material.family in materials.all_materials()
        assert len(set(materials.families(material.grade))) == len(materials.families(material.grade))


def test_material_names_in_every_spelling() -> None:
    for text in ("45#", "45号钢", "s45c", "Ｓ４５Ｃ", "45 钢"):
        found = materials.find_material(text)
        assert found is not None
        assert found.grade == "45钢"
    assert materials.find_material("超级合金") is None


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


def test_synonyms_and_materials_do_not_claim_one_spelling() -> None:
    grades = owners("shared.codes", "materials", "grade", "aliases")
    assert not grades.keys() & owners("shared.text", "synonyms", "word", "synonyms").keys()
