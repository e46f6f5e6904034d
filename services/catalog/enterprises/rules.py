"""Rules of enterprises: size by staff and revenue, and which status may follow which."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.security.actor import Actor, Role


class Size(StrEnum):
    """The size of an industrial enterprise (工信部联企业〔2011〕300号); all but `LARGE` are SMEs."""

    LARGE = "large"
    MEDIUM = "medium"
    SMALL = "small"
    MICRO = "micro"


class Status(StrEnum):
    """Where an enterprise stands; only a verified one is matched."""

    SUBMITTED = "submitted"
    VERIFIED = "verified"
    SUSPENDED = "suspended"
    RETIRED = "retired"


class Decision(StrEnum):
    """What a reviewer decides about an enterprise; the word is the last one of the URL."""

    VERIFICATION = "verification"
    SUSPENSION = "suspension"
    REINSTATEMENT = "reinstatement"
    RETIREMENT = "retirement"


class Trust(StrEnum):
    """How far a certificate has been checked."""

    SELF_DECLARED = "self_declared"
    DOCUMENT_SEEN = "document_seen"
    VERIFIED = "verified"


class Stance(StrEnum):
    """What a chain leader says about a supplier."""

    BLACKLISTED = "blacklisted"
    PREFERRED = "preferred"


TRANSITIONS: Mapping[Decision, tuple[frozenset[Status], Status]] = {
    Decision.VERIFICATION: (frozenset({Status.SUBMITTED}), Status.VERIFIED),
    Decision.SUSPENSION: (frozenset({Status.VERIFIED}), Status.SUSPENDED),
    Decision.REINSTATEMENT: (frozenset({Status.SUSPENDED}), Status.VERIFIED),
    Decision.RETIREMENT: (frozenset({Status.SUBMITTED, Status.VERIFIED, Status.SUSPENDED}), Status.RETIRED),
}
"""Each decision: the statuses that it may be taken in, and the one that it leads to."""

STATUS_NAMES: Mapping[Status, str] = {
    Status.SUBMITTED: "已提交",
    Status.VERIFIED: "已核验",
    Status.SUSPENDED: "已暂停",
    Status.RETIRED: "已注销",
}

# size at least: staff and revenue in 万元; both must be reached
_THRESHOLDS = (
    (Size.LARGE, 1000, Decimal(40000)),
    (Size.MEDIUM, 300, Decimal(2000)),
    (Size.SMALL, 20, Decimal(300)),
)


def size(staff: int | None, revenue_wan: Decimal | None) -> Size | None:
    """Return the size class of an industrial enterprise; revenue in 万元.

    With only one of the figures known, the size is told where the other could not change it (15 people are micro
    whatever they earn), else None.
    """
    if staff is None and revenue_wan is None:
        return None
    at_least = _size(staff or 0, revenue_wan or Decimal(0))
    at_most = _size(10**9 if staff is None else staff, Decimal(10**12) if revenue_wan is None else revenue_wan)
    return at_least if at_least is at_most else None


def _size(staff: int, revenue_wan: Decimal) -> Size:
    """Return the size with both figures known: a class is reached by both of its thresholds together."""
    reached = (each for each, people, money in _THRESHOLDS if staff >= people and revenue_wan >= money)
    return next(reached, Size.MICRO)


def region_prefix(code: str) -> str:
    """Return the digits that all regions within a region begin with: 37 for a province, 3702 for a city."""
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


def refusal(status: Status, credit_code: str | None) -> str | None:
    """Return why an enterprise cannot be verified, in Chinese; None when it can, or already is."""
    if status in (Status.SUSPENDED, Status.RETIRED):
        return f"企业{STATUS_NAMES[status]}，不能直接核验"
    if status is Status.SUBMITTED and credit_code is None:
        return "没有统一社会信用代码，无法核验；请先补录"
    return None


def may_write_for(actor: Actor, owner: Role, enterprise_id: UUID | None) -> bool:
    """Tell whether an actor may write what belongs to an enterprise as `owner` (chain leader or supplier).

    Reviewers write for everybody; an enterprise in the owning role writes for itself.
    """
    if actor.role is Role.REVIEWER:
        return True
    return actor.role is owner and enterprise_id is not None and actor.enterprise_id == enterprise_id


@dataclass(frozen=True)
class Standing:
    """What an enterprise is at present, as far as the roles of its people depend on it."""

    name: str
    is_chain_leader: bool
    is_supplier: bool
    status: Status

    @property
    def active(self) -> bool:
        """Whether anybody may act for it: it is neither suspended nor retired."""
        return self.status in (Status.SUBMITTED, Status.VERIFIED)

    @property
    def roles(self) -> list[Role]:
        """What one may act as for it."""
        held = {Role.CHAIN_LEADER: self.is_chain_leader, Role.SUPPLIER: self.is_supplier}
        return [role for role, has in held.items() if has and self.active]
