"""What is proposed to an applicant: the industry class from what it says it makes, the region from code and place."""

from functools import cache

from services.catalog.registration.schemas import ProposalRequest, ProposalsOut, ProposedClass, ProposedRegion
from shared.codes.classes import all_classes
from shared.codes.credit_code import FICTITIOUS_REGION
from shared.codes.regions import RegionMatch, UnknownRegion, find_region, full_name

_CLASSES = 5


def propose(asked: ProposalRequest) -> ProposalsOut:
    """Classes, the likeliest first, and regions: that of the place, then that of the code; what says nothing has none.

    The code says where a firm was registered first, not where it is today.
    """
    found = [region_of_place(asked.place), region_of_code(asked.credit_code or "")]
    regions = {each.code: each for each in reversed(found) if each is not None}
    return ProposalsOut(classes=_classes(asked.makes), regions=list(reversed(regions.values())))


def region_of_code(credit_code: str) -> ProposedRegion | None:
    """The region in a credit code (places 3 to 8) as it is today; of a development zone the city that it is in."""
    digits = credit_code[2:8]
    if not digits or digits == FICTITIOUS_REGION:
        return None
    for code in (digits, f"{digits[:4]}00", f"{digits[:2]}0000"):
        if found := _region(code):
            return _proposed(found, "credit_code")
    return None


def region_of_place(place: str) -> ProposedRegion | None:
    """The region that a place of registration or an address names."""
    found = _region(place)
    return _proposed(found, "place") if found else None


@cache
def warm_up() -> None:
    """Load what proposes classes, which takes seconds, before somebody waits for it; once in a process."""
    _classes("轴承")


def _classes(makes: str) -> list[ProposedClass]:
    if not makes.strip():
        return []
    from shared.text.classify import classify  # loads the machine code, which a process may never need

    (found,) = classify([makes], _CLASSES)
    return [ProposedClass(code=code, name=all_classes()[code].name, score=round(score, 4)) for code, score in found]


def _region(text: str) -> RegionMatch | None:
    try:
        return find_region(text)
    except UnknownRegion:
        return None


def _proposed(match: RegionMatch, source: str) -> ProposedRegion:
    return ProposedRegion(code=match.code, name=full_name(match.code), source=source, note=match.note)
