"""The templates to download agree with the importer."""

import pytest

from services.catalog.imports.cleaning.fields import CLEANERS, MAPPED_ONLY, columns
from services.catalog.imports.templates import TEMPLATES, ImportKind
from services.catalog.imports.workbooks import CHOICES, NUMBERS


@pytest.mark.parametrize("kind", list(ImportKind))
def test_every_field_has_a_cleaner_and_no_other_field_has(kind: ImportKind) -> None:
    assert set(CLEANERS[kind]) == set(columns(kind))


@pytest.mark.parametrize("kind", list(ImportKind))
def test_choices_are_taken_by_the_importer(kind: ImportKind) -> None:
    for field in CHOICES.keys() & CLEANERS[kind].keys():
        for choice in CHOICES[field].split(","):
            CLEANERS[kind][field](choice)


def test_columns_left_to_numbers_exist() -> None:
    fields = {column.field for template in TEMPLATES.values() for column in template.columns}
    assert NUMBERS | CHOICES.keys() <= fields


def test_fields_of_mappings_are_not_in_the_templates() -> None:
    for kind, extra in MAPPED_ONLY.items():
        assert not {column.field for column in extra} & {column.field for column in TEMPLATES[kind].columns}
