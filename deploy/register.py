"""Registers the project in its own .venv: importable from every folder, and its entry points found (networkx's are).

This is what `pip install -e .` is for, but that needs a build tool, takes seconds, and writes down the absolute path of
the folder, which breaks when the clone is moved. Here the path is relative, and the folder's name may be in any script.
`deploy/bootstrap.sh` runs this file with the interpreter of .venv; it imports nothing of the project.
"""

import csv
import os
import shutil
import sysconfig
import tomllib
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]


def register(project: Path, site_packages: Path) -> None:
    """Write a `.pth` and a `.dist-info` for the project into a folder of installed packages, replacing former ones."""
    about = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name = about["name"]
    for former in site_packages.glob(f"{name}-*.dist-info"):
        shutil.rmtree(former)
    folder = f"{name}-{about['version']}.dist-info"
    files = {
        f"{name}.pth": Path(os.path.relpath(project, site_packages)).as_posix() + "\n",
        f"{folder}/METADATA": _metadata(about),
        f"{folder}/entry_points.txt": _entry_points(about),
        f"{folder}/INSTALLER": "deploy/register.py\n",
    }
    (site_packages / folder).mkdir()
    for path, text in files.items():
        (site_packages / path).write_text(text, encoding="utf-8", newline="\n")
    with (site_packages / folder / "RECORD").open("w", encoding="utf-8", newline="") as record:
        csv.writer(record).writerows((path, "", "") for path in [*files, f"{folder}/RECORD"])


def _metadata(about: dict[str, Any]) -> str:
    lines = ["Metadata-Version: 2.1", f"Name: {about['name']}", f"Version: {about['version']}"]
    return "\n".join([*lines, *(f"Requires-Dist: {need}" for need in about.get("dependencies", []))]) + "\n"


def _entry_points(about: dict[str, Any]) -> str:
    groups = about.get("entry-points", {})
    return "\n".join(
        "\n".join([f"[{group}]", *(f"{name} = {target}" for name, target in points.items()), ""])
        for group, points in groups.items()
    )


if __name__ == "__main__":
    register(PROJECT, Path(sysconfig.get_path("purelib")))
