"""Reads the code lists that lie beside this module, once, from wherever the package is installed."""

import csv
from collections.abc import Iterator
from importlib.resources import files


def read_table(package: str, name: str) -> Iterator[dict[str, str]]:
    """The rows of `data/<name>.csv` inside `package`, cells stripped; lines that start with # are comments."""
    text = (files(package) / "data" / f"{name}.csv").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    for row in csv.DictReader(lines):
        yield {heading: cell.strip() for heading, cell in row.items()}


def split_cell(cell: str) -> list[str]:
    """The parts of a cell that holds several values separated by `;`."""
    return [part.strip() for part in cell.split(";") if part.strip()]
