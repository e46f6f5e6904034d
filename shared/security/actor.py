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
    SERVICE = "service"


@dataclass(frozen=True)
class Actor:
    """The bearer of a verified token.

    `enterprise_id` is set for chain leaders and suppliers, `cluster_ids` for cluster organisations.
    """

    subject: str
    role: Role
    enterprise_id: UUID | None = None
    cluster_ids: frozenset[UUID] = field(default_factory=frozenset)

    @property
    def sees_everything(self) -> bool:
        """Reviewers and the other service read all rows."""
        return self.role in (Role.REVIEWER, Role.SERVICE)
