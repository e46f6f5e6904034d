"""Wire models of a person's data."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel


class AccountData(BaseModel):
    """An account, as far as it is about its bearer."""

    id: UUID
    version: int
    email: str
    name: str
    status: str
    has_password: bool
    totp: bool
    created_at: datetime
    updated_at: datetime


class PersonalData(BaseModel):
    """All that is known of a person: the account and what hangs on it, and its newest acts in the audit."""

    account: AccountData
    memberships: list[dict[str, Any]]
    sign_ins: list[dict[str, Any]]
    external_identities: list[dict[str, Any]]
    links: list[dict[str, Any]]
    registrations: list[dict[str, Any]]
    acts: list[dict[str, Any]]
