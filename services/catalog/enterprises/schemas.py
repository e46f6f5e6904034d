"""Wire models of enterprises and what belongs to them; the `…Write` ones hold ids and codes, cleaned and resolved."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator

from services.catalog.amounts import Money, Share
from services.catalog.code_fields import ClassCode, CreditCode, RegionCode, RegionCodes, SchemeCode, TitleCode
from services.catalog.enterprises.rules import Stance, Status, Trust
from shared.codes.titles import LEVEL_NAMES, Level, all_titles
from shared.contracts.v1 import CertificateV1, EnterpriseV1, PreferenceV1, RelationV1, TitleV1
from shared.http.times import Day


class EnterpriseWrite(BaseModel):
    """An enterprise to create or change; found by its credit code, else by its source's key.

    A field that is not given stays as it is. `revenue_wan` in 万元.
    """

    credit_code: CreditCode | None = None
    source_key: str | None = None
    name: str = Field(min_length=1)
    short_name: str | None = None
    is_chain_leader: bool = False
    is_supplier: bool = False
    region: RegionCode | None = None
    class_code: ClassCode | None = None
    staff: int | None = Field(default=None, ge=0, lt=2**31)
    revenue_wan: Money | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _is_named(self) -> "EnterpriseWrite":
        if not self.credit_code and not self.source_key:
            raise ValueError("统一社会信用代码和来源编号至少要有一个。")
        return self


class CertificateFields(BaseModel):
    """What a certificate says, whoever holds it."""

    scheme: SchemeCode
    number: str = Field(min_length=1)
    scope: str | None = None
    issuer: str | None = None
    valid_from: Day | None = None
    valid_until: Day
    sites: RegionCodes = []
    suspended_on: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _check_order(self.valid_from, self.valid_until, "有效期止早于有效期起。")
        return self


class CertificateWrite(CertificateFields):
    """A certificate to create or change; found by enterprise, scheme and number."""

    enterprise_id: UUID
    trust: Trust = Trust.SELF_DECLARED


class TitleWrite(BaseModel):
    """A title to create or change; found by enterprise, title and level.

    Without `expires` it runs for the title's usual years from the day of issue.
    """

    enterprise_id: UUID
    title: TitleCode
    level: Level
    number: str | None = None
    issued: Day | None = None
    expires: Day | None = None

    @model_validator(mode="after")
    def _is_awarded(self) -> "TitleWrite":
        scheme = all_titles()[self.title]
        if self.level not in scheme.levels:
            levels = "、".join(LEVEL_NAMES[each] for each in scheme.levels)
            raise ValueError(f"{scheme.name}只有{levels}，没有{LEVEL_NAMES[self.level]}。")
        _check_order(self.issued, self.expires, "到期日早于认定日。")
        return self


class RelationWrite(BaseModel):
    """An equity link to create or change, found by both enterprises; `share` 0 to 1, None where it is not known."""

    owner_id: UUID
    owned_id: UUID
    share: Share | None = None
    valid_from: Day | None = None
    valid_until: Day | None = None

    @model_validator(mode="after")
    def _is_of_two(self) -> "RelationWrite":
        if self.owner_id == self.owned_id:
            raise ValueError("企业不能持有自己的股权。")
        _check_order(self.valid_from, self.valid_until, "截止日早于起始日。")
        return self


class PreferenceWrite(BaseModel):
    """What a leader says about a supplier, to create or change; found by both and the part, "" for all parts."""

    leader_id: UUID
    supplier_id: UUID
    part_code: Annotated[str | None, AfterValidator(lambda code: code or "")] = ""
    stance: Stance
    reason: str = Field(default="", max_length=1000)
    valid_until: Day | None = None

    @model_validator(mode="after")
    def _is_of_two(self) -> "PreferenceWrite":
        if self.leader_id == self.supplier_id:
            raise ValueError("不能对本企业设定黑名单或优先。")
        return self


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


class TitleOut(TitleV1):
    """A title with its own name and that of its enterprise."""

    title_name: str
    enterprise_name: str


class RelationOut(RelationV1):
    """An equity link with the names of both enterprises."""

    owner_name: str
    owned_name: str


class PreferenceOut(PreferenceV1):
    """What a leader says about a supplier, with the names of both."""

    leader_name: str
    supplier_name: str


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
    """How an enterprise is named in other features' rows, and where it is."""

    name: str
    credit_code: str | None
    region: str | None


def _check_order(begin: date | None, end: date | None, message: str) -> None:
    if begin is not None and end is not None and begin > end:
        raise ValueError(message)
