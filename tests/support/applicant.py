"""An applicant who registers over HTTP: solves the challenge, fills in, proves the mail address, uploads, submits."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from services.catalog.registration.proofs import solve
from shared.codes.credit_code import make
from tests.support.identity_desk import Desk
from tests.support.papers import PDF

FIELDS: dict[str, Any] = {
    "region": "370200",
    "class_code": "3443",
    "makes": "生产球墨铸铁阀门",
    "contact_name": "王示例",
    "capabilities": [
        {"code": "C-1", "name": "球墨铸铁阀门", "spare_capacity": "1200", "capacity_unit": "件", "processes": ["铸造"]}
    ],
}


def new_code() -> str:
    """A credit code that nobody has."""
    return make(uuid4().int % 10**9)


def proof(http: httpx.Client) -> dict[str, str]:
    """A proof of work for a new challenge."""
    told = http.get("/registrations/challenge").json()
    return {"challenge": told["challenge"], "nonce": solve(told["challenge"], told["bits"])}


@dataclass
class Applicant:
    """A registration that is under way, by its code; the version is followed."""

    desk: Desk
    http: httpx.Client
    email: str
    id: str
    version: str

    def get(self) -> dict[str, Any]:
        """The registration as it is now."""
        answer = self.http.get("/registrations/mine")
        assert answer.status_code == 200, answer.text
        self.version = answer.headers["ETag"]
        found: dict[str, Any] = answer.json()
        return found

    def ask(self, method: str, path: str = "", **body: Any) -> httpx.Response:
        """A change of the version that is known."""
        answer = self.http.request(method, f"/registrations/mine{path}", headers={"If-Match": self.version}, json=body)
        self.version = answer.headers.get("ETag", self.version)
        return answer

    def save(self, **fields: Any) -> httpx.Response:
        """Change fields."""
        return self.ask("PATCH", **fields)

    def submit(self) -> httpx.Response:
        """Hand it in."""
        return self.ask("POST", "/submission")

    def withdraw(self, reason: str = "") -> httpx.Response:
        """Take it back."""
        return self.ask("POST", "/withdrawal", reason=reason)

    def upload(self, content: bytes = PDF, name: str = "执照.pdf", kind: str = "licence") -> httpx.Response:
        """Send a document."""
        return self.http.post("/registrations/mine/documents", files={"file": (name, content)}, data={"kind": kind})

    def prove_email(self) -> None:
        """Say the code out of the letter."""
        assert self.http.post("/registrations/mine/email-codes").status_code == 202
        answer = self.http.post("/registrations/mine/email-verification", json={"code": self.letter_code()})
        assert answer.status_code == 200, answer.text
        self.version = answer.headers["ETag"]

    def letter_code(self) -> str:
        """The code in the oldest letter with one."""
        text = self.desk.letters.to(self.email, having="验证码是").get_content()
        found = re.search(r"[A-Z2-7]{4}-[A-Z2-7]{4}", text)
        assert found
        return found[0]


def begin(desk: Desk, **fields: Any) -> Applicant:
    """Begin to register."""
    http, email = desk.client(), f"wang-{uuid4().hex[:8]}@firm.example"
    said = {"contact_email": email, **fields}
    answer = http.post("/registrations", json={"proof": proof(http), "registration": said})
    assert answer.status_code == 201, answer.text
    http.headers["Registration-Code"] = answer.json()["registration_code"]
    return Applicant(desk, http, email, answer.json()["id"], answer.headers["ETag"])


def ready(desk: Desk, **fields: Any) -> Applicant:
    """A registration that lacks nothing, not yet submitted."""
    told = {"credit_code": new_code(), "name": f"申{uuid4().hex[:6]}阀门有限公司（虚构）", **FIELDS, **fields}
    applicant = begin(desk, **told)
    applicant.prove_email()
    assert applicant.upload().status_code == 201
    return applicant


def submitted(desk: Desk, **fields: Any) -> Applicant:
    """One that was submitted."""
    applicant = ready(desk, **fields)
    answer = applicant.submit()
    assert answer.status_code == 200, answer.text
    return applicant


def decide(reviewer: httpx.Client, id: str, verb: str, **body: Any) -> httpx.Response:
    """A reviewer's step on a registration as it is now."""
    version = reviewer.get(f"/registrations/{id}").headers["ETag"]
    return reviewer.post(f"/registrations/{id}/{verb}", json=body, headers={"If-Match": version})


def in_review(desk: Desk, **fields: Any) -> Applicant:
    """One that is being reviewed."""
    applicant = submitted(desk, **fields)
    answer = decide(desk.operator, applicant.id, "review")
    assert answer.status_code == 200, answer.text
    return applicant
