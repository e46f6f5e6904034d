"""Which benches there are: found by reading the modules of this folder, not by importing them.

A library that one bench needs and this machine lacks must not hide the others.
"""

import ast
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Entry:
    """A bench: its name, what it measures, and the argument lists of its quick and its large runs."""

    name: str
    about: str
    quick: list[list[str]]
    large: list[list[str]]


def benches(folder: Path = FOLDER) -> list[Entry]:
    """The benches in the order of their names: modules that have a `main` and say `QUICK` or `LARGE`."""
    found = (_entry(path) for path in sorted(folder.glob("[!_]*.py")))
    return [entry for entry in found if entry is not None]


def _entry(path: Path) -> Entry | None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    runs = dict(pair for node in tree.body for pair in _runs(node))
    if not runs or not any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body):
        return None
    about = (ast.get_docstring(tree) or "").partition("\n")[0]
    return Entry(path.stem, about, runs.get("QUICK", []), runs.get("LARGE", []))


def _runs(node: ast.stmt) -> list[tuple[str, list[list[str]]]]:
    """QUICK and LARGE as they stand in the module, with or without a type."""
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        return []
    targets: list[ast.expr] = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = [row.id for row in targets if isinstance(row, ast.Name) and row.id in ("QUICK", "LARGE")]
    return [(name, ast.literal_eval(node.value)) for name in names]
