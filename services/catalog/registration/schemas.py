"""Wire models of registrations: what applicants write and see, what reviewers see and decide."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.catalog.amounts import Money
from services.catalog.capabilities.schemas import CapabilityFields
from services.catalog.code_fields import ClassCode, CreditCode, RegionCode
from services.catalog.enterprises.rules import Status
from services.catalog.enterprises.schemas import CertificateFields
from services.catalog.identity.schemas import Email, Name
from services.catalog.registration.rules import DocumentKind, State, Verb


def _once(what: str, *key: str) -> AfterValidator:
    """A check that no two rows have the same key."""

    def check(rows: list[Any]) -> list[Any]:
        found = [" ".join(getattr(row, name) for name in key) for row in rows]
        if repeated := next((each for at, each in enumerate(found) if each in found[:at]), None):
            raise ValueError(f"{what}“{repeated}”重复出现，请只保留一项。")
        return rows

    return AfterValidator(check)


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CapabilityRow(CapabilityFields):
    """A capability that an applicant states."""

    model_config = ConfigDict(extra="forbid")


class CertificateRow(CertificateFields):
    """A certificate that an applicant states; `document_id` names the document that shows it."""

    model_config = ConfigDict(extra="forbid")

    document_id: UUID | None = None


class DraftFields(_In):
    """What an applicant says; a field that is not given stays as it is, one that is null is emptied."""

    credit_code: CreditCode | None = Field(None, max_length=100)
    name: Annotated[Name, Field(max_length=200)] | None = None
    short_name: Annotated[Name, Field(max_length=100)] | None = None
    former_names: list[Annotated[Name, Field(max_length=200)]] = Field(default=[], max_length=20)
    region: RegionCode | None = None
    class_code: ClassCode | None = None
    makes: str = Field("", max_length=4000, description="生产什么：主要产品或经营范围，用来推荐行业类别")
    staff: int | None = Field(None, ge=0, lt=2**31)
    revenue_wan: Annotated[Money, Field(ge=0)] | None = None
    contact_name: Name | None = None
    contact_phone: str | None = Field(None, pattern=r"^[0-9+() -]{5,30}$", examples=["0532-00000000"])
    contact_email: Email | None = None
    capabilities: Annotated[list[CapabilityRow], Field(max_length=200), _once("供给能力编码", "code")] = []
    certificates: Annotated[list[CertificateRow], Field(max_length=100), _once("证书", "scheme", "number")] = []


class Proof(_In):
    """A proof of work: the challenge as it was told, and what was found for it."""

    challenge: str = Field(max_length=300)
    nonce: str = Field(max_length=100)


class NewRegistration(_In):
    """What a registration begins with; programs with a token of scope catalog.write need no proof."""

    proof: Proof | None = None
    registration: DraftFields = DraftFields()


class ChallengeOut(BaseModel):
    """A challenge: find a nonce such that SHA-256("challenge:nonce") begins with `bits` zero bits."""

    challenge: str
    bits: int
    algorithm: str = Field(examples=["sha256"])
    expires_at: datetime


class DocumentOut(BaseModel):
    """A document of a registration."""

    id: UUID
    kind: DocumentKind
    filename: str
    media_type: str
    size: int
    sha256: str
    uploaded_at: datetime


class FieldReason(_In):
    """What is to be corrected in one field: a JSON pointer, and why."""

    pointer: str = Field(max_length=200, pattern=r"^/[^\s]+$", examples=["/name"])
    reason: str = Field(min_length=1, max_length=500)


class StepOut(BaseModel):
    """A step of the way; `fields` are the corrections asked for."""

    verb: Verb
    before: State
    after: State
    reason: str
    fields: list[FieldReason]
    at: datetime


class ReviewStep(StepOut):
    """A step with whose it was."""

    actor: str


class _Said(BaseModel):
    """What a registration says, and where it stands."""

    id: UUID
    version: int
    state: State
    is_claim: bool
    credit_code: str | None
    name: str | None
    short_name: str | None
    former_names: list[str]
    region: str | None
    class_code: str | None
    makes: str
    staff: int | None
    revenue_wan: Money | None
    contact_name: str | None
    contact_phone: str | None
    contact_email: str | None
    email_verified: bool
    capabilities: list[CapabilityFields]
    certificates: list[CertificateRow]
    returned: list[FieldReason]
    reason: str
    created_at: datetime
    submitted_at: datetime | None
    decided_at: datetime | None
    documents: list[DocumentOut]


class OwnRegistration(_Said):
    """A registration as its applicant follows it; a draft is deleted after `expires_at`."""

    expires_at: datetime
    steps: list[StepOut]
    allowed: list[Verb]


class BegunRegistration(OwnRegistration):
    """A new registration with the code to follow it by, which is told this once."""

    registration_code: str


class EmailCode(_In):
    """The code out of the letter."""

    code: str = Field(max_length=40, examples=["K7QM-2XRA"])


class ProposalRequest(_In):
    """What to propose from: what the firm makes, its credit code, and where it says that it is."""

    makes: str = Field("", max_length=4000)
    credit_code: CreditCode | None = Field(None, max_length=100)
    place: str = Field("", max_length=200, description="注册地或地址")


class ProposedClass(BaseModel):
    """An industry class that the text may be about, with how sure that is (0 to 1)."""

    code: str
    name: str
    score: float


class ProposedRegion(BaseModel):
    """A region with where it was taken from, and what was mapped on the way."""

    code: str
    name: str
    source: str = Field(examples=["credit_code"])
    note: str | None


class ProposalsOut(BaseModel):
    """Classes, the likeliest first, and regions."""

    classes: list[ProposedClass]
    regions: list[ProposedRegion]


class RegistrationCard(BaseModel):
    """A registration in the reviewers' list."""

    id: UUID
    version: int
    state: State
    is_claim: bool
    credit_code: str | None
    name: str | None
    region: str | None
    class_code: str | None
    created_at: datetime
    submitted_at: datetime | None
    decided_at: datetime | None


class SeenStep(BaseModel):
    """A step of the way, without whose it was and what was written."""

    verb: Verb
    before: State
    after: State
    at: datetime


class RegistrationSeen(RegistrationCard):
    """A registration as an organisation of a cluster that it concerns sees it: what the firm makes."""

    enterprise_id: UUID | None
    short_name: str | None
    former_names: list[str]
    makes: str
    staff: int | None
    revenue_wan: Money | None
    capabilities: list[CapabilityFields]
    certificates: list[CertificateRow]
    steps: list[SeenStep]


class SimilarName(BaseModel):
    """An enterprise with a name like one that the applicant gives; `former` when it went by it, or was merged."""

    id: UUID
    name: str
    known_as: str
    former: bool
    credit_code: str | None
    score: int


class KnownEnterprise(BaseModel):
    """The enterprise that has the credit code already."""

    id: UUID
    name: str
    status: Status
    has_owner: bool


class Rival(BaseModel):
    """Another registration of the same credit code."""

    id: UUID
    state: State
    is_claim: bool
    name: str | None
    submitted_at: datetime | None


class RegistrationOut(_Said):
    """A registration with what a reviewer needs to decide."""

    enterprise_id: UUID | None
    claimed_id: UUID | None
    steps: list[ReviewStep]
    allowed: list[Verb]
    known: KnownEnterprise | None
    rivals: list[Rival]
    similar: list[SimilarName]
    code_region: ProposedRegion | None


class Filters(BaseModel):
    """What a list of registrations is narrowed to; all given conditions hold together."""

    state: State | None = None
    claim: bool | None = None
    region: str | None = None
    credit_code: str | None = None
    q: str | None = None


class ReturnRequest(_In):
    """What the applicant has to correct, field by field."""

    fields: list[FieldReason] = Field(min_length=1, max_length=100)
    reason: str = Field("", max_length=1000)


class Withdrawal(_In):
    """Why it is taken back, for whom that matters."""

    reason: str = Field("", max_length=1000)


class Verification(_In):
    """What there is to say about it."""

    reason: str = Field("", max_length=1000)


class RefusalRequest(_In):
    """Why it is refused for good."""

    reason: str = Field(min_length=1, max_length=1000)


class ClaimDecision(_In):
    """Whether the claim is upheld, and why."""

    upheld: bool
    reason: str = Field(min_length=1, max_length=1000)


class MergeRequest(_In):
    """Which record goes into the one of the address, and why."""

    merged_id: UUID = Field(description="并入的企业，其后注销")
    reason: str = Field(min_length=1, max_length=1000)


class MergeResult(BaseModel):
    """How many rows of each kind went over, and which were the same in both and are kept once."""

    enterprise_id: UUID
    merged_id: UUID
    moved: dict[str, int]
    dropped: dict[str, int]


class AliasOut(BaseModel):
    """A name that an enterprise went by, and the keys of a record that was merged into it."""

    id: UUID
    name: str
    credit_code: str | None
    source_key: str | None
    merged_id: UUID | None
    reason: str
    recorded_at: datetime
