"""Fields of write models that hold codes of the code lists, in the one form that the tables keep."""

from typing import Annotated

from pydantic import AfterValidator


def _in_order(codes: list[str]) -> list[str]:
    """The codes, each once, in one order, so that the same ones written differently are no change."""
    return sorted(set(codes))


ProcessCodes = Annotated[list[str], AfterValidator(_in_order)]
MaterialCodes = Annotated[list[str], AfterValidator(_in_order)]
