"""Registrations of fictitious firms in several states, by the ways that applicants and reviewers go themselves.

A demonstration shows a reviewer something by them. Names say that they are fictitious, credit codes have region 000000,
addresses for mail lead nowhere: no letter is sent.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from services.catalog.registration import applying, contacts, deciding, documents, reading
from services.catalog.registration.context import Office
from services.catalog.registration.rules import DocumentKind, State
from services.catalog.registration.schemas import (
    CapabilityRow,
    DraftFields,
    FieldReason,
    Filters,
    NewRegistration,
    ReturnRequest,
)
from shared.codes.credit_code import make
from shared.db.database import Database
from shared.security.actor import Actor, Role

PRESENTER = Actor("demo", Role.REVIEWER)
ADDRESS = "samples"
_LICENCE = (
    b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
    b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>\nendobj\n"
    b"trailer\n<< /Root 1 0 R /Size 4 >>\nstartxref\n0\n%%EOF\n"
)
"""A page on which nothing stands."""
_EMAIL_CODE = re.compile(r"\b[A-Z2-7]{4}-[A-Z2-7]{4}\b")


@dataclass(frozen=True)
class Sample:
    """A fictitious applicant, what it makes, and how far its registration has come."""

    serial: int
    name: str
    region: str
    class_code: str
    makes: str
    offer: dict[str, Any]
    until: State
    correction: tuple[str, str] = ("", "")


SAMPLES = (
    Sample(
        900_000_001,
        "示例鲁中锻件有限公司（虚构）",
        "370302",
        "3393",
        "法兰锻件、轴类锻件的生产",
        {"name": "法兰锻件", "spare_capacity": 1200, "capacity_unit": "吨", "unit_price": 9800, "processes": ["锻造"]},
        State.SUBMITTED,
    ),
    Sample(
        900_000_002,
        "示例任城齿轮有限公司（虚构）",
        "370811",
        "3453",
        "齿轮、减速机的制造",
        {"name": "圆柱齿轮", "spare_capacity": 60000, "capacity_unit": "件", "unit_price": 85, "lead_time_days": 20},
        State.SUBMITTED,
    ),
    Sample(
        900_000_003,
        "示例寿光压铸有限公司（虚构）",
        "370783",
        "3392",
        "铝合金压铸件的生产",
        {
            "name": "铝合金壳体",
            "spare_capacity": 30000,
            "capacity_unit": "件",
            "unit_price": 130,
            "processes": ["压铸"],
        },
        State.IN_REVIEW,
    ),
    Sample(
        900_000_004,
        "示例兰山密封件有限公司（虚构）",
        "371302",
        "3481",
        "金属密封件、垫片",
        {"name": "缠绕垫片", "spare_capacity": 200000, "capacity_unit": "件", "unit_price": 6},
        State.RETURNED,
        ("/capabilities/0", "请说明垫片的规格和所用的材料。"),
    ),
    Sample(
        900_000_005,
        "示例莱西机加工有限公司（虚构）",
        "370285",
        "3484",
        "机械零部件加工",
        {"name": "轴套加工", "spare_capacity": 3000000, "capacity_unit": "元"},
        State.DRAFT,
    ),
)


def register_samples(database: Database, office: Office) -> int:
    """Bring in the samples, once; how many there are now that were not before. Commits each."""
    with database.session(PRESENTER) as session:
        if any(_is_there(session, make(each.serial)) for each in SAMPLES):
            return 0
    for sample in SAMPLES:
        with database.session() as session:
            row = _apply(session, office, sample)
        if sample.until in (State.IN_REVIEW, State.RETURNED):
            with database.session(PRESENTER) as session:
                _review(session, office, sample, row)
    return len(SAMPLES)


def _is_there(session: Session, code: str) -> bool:
    return bool(reading.page(session, PRESENTER, Filters(credit_code=code), None, 1).items)


def _apply(session: Session, office: Office, sample: Sample) -> dict[str, Any]:
    """Draft it and, where it has come further, hand it in; as its applicant sees it."""
    asked = NewRegistration(registration=_fields(sample))
    row, code = applying.begin(session, office, asked, PRESENTER, ADDRESS)
    if sample.until is State.DRAFT:
        return row
    letter = contacts.send_code(session, office, code, ADDRESS)
    said = _EMAIL_CODE.search(letter.text)
    assert said is not None
    contacts.verify_code(session, office, code, ADDRESS, said[0])
    documents.upload(session, office, code, ADDRESS, DocumentKind.LICENCE, "营业执照（虚构）.pdf", _LICENCE)
    version = applying.look(session, office, code, ADDRESS)["version"]
    return applying.submit(session, office, code, ADDRESS, version)


def _review(session: Session, office: Office, sample: Sample, row: dict[str, Any]) -> None:
    """Begin to review it and, where that is how far it came, return it."""
    reviewed = deciding.review(session, PRESENTER, row["id"], row["version"])
    if sample.until is State.RETURNED:
        pointer, reason = sample.correction
        asked = ReturnRequest(fields=[FieldReason(pointer=pointer, reason=reason)])
        deciding.send_back(session, office, PRESENTER, row["id"], reviewed["version"], asked)


def _fields(sample: Sample) -> DraftFields:
    offered = CapabilityRow.model_validate({"code": "C-1", "class_code": sample.class_code, **sample.offer})
    return DraftFields(
        credit_code=make(sample.serial),
        name=sample.name,
        region=sample.region,
        class_code=sample.class_code,
        makes=sample.makes,
        staff=120,
        revenue_wan=Decimal(6000),
        contact_name="虚构某",
        contact_phone="0531-00000000",
        contact_email=f"sample-{sample.serial}@firm.example",
        capabilities=[offered],
    )
