"""Fields of write models that hold codes of the code lists, in the one form that the tables keep.

Codes are checked against their lists, so that no route writes what an import would refuse.
"""

from collections.abc import Callable, Container
from datetime import date
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, Field

from shared.codes.certificates import all_schemes
from shared.codes.classes import all_classes
from shared.codes.credit_code import InvalidCreditCode, check
from shared.codes.parameters import Parameter, fault
from shared.codes.regions import all_regions, city_of, find_region, retired_regions
from shared.codes.taxonomy import NodeKind
from shared.codes.titles import all_titles
from shared.codes.units import all_units
from shared.contracts.v1 import CertificateRequirement
from shared.text.proposals import UnknownNode, find_node


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


@lru_cache(maxsize=8192)
def _node(word: str, kind: NodeKind) -> str:
    """The code of what a word names; an unknown word is refused, with the nearest ones."""
    try:
        return find_node(word, kind).code
    except UnknownNode as unknown:
        nearest = f"是否为：{'、'.join(unknown.nearest)}？" if unknown.nearest else ""
        raise ValueError(f"{unknown.message}。{nearest}") from unknown


def _nodes(kind: NodeKind) -> AfterValidator:
    """Processes or materials by any of their names, as their codes."""
    return AfterValidator(lambda words: _in_order([_node(word, kind) for word in words]))


_fault = lru_cache(maxsize=8192)(fault)


def _comparable(parameter: Parameter) -> Parameter:
    """A parameter in the form in which all are compared."""
    wrong = _fault(parameter)
    if wrong is not None:
        raise ValueError(f"{wrong}。")
    return parameter


def _region(code: str) -> str:
    """A region in use; for one that is not any more, it is said what it is today."""
    if code in all_regions():
        return code
    if code in retired_regions():
        raise ValueError(f"{find_region(code).note}；请填写今天的代码。")
    raise ValueError(f"没有代码为“{code}”的行政区划，请查代码表。")


def _credit_code(text: str) -> str:
    """A credit code in its one form; blank says nothing."""
    try:
        return check(text) if text.strip() else ""
    except InvalidCreditCode as wrong:
        raise ValueError(f"{wrong.message}；{wrong.remedy}。") from wrong


def _city(code: str) -> str:
    """A region that is a city, or takes the place of one."""
    if city_of(code) != code:
        raise ValueError(f"“{all_regions()[code].name}”（{code}）不是设区的市，请填写市的代码。")
    return code


def _known_schemes(required: list[CertificateRequirement]) -> list[CertificateRequirement]:
    """Required certificates of known schemes, each once, in one order."""
    for each in required:
        if each.scheme not in all_schemes():
            raise ValueError(f"没有代码为“{each.scheme}”的证书体系，请查代码表。")
    return sorted(set(required), key=lambda each: (each.scheme, each.on_date or date.min))


_MANY = Field(max_length=100)
"""More than a part or a capability has of anything; looking for what is near to an unknown word takes a while."""
_Word = Annotated[str, Field(min_length=1, max_length=100)]

ProcessCodes = Annotated[list[_Word], _MANY, _nodes(NodeKind.PROCESS)]
MaterialCodes = Annotated[list[_Word], _MANY, _nodes(NodeKind.MATERIAL)]
Parameters = Annotated[list[Annotated[Parameter, AfterValidator(_comparable)]], _MANY]
Requirements = Annotated[list[CertificateRequirement], _MANY, AfterValidator(_known_schemes)]
RegionCode = Annotated[str, AfterValidator(_region)]
CreditCode = Annotated[str, AfterValidator(_credit_code)]
CityCodes = Annotated[list[Annotated[RegionCode, AfterValidator(_city)]], AfterValidator(_in_order)]
RegionCodes = Annotated[list[RegionCode], AfterValidator(_in_order)]
ClassCode = Annotated[str, _of("行业类别", all_classes)]
UnitCode = Annotated[str, _of("计量单位", all_units)]
SchemeCode = Annotated[str, _of("证书体系", all_schemes)]
TitleCode = Annotated[str, _of("称号", all_titles)]
