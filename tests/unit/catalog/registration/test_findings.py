"""What is recognised in what an applicant says, and what reviewers typed about it."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from starlette.datastructures import FormData

from services.catalog.registration.findings import Standing, Verdict, findings
from services.catalog.registration.proposing import region_of_code
from services.catalog.registration.reviewing import corrections_of, refuse_lost_corrections
from shared.codes.credit_code import make
from shared.http.problems import Problem
from shared.ui.forms import Typed

TODAY = date(2026, 11, 23)


def said(**fields: Any) -> dict[str, Any]:
    """A registration as reviewers read it."""
    row = {
        "credit_code": make(7, "370214"),
        "region": "370202",
        "class_code": None,
        "makes": "",
        "staff": None,
        "revenue_wan": None,
        "email_verified": True,
        "documents": [],
        "capabilities": [],
        "certificates": [],
        **fields,
    }
    return {**row, "code_region": region_of_code(row["credit_code"])}


@pytest.mark.parametrize(
    ("code", "region", "verdict"),
    [
        (make(7, "370214"), "370202", Verdict.MET),
        (make(7, "370214"), "370600", Verdict.LOOK),
        (make(7, "370200"), "370214", Verdict.MET),
        (make(7), "370600", Verdict.LOOK),
        (make(7, "370214"), None, Verdict.LACKING),
    ],
)
def test_the_region_is_held_against_the_city_that_gave_the_code(code: str, region: str | None, verdict: str) -> None:
    assert findings(said(credit_code=code, region=region), TODAY).region == verdict


@pytest.mark.parametrize(
    ("makes", "class_code", "verdict"),
    [
        ("生产球墨铸铁阀门", "3443", Verdict.MET),
        ("生产球墨铸铁阀门", "1311", Verdict.LOOK),
        ("", "3443", Verdict.LOOK),
        ("生产球墨铸铁阀门", None, Verdict.LACKING),
    ],
)
def test_the_class_is_held_against_those_that_are_proposed(makes: str, class_code: str | None, verdict: str) -> None:
    assert findings(said(makes=makes, class_code=class_code), TODAY).classed == verdict


def test_a_code_of_nobody_is_named() -> None:
    found = findings(said(credit_code=make(7)), TODAY)
    assert (found.code, found.is_fictitious) == (Verdict.MET, True)
    wrong = findings(said(credit_code="91370214000000000X"), TODAY)
    assert wrong.code is Verdict.LOOK and "校验位不符" in wrong.code_fault


@pytest.mark.parametrize(
    ("fields", "standing", "verdict"),
    [
        ({"valid_until": "2026-11-22"}, Standing.LAPSED, Verdict.LACKING),
        ({"valid_until": "2026-11-23"}, Standing.UNSHOWN, Verdict.LOOK),
        ({"valid_until": "2027-11-23", "valid_from": "2026-11-24"}, Standing.NOT_YET, Verdict.LOOK),
        ({"valid_until": "2027-11-23", "suspended_on": "2026-10-01"}, Standing.SUSPENDED, Verdict.LOOK),
        ({"valid_until": "2027-11-23", "document_id": "shown"}, Standing.SHOWN, Verdict.MET),
    ],
)
def test_a_certificate_stands_as_it_is_today(fields: dict[str, Any], standing: Standing, verdict: Verdict) -> None:
    paper = {"id": uuid4(), "kind": "certificate"}
    if "document_id" in fields:
        fields = {**fields, "document_id": str(paper["id"])}
    row = said(certificates=[{"scheme": "ISO 9001", "number": "1", **fields}], documents=[paper])
    found = findings(row, TODAY)
    assert [(each.standing, each.verdict) for each in found.certificates] == [(standing, verdict)]
    assert found.licence is Verdict.LACKING
    assert findings(said(documents=[{"id": uuid4(), "kind": "licence"}]), TODAY).licence is Verdict.LOOK


def test_a_capability_is_told_in_words_and_doubted_by_its_name() -> None:
    rows = [{"code": "C-1", "name": "球阀", "class_code": "3443"}, {"code": "C-2", "name": "电力仓储"}]
    goods, doubtful = findings(said(capabilities=rows, staff=15), TODAY).offers
    assert (goods.verdict, goods.class_name, goods.processes) == (Verdict.MET, "阀门和旋塞制造", [])
    assert doubtful.verdict is Verdict.LOOK and doubtful.doubt


def test_corrections_are_named_by_their_fields() -> None:
    form = Typed(FormData({"/name": " 不一致 ", "/region": "  ", "reason": "请更正", "version": "3"}))
    asked = corrections_of(form)
    assert [(each.pointer, each.reason) for each in asked.fields] == [("/name", "不一致")]
    assert asked.reason == "请更正"
    with pytest.raises(Problem) as typed:
        refuse_lost_corrections(form)
    assert typed.value.errors[0].detail.startswith("有的项目旁边还写着更正意见")
    with pytest.raises(Problem) as nothing:
        corrections_of(Typed(FormData({"reason": "请更正"})))
    assert nothing.value.errors[0].detail.startswith("请在要更正的各项旁边写明怎样更正")
    with pytest.raises(Problem) as too_long:
        corrections_of(Typed(FormData({"/name": "短", "/capabilities/0": "长" * 501})))
    assert [(each.pointer, each.detail) for each in too_long.value.errors] == [("/capabilities/0", "至多 500 个字符。")]
