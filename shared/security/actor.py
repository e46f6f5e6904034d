"""Who is asking: every query runs for an actor."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What an actor is to the system. A role says which rows it may see and which verbs it may use."""

    REVIEWER = "reviewer"
    CLUSTER_ORGANISATION = "cluster_organisation"
    CHAIN_LEADER = "chain_leader"
    SUPPLIER = "supplier"
    AUDITOR = "auditor"
    SERVICE = "service"


class Access(StrEnum):
    """Whether an actor may change what it sees."""

    FULL = "full"
    READ = "read"


class Scope(StrEnum):
    """What a machine may be let do: named by the service and by whether it changes anything there."""

    CATALOG_READ = "catalog.read"
    CATALOG_WRITE = "catalog.write"
    MATCHING_READ = "matching.read"
    MATCHING_DECIDE = "matching.decide"


@dataclass(frozen=True)
class Actor:
    """The bearer of a verified token.

    `enterprise_id` is set for chain leaders and suppliers, `cluster_ids` for cluster organisations. `account_id` and
    `session_id` (the sign-in that the token came from) are None for tokens that the command line issued, and for
    machines. Machines have `scopes`; who has none is not limited by any.
    """

    subject: str
    role: Role
    enterprise_id: UUID | None = None
    cluster_ids: frozenset[UUID] = field(default_factory=frozenset)
    access: Access = Access.FULL
    scopes: frozenset[str] = field(default_factory=frozenset)
    account_id: UUID | None = None
    session_id: UUID | None = None

    @property
    def changes_nothing(self) -> bool:
        """Whether it only reads, whatever else its role may do."""
        return self.access is Access.READ or self.role is Role.AUDITOR

    @property
    def sees_everything(self) -> bool:
        """Reviewers, auditors and the other service read all rows."""
        return self.role in (Role.REVIEWER, Role.AUDITOR, Role.SERVICE)
