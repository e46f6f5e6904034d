"""Wire models of enterprises and certificates; the `…Write` ones are what an import has cleaned and resolved."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from services.catalog.amounts import Money
from services.catalog.enterprises.rules import Status, Trust
from shared.contracts.v1 import CertificateV1, EnterpriseV1


class EnterpriseWrite(BaseModel):
    """An enterprise to create or change; found by its credit code, else by its source's key.

    A field that is not given stays as it is. `revenue_wan` in 万元.
    """

    credit_code: str | None = None
    source_key: str | None = None
    name: str = Field(min_length=1)
    short_name: str | None = None
    is_chain_leader: bool = False
    is_supplier: bool = False
    region: str | None = None
    class_code: str | None = None
    staff: int | None = Field(default=None, ge=0, lt=2**31)
    revenue_wan: Money | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _is_named(self) -> "EnterpriseWrite":
        if not self.credit_code and not self.source_key:
            raise ValueError("统一社会信用代码和来源编号至少要有一个。")
        return self


class CertificateWrite(BaseModel):
    """A certificate to create or change; found by enterprise, scheme and number."""

    enterprise_id: UUID
    scheme: str
    number: str = Field(min_length=1)
    scope: str | None = None
    issuer: str | None = None
    valid_from: date | None = None
    valid_until: date
    trust: Trust = Trust.SELF_DECLARED


class EnterpriseOut(EnterpriseV1):
    """An enterprise as those see it who may see all of it; `revenue_wan` in 万元."""

    created_at: datetime
    updated_at: datetime


class SupplierCard(BaseModel):
    """What anybody may know of a verified supplier."""

    id: UUID
    name: str
    short_name: str | None
    region: str | None
    class_code: str | None


class CertificateOut(CertificateV1):
    """A certificate with the name of its enterprise."""

    enterprise_name: str


class StatusStep(BaseModel):
    """One change of an enterprise's status."""

    before: Status
    after: Status
    actor: str
    reason: str
    at: datetime


class VerificationRequest(BaseModel):
    """Whom to verify: the enterprises named, or all that are submitted."""

    ids: list[UUID] = Field(default=[], max_length=100_000)
    all_submitted: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> "VerificationRequest":
        if bool(self.ids) == self.all_submitted:
            raise ValueError("请给出 ids，或令 all_submitted 为 true，二者取一。")
        return self


class Refusal(BaseModel):
    """An enterprise that could not be verified, and why."""

    id: UUID
    name: str | None
    reason: str


class VerificationResult(BaseModel):
    """How many were verified just now, and who was refused; those verified before are in neither."""

    verified: int
    refused: list[Refusal]


class Reason(BaseModel):
    """Why something was decided."""

    reason: str = Field(min_length=1, max_length=1000)


class Filters(BaseModel):
    """What a list of enterprises is narrowed to; all given conditions hold together."""

    is_chain_leader: bool | None = None
    is_supplier: bool | None = None
    status: Status | None = None
    region: str | None = None
    q: str | None = None


class Label(BaseModel):
    """How an enterprise is named in other features' rows."""

    name: str
    credit_code: str | None
