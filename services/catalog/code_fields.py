"""Fields of write models that hold codes of the code lists, in the one form that the tables keep.

Codes are checked against their lists, so that no route writes what an import would refuse.
"""

from collections.abc import Callable, Container
from typing import Annotated

from pydantic import AfterValidator

from shared.codes.certificates import all_schemes
from shared.codes.classes import all_classes
from shared.codes.regions import all_regions
from shared.codes.titles import all_titles
from shared.codes.units import all_units


def _in_order(codes: list[str]) -> list[str]:
    """The codes, each once, in one order, so that the same ones written differently are no change."""
    return sorted(set(codes))


def _of(what: str, codes: Callable[[], Container[str]]) -> AfterValidator:
    """A check that a code is in its list."""

    def check(code: str) -> str:
        if code not in codes():
            raise ValueError(f"没有代码为“{code}”的{what}，请查代码表。")
        return code

    return AfterValidator(check)


ProcessCodes = Annotated[list[str], AfterValidator(_in_order)]
MaterialCodes = Annotated[list[str], AfterValidator(_in_order)]
RegionCode = Annotated[str, _of("行政区划", all_regions)]
RegionCodes = Annotated[list[RegionCode], AfterValidator(_in_order)]
ClassCode = Annotated[str, _of("行业类别", all_classes)]
UnitCode = Annotated[str, _of("计量单位", all_units)]
SchemeCode = Annotated[str, _of("证书体系", all_schemes)]
TitleCode = Annotated[str, _of("称号", all_titles)]
