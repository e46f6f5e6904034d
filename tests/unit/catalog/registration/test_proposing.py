"""Regions that are proposed: of the place that is told, and of the credit code."""

import pytest

from services.catalog.registration.proposing import propose, region_of_code
from services.catalog.registration.schemas import ProposalRequest
from shared.codes.credit_code import make


@pytest.mark.parametrize(
    ("code", "region", "note"),
    [
        (make(7, "370214"), "370214", None),
        (make(7, "370294"), "370200", None),
        (make(7), None, None),
        ("", None, None),
    ],
)
def test_the_region_of_a_credit_code(code: str, region: str | None, note: str | None) -> None:
    found = region_of_code(code)
    assert (found.code if found else None, found.note if found else None) == (region, note)


def test_a_retired_region_is_what_it_is_today_and_says_so() -> None:
    found = region_of_code(make(7, "371202"))
    assert found is not None
    assert found.code == "370116"
    assert found.note is not None
    assert "撤销" in found.note


def test_the_place_goes_before_the_code_and_each_region_is_told_once() -> None:
    told = propose(ProposalRequest(credit_code=make(7, "370214"), place="山东省青岛市城阳区长城路"))
    assert [(each.code, each.source) for each in told.regions] == [("370214", "place")]
    told = propose(ProposalRequest(credit_code=make(7, "370214"), place="济南市"))
    assert [(each.code, each.source) for each in told.regions] == [("370100", "place"), ("370214", "credit_code")]
    assert propose(ProposalRequest(place="火星")).regions == []
    assert propose(ProposalRequest()).classes == []
