"""Who may import whom, as pyproject.toml says it."""

from importlinter.cli import lint_imports


def test_import_contracts_hold() -> None:
    assert lint_imports(cache_dir=None) == 0
