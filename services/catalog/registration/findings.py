"""What is recognised in what an applicant says, requirement by requirement, so that a reviewer judges at a glance.

Nothing is decided here: a firm may have moved since it got its code, and the likeliest class need not be the right one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from services.catalog.capabilities.rules import Verdict as Outcome
from services.catalog.capabilities.rules import judge
from services.catalog.enterprises.rules import Size, size
from services.catalog.registration.proposing import propose
from services.catalog.registration.rules import DocumentKind
from services.catalog.registration.schemas import (
    CapabilityRow,
    CertificateRow,
    ProposalRequest,
    ProposedClass,
    ProposedRegion,
)
from shared.codes.certificates import all_schemes
from shared.codes.classes import all_classes
from shared.codes.credit_code import FICTITIOUS_REGION, InvalidCreditCode, check
from shared.codes.parameters import Parameter, say
from shared.codes.regions import city_of, full_name, is_within
from shared.codes.taxonomy import all_nodes
from shared.db.upserts import Row

Stated = Mapping[str, Any]


class Verdict(StrEnum):
    """What a reviewer is told of one thing: nothing speaks against it, a person must look, or it does not hold."""

    MET = "met"
    LOOK = "look"
    LACKING = "lacking"


class Standing(StrEnum):
    """What is to be said of a certificate on a day: the gravest, if there are several."""

    LAPSED = "lapsed"
    NOT_YET = "not_yet"
    SUSPENDED = "suspended"
    UNSHOWN = "unshown"
    SHOWN = "shown"


@dataclass(frozen=True)
class Offer:
    """A capability as stated, with what its codes mean; `doubt` says in Chinese why its name is no product's."""

    stated: Stated
    class_name: str | None
    processes: Sequence[str]
    materials: Sequence[str]
    parameters: Sequence[str]
    doubt: str

    @property
    def verdict(self) -> Verdict:
        """Whether its name says what it is."""
        return Verdict.LOOK if self.doubt else Verdict.MET


@dataclass(frozen=True)
class Certified:
    """A certificate as stated, with its scheme's name, the document that shows it, and how it stands."""

    stated: Stated
    scheme_name: str
    document: Row | None
    standing: Standing

    @property
    def verdict(self) -> Verdict:
        """Whether it is shown and holds."""
        said = {Standing.SHOWN: Verdict.MET, Standing.LAPSED: Verdict.LACKING}
        return said.get(self.standing, Verdict.LOOK)


@dataclass(frozen=True)
class Findings:
    """Everything that is recognised in one registration."""

    code: Verdict
    code_fault: str
    is_fictitious: bool
    region: Verdict
    region_name: str | None
    classed: Verdict
    class_name: str | None
    proposed: Sequence[ProposedClass]
    size: Size | None
    email: Verdict
    licence: Verdict
    offers: Sequence[Offer]
    certificates: Sequence[Certified]


def findings(row: Row, today: date) -> Findings:
    """What is recognised in a registration as reviewers see it (`reading.evidence`), on a day."""
    fault, code = _fault(row["credit_code"] or ""), row["class_code"]
    proposed = propose(ProposalRequest(makes=row["makes"])).classes
    licensed = any(each["kind"] == DocumentKind.LICENCE for each in row["documents"])
    return Findings(
        code=Verdict.LOOK if fault else Verdict.MET,
        code_fault=fault,
        is_fictitious=(row["credit_code"] or "")[2:8] == FICTITIOUS_REGION,
        region=_agrees(row["region"], row["code_region"]),
        region_name=full_name(row["region"]) if row["region"] else None,
        classed=_is_likely(code, proposed),
        class_name=_class_name(code),
        proposed=proposed,
        size=size(row["staff"], row["revenue_wan"]),
        email=Verdict.MET if row["email_verified"] else Verdict.LACKING,
        licence=Verdict.LOOK if licensed else Verdict.LACKING,
        offers=[_offer(each) for each in row["capabilities"]],
        certificates=[_certified(each, row["documents"], today) for each in row["certificates"]],
    )


def _fault(credit_code: str) -> str:
    """What is wrong with a credit code, in Chinese; "" for nothing."""
    try:
        check(credit_code)
    except InvalidCreditCode as wrong:
        return f"{wrong.message}；{wrong.remedy}。"
    return ""


def _agrees(region: str | None, of_code: ProposedRegion | None) -> Verdict:
    """Whether a firm is in the city whose office gave it its code; one of nowhere leaves it to the licence."""
    if region is None:
        return Verdict.LACKING
    if of_code is None:
        return Verdict.LOOK
    near = is_within(region, of_code.code) or is_within(of_code.code, region)
    return Verdict.MET if near or (city_of(region) or region) == city_of(of_code.code) else Verdict.LOOK


def _is_likely(code: str | None, proposed: Sequence[ProposedClass]) -> Verdict:
    """Whether a class is among the likeliest, or next to one: of the same group of three digits; else, look at it."""
    if code is None:
        return Verdict.LACKING
    groups = {each.code[:3] for each in proposed}
    return Verdict.MET if code[:3] in groups else Verdict.LOOK


def _class_name(code: str | None) -> str | None:
    known = all_classes().get(code or "")
    return known.name if known else None


def _offer(said: Stated) -> Offer:
    stated = _whole(said, CapabilityRow)
    judged = judge(stated["name"])
    told = [say(Parameter.model_validate(each)) for each in stated["parameters"] or ()]
    processes, materials = (_node_names(stated[kind] or ()) for kind in ("processes", "materials"))
    doubt = "" if judged.outcome is Outcome.TAKEN else judged.reason
    return Offer(stated, _class_name(stated["class_code"]), processes, materials, told, doubt)


def _whole(said: Stated, model: type[BaseModel]) -> Stated:
    """A row as it was typed, with None for every field that was not."""
    return {**dict.fromkeys(model.model_fields), **said}


def _node_names(codes: Sequence[str]) -> list[str]:
    known = all_nodes()
    return [known[code].name if code in known else code for code in codes]


def _certified(said: Stated, documents: Sequence[Row], today: date) -> Certified:
    stated = _whole(said, CertificateRow)
    shown = next((each for each in documents if str(each["id"]) == stated["document_id"]), None)
    scheme = all_schemes().get(stated["scheme"])
    return Certified(stated, scheme.name if scheme else stated["scheme"], shown, _standing(stated, shown, today))


def _standing(stated: Stated, shown: Row | None, today: date) -> Standing:
    if date.fromisoformat(stated["valid_until"]) < today:
        return Standing.LAPSED
    if (start := stated["valid_from"]) and date.fromisoformat(start) > today:
        return Standing.NOT_YET
    if stated["suspended_on"]:
        return Standing.SUSPENDED
    return Standing.SHOWN if shown else Standing.UNSHOWN
