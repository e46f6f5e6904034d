"""Tables of registrations: what an applicant says of itself, its documents, and each step of the way.

Of the codes that applicants hold, digests are kept.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.catalog.base import CatalogTable, Record, TextArray, moment
from services.catalog.registration.rules import HOLDING
from shared.db.ids import new_id
from shared.db.tables import Money, UtcDateTime

_HOLDING = ", ".join(f"'{state}'" for state in HOLDING)


class Registration(Record, table=True):
    """An application of an enterprise; a draft may lack anything.

    `is_claim`: when it was submitted, its credit code was known or held by another registration; `claimed_id` is the
    enterprise that is claimed, None where there was none yet. Of one code only one that is no claim is under way.
    `returned` is what was to be corrected: a list of field pointers with reasons.
    """

    __tablename__ = "registrations"
    __table_args__ = (
        CheckConstraint("is_claim OR claimed_id IS NULL", name="only_claims_claim"),
        Index(
            "uq_registrations_credit_code_held",
            "credit_code",
            unique=True,
            postgresql_where=text(f"NOT is_claim AND state IN ({_HOLDING})"),
        ),
    )

    follow_digest: str = Field(unique=True)
    state: str = Field(default="draft", index=True)
    is_claim: bool = False
    claimed_id: UUID | None = Field(default=None, foreign_key="enterprises.id", index=True)
    enterprise_id: UUID | None = Field(default=None, foreign_key="enterprises.id", index=True)
    brought_by: str | None = None
    credit_code: str | None = Field(default=None, index=True)
    name: str | None = None
    short_name: str | None = None
    former_names: list[str] = Field(default_factory=list, nullable=False, sa_type=TextArray)
    region: str | None = None
    class_code: str | None = None
    makes: str = ""
    staff: int | None = None
    revenue_wan: Decimal | None = Field(default=None, sa_type=Money)
    contact_name: str | None = None
    contact_phone: str | None = None
    contact_email: str | None = Field(default=None, index=True)
    email_verified: bool = False
    email_digest: str | None = None
    email_expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    capabilities: list[dict[str, Any]] = Field(default_factory=list, nullable=False, sa_type=JSONB)
    certificates: list[dict[str, Any]] = Field(default_factory=list, nullable=False, sa_type=JSONB)
    returned: list[dict[str, Any]] = Field(default_factory=list, nullable=False, sa_type=JSONB)
    reason: str = ""
    submitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class RegistrationDocument(CatalogTable, table=True):
    """A document of a registration; its content is in the store of documents, by its SHA-256."""

    __tablename__ = "registration_documents"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    registration_id: UUID = Field(foreign_key="registrations.id", ondelete="CASCADE", index=True)
    kind: str
    filename: str
    media_type: str
    size: int
    sha256: str = Field(index=True)
    uploaded_at: datetime | None = moment()


class RegistrationStep(CatalogTable, table=True):
    """A step of a registration's way: from which state to which, by whom and why."""

    __tablename__ = "registration_steps"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    registration_id: UUID = Field(foreign_key="registrations.id", ondelete="CASCADE", index=True)
    verb: str
    before: str
    after: str
    actor: str
    reason: str = ""
    fields: list[dict[str, Any]] = Field(default_factory=list, nullable=False, sa_type=JSONB)
    at: datetime | None = moment()


class SpentProof(CatalogTable, table=True):
    """A challenge whose proof of work was used; it is forgotten when the challenge would be over anyway."""

    __tablename__ = "spent_proofs"

    digest: str = Field(primary_key=True)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
