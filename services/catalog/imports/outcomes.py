"""What an import tells: the outcome of each row, and each problem with its place, its cause and its remedy."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict


class Mode(StrEnum):
    """What to do when some rows are refused: write the others, or write nothing at all."""

    VALID_ROWS = "valid_rows"
    ALL_OR_NOTHING = "all_or_nothing"


class Outcome(StrEnum):
    """What became of a row. `REPEATED`: the same content stands in an earlier row of the file."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REPEATED = "repeated"
    REFUSED = "refused"
    TO_BE_LOOKED_AT = "to_be_looked_at"


class Problem(BaseModel):
    """One problem: where it is (row and column as the spreadsheet shows them), what is wrong, and what to do."""

    model_config = ConfigDict(frozen=True)

    sheet: str
    row: int | None
    column: str | None
    value: str | None
    code: str
    message: str
    remedy: str


def told(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Problems in their JSON form."""
    return [problem.model_dump(mode="json") for problem in problems]


class CellProblem(Exception):
    """A value that cannot be taken: a stable code, what is wrong and what to do, both in Chinese."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy


class FileProblem(Exception):
    """A file that cannot be read at all, or a mapping that cannot be used: code, cause and remedy."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
