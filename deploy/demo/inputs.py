"""What the demo reads: a folder of spreadsheets, with a mapping where the headings are foreign."""

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

MAPPINGS = Path(__file__).parent / "mappings"
SPREADSHEETS = {".xlsx", ".csv"}


class NoInput(Exception):
    """The folder has nothing to read; the message says so in Chinese."""


@dataclass(frozen=True)
class Inputs:
    """The files to import, in an order that does not matter to the result, and the mapping for those it names."""

    folder: Path
    files: list[Path]
    mapping: Path | None


def find_inputs(folder: Path) -> Inputs:
    """The spreadsheets of `folder` and its mapping: its own `mapping.toml`, else a bundled one that knows its files.

    Raises NoInput when the folder is missing or has no .xlsx or .csv file.
    """
    if not folder.is_dir():
        raise NoInput(f"没有文件夹“{folder}”。请给出放有 .xlsx 或 .csv 的文件夹。")
    files = sorted(
        path for path in folder.iterdir() if path.suffix.lower() in SPREADSHEETS and path.name[0] not in "~."
    )
    if not files:
        raise NoInput(f"文件夹“{folder}”里没有 .xlsx 或 .csv 文件。")
    return Inputs(folder, files, _mapping_for(folder, files))


def _mapping_for(folder: Path, files: list[Path]) -> Path | None:
    own = folder / "mapping.toml"
    if own.is_file():
        return own
    return next((path for path in sorted(MAPPINGS.glob("*.toml")) if _knows(path, files)), None)


def _knows(mapping: Path, files: list[Path]) -> bool:
    """Whether every file of the folder is one that this mapping describes."""
    patterns = [sheet["file"] for sheet in tomllib.loads(mapping.read_text("utf-8"))["sheet"]]
    return all(any(fnmatch(path.name, pattern) for pattern in patterns) for path in files)
