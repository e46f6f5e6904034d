"""Which actor a role makes, what an account may act as, and how long anything lasts."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from services.catalog.enterprises.rules import Standing
from shared.security.actor import Access, Actor, Role

OF_AN_ENTERPRISE = frozenset({Role.CHAIN_LEADER, Role.SUPPLIER})
#: Who must have a second factor: a reviewer's password alone would open everybody's rows.
NEEDS_SECOND_FACTOR = frozenset({Role.REVIEWER})

ROLE_NAMES: Mapping[Role, str] = {
    Role.REVIEWER: "审核员",
    Role.CLUSTER_ORGANISATION: "集群促进组织",
    Role.CHAIN_LEADER: "链主企业",
    Role.SUPPLIER: "供应商",
    Role.AUDITOR: "审计员",
    Role.SERVICE: "系统服务",
}

#: Addresses as people have them: RFC 5321's local part without quotes, a domain name, 254 characters in all.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
EMAIL_PATTERN = rf"^[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@(?:{_LABEL}\.)*{_LABEL}$"


class IncompleteActor(ValueError):
    """The role and what was given with it do not fit; the message is for people, in Chinese."""


class Kind(StrEnum):
    """What a membership is of: the whole system, a cluster, an enterprise."""

    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    CLUSTER_ORGANISATION = "cluster_organisation"
    ENTERPRISE = "enterprise"


class Level(StrEnum):
    """What a member may do for its enterprise: also invite and dismiss; all else; only look."""

    OWNER = "owner"
    MEMBER = "member"
    READ_ONLY = "read_only"


class Carrier(StrEnum):
    """How a sign-in lasts: by a browser's cookie, or by refresh tokens."""

    COOKIE = "cookie"
    TOKENS = "tokens"


class Stage(StrEnum):
    """What a sign-in still lacks: a code of the authenticator, an authenticator at all, nothing."""

    CODE = "code"
    ENROL = "enrol"
    FULL = "full"


class Purpose(StrEnum):
    """What a one-time link is for."""

    INVITATION = "invitation"
    RESET = "reset"
    FIRST = "first"


@dataclass(frozen=True)
class Life:
    """How long a sign-in lasts when nobody uses it, and at all."""

    idle: timedelta
    absolute: timedelta


LIVES: Mapping[Carrier, Life] = {
    Carrier.COOKIE: Life(timedelta(hours=2), timedelta(hours=12)),
    Carrier.TOKENS: Life(timedelta(days=14), timedelta(days=90)),
}
LINK_LIVES: Mapping[Purpose, timedelta] = {
    Purpose.INVITATION: timedelta(days=7),
    Purpose.RESET: timedelta(hours=1),
    Purpose.FIRST: timedelta(hours=24),
}


@dataclass(frozen=True)
class Hat:
    """Something that an account may act as."""

    role: Role
    enterprise_id: UUID | None = None
    enterprise_name: str | None = None
    cluster_ids: frozenset[UUID] = field(default_factory=frozenset)
    level: Level = Level.MEMBER

    def worn_by(self, account_id: UUID, session_id: UUID) -> Actor:
        """The actor that an account is with it: named by its id, since names and addresses are nobody's business."""
        access = Access.READ if self.level is Level.READ_ONLY else Access.FULL
        return Actor(
            f"account:{account_id}",
            self.role,
            self.enterprise_id,
            self.cluster_ids,
            access,
            account_id=account_id,
            session_id=session_id,
        )


@dataclass(frozen=True)
class Held:
    """A membership, as far as roles depend on it."""

    kind: Kind
    enterprise_id: UUID | None
    cluster_id: UUID | None
    level: Level


def hats_of(held: Iterable[Held], standings: Mapping[UUID, Standing]) -> list[Hat]:
    """What memberships let an account act as; the clusters of an organisation are one.

    A suspended or retired enterprise gives nobody a role.
    """
    found: list[Hat] = []
    clusters: set[UUID] = set()
    for each in held:
        if each.kind is Kind.ENTERPRISE and each.enterprise_id is not None:
            standing = standings[each.enterprise_id]
            found += [Hat(role, each.enterprise_id, standing.name, level=each.level) for role in standing.roles]
        elif each.kind is Kind.CLUSTER_ORGANISATION and each.cluster_id is not None:
            clusters.add(each.cluster_id)
        else:
            found.append(Hat(Role(each.kind.value), level=each.level))
    if clusters:
        found.append(Hat(Role.CLUSTER_ORGANISATION, cluster_ids=frozenset(clusters)))
    return found


def normal_email(text: str) -> str:
    """An e-mail address as accounts are known by: half-width and in lower case."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def is_email(text: str) -> bool:
    """Whether a text can be an e-mail address."""
    return len(text) <= 254 and re.fullmatch(EMAIL_PATTERN, text) is not None


def actor(role: Role, enterprise_id: UUID | None, cluster_ids: Collection[UUID]) -> Actor:
    """The actor that a token is to name.

    A chain leader and a supplier act for one enterprise, a cluster organisation for at least one cluster, and nobody
    else for either: what a token says beyond that would be read as a right one day.
    """
    _check("企业（统一社会信用代码）", role, needed=role in OF_AN_ENTERPRISE, given=enterprise_id is not None)
    _check("集群", role, needed=role is Role.CLUSTER_ORGANISATION, given=bool(cluster_ids))
    subject = f"{role}:{enterprise_id}" if enterprise_id else str(role)
    return Actor(subject, role, enterprise_id, frozenset(cluster_ids))


def check_standing(role: Role, standing: Standing) -> None:
    """IncompleteActor unless the enterprise is what the role says, and neither suspended nor retired."""
    if not standing.active:
        raise IncompleteActor(f"企业“{standing.name}”已暂停或注销，不能为它领取令牌。")
    if role not in standing.roles:
        raise IncompleteActor(f"企业“{standing.name}”不是{ROLE_NAMES[role]}，不能为它领取角色 {role} 的令牌。")


def _check(what: str, role: Role, *, needed: bool, given: bool) -> None:
    if needed and not given:
        raise IncompleteActor(f"角色 {role} 需要指明{what}。")
    if given and not needed:
        raise IncompleteActor(f"角色 {role} 不代表{what}，请去掉。")
