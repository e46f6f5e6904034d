"""Tables of identity: accounts and what they may act as, sign-ins and their tokens, one-time links, machine clients.

Of secrets that we made, digests are kept; of passwords, argon2id hashes.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field

from services.catalog.base import CatalogTable, Record, TextArray, moment
from shared.db.ids import new_id
from shared.db.tables import UtcDateTime


class Account(Record, table=True):
    """A person who may sign in, known by an e-mail address in lower case.

    `totp_secret` counts once it was confirmed by a code; `totp_step` is the last step whose code was used.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("email"),
        CheckConstraint("status IN ('active', 'suspended')", name="status"),
    )

    email: str
    name: str
    password_hash: str | None = None
    totp_secret: str | None = None
    totp_confirmed: bool = False
    totp_step: int | None = Field(default=None, sa_type=BigInteger)
    status: str = "active"


class Membership(Record, table=True):
    """What an account may act as: a role of the whole system, or one of an enterprise or a cluster.

    Clusters can be deleted and come back, so that their ids are no foreign keys.
    """

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("account_id", "kind", "enterprise_id", "cluster_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("(kind = 'enterprise') = (enterprise_id IS NOT NULL)", name="of_enterprise"),
        CheckConstraint("(kind = 'cluster_organisation') = (cluster_id IS NOT NULL)", name="of_cluster"),
    )

    account_id: UUID = Field(foreign_key="accounts.id", index=True)
    kind: str
    enterprise_id: UUID | None = Field(default=None, foreign_key="enterprises.id", index=True)
    cluster_id: UUID | None = None
    level: str = "member"


class SignIn(CatalogTable, table=True):
    """A sign-in of an account: a browser's session, or a family of refresh tokens.

    `stage` says what is still asked for before it may act; `role` and `enterprise_id` as what it acts.
    """

    __tablename__ = "sign_ins"
    __table_args__ = (UniqueConstraint("secret_digest"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID = Field(foreign_key="accounts.id", index=True)
    carrier: str
    stage: str
    role: str
    enterprise_id: UUID | None = Field(default=None, foreign_key="enterprises.id", index=True)
    secret_digest: str | None = None
    device: str = ""
    address: str = ""
    began_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_because: str | None = None


class RefreshToken(CatalogTable, table=True):
    """A refresh token of a sign-in; a used one stays, so that its reuse is noticed."""

    __tablename__ = "refresh_tokens"

    digest: str = Field(primary_key=True)
    sign_in_id: UUID = Field(foreign_key="sign_ins.id", index=True)
    issued_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RecoveryCode(CatalogTable, table=True):
    """A code in place of a lost authenticator; it is deleted when it is used."""

    __tablename__ = "recovery_codes"

    account_id: UUID = Field(foreign_key="accounts.id", primary_key=True)
    digest: str = Field(primary_key=True)


class OneTimeLink(CatalogTable, table=True):
    """A link that was sent to somebody: to set a new password, or to accept an invitation into a role."""

    __tablename__ = "one_time_links"
    __table_args__ = (UniqueConstraint("digest"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    digest: str
    purpose: str
    email: str = Field(index=True)
    kind: str | None = None
    enterprise_id: UUID | None = Field(default=None, foreign_key="enterprises.id", index=True)
    cluster_ids: list[str] = Field(default_factory=list, sa_type=TextArray)
    level: str = "member"
    invited_by: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class MachineClient(Record, table=True):
    """A program that acts for an enterprise, within its scopes, by client credentials."""

    __tablename__ = "machine_clients"
    __table_args__ = (UniqueConstraint("client_id"),)

    client_id: str
    secret_digest: str
    name: str
    enterprise_id: UUID = Field(foreign_key="enterprises.id", index=True)
    role: str
    scopes: list[str] = Field(default_factory=list, sa_type=TextArray)
    created_by: str
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Throttle(CatalogTable, table=True):
    """Failed attempts of one account or from one address, and until when no further one is judged."""

    __tablename__ = "sign_in_throttles"

    key: str = Field(primary_key=True)
    failures: int
    last_at: datetime = Field(sa_type=UtcDateTime)
    blocked_until: datetime = Field(sa_type=UtcDateTime)


class ExternalIdentity(CatalogTable, table=True):
    """Who an account is to an external OpenID Connect provider."""

    __tablename__ = "external_identities"

    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="accounts.id", index=True)
    linked_at: datetime | None = moment()
