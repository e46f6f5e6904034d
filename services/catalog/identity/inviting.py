"""Invite somebody to act for an enterprise, for clusters, or for the whole system."""

from sqlmodel import Session

from services.catalog.clusters import service as clusters
from services.catalog.enterprises import service as enterprises
from services.catalog.identity.context import Identity
from services.catalog.identity.links import Into, make_link
from services.catalog.identity.members import require_manager
from services.catalog.identity.rules import Kind, Purpose
from services.catalog.identity.schemas import InvitationRequest
from shared.db.upserts import Row
from shared.http.problems import conflict, not_found
from shared.mail.sending import Mail
from shared.security.actor import Actor

_INTO = {Kind.REVIEWER: "审核员", Kind.AUDITOR: "审计员", Kind.CLUSTER_ORGANISATION: "集群促进组织"}


def invite(session: Session, identity: Identity, actor: Actor, asked: InvitationRequest) -> tuple[Row, Mail]:
    """A new invitation and its letter; an older one of the same address into the same ends. Commits.

    403 unless the actor may invite there, 404 for an enterprise or a cluster that there is not.
    """
    require_manager(session, actor, asked.enterprise_id)
    row, letter = prepare(session, identity, actor, asked)
    session.commit()
    return row, letter


def prepare(session: Session, identity: Identity, actor: Actor, asked: InvitationRequest) -> tuple[Row, Mail]:
    """The same as a part of something greater, whose use case has asked who may do it; the caller commits."""
    words = _into(session, asked)
    told = Into(asked.kind, asked.enterprise_id, asked.cluster_ids, asked.level, actor.subject)
    url, link = make_link(session, identity.clock(), identity.public_url, Purpose.INVITATION, asked.email, told)
    row = link.model_dump(exclude={"digest", "purpose", "used_at", "withdrawn_at"})
    text = f"您好：\n\n您被邀请加入携手，身份是：{words}。\n请在 7 天内打开下面的链接，只能用一次：\n{url}\n"
    return row, Mail(asked.email, "携手：邀请", text)


def _into(session: Session, asked: InvitationRequest) -> str:
    """What the letter says that somebody is invited into."""
    if asked.enterprise_id is not None:
        standing = enterprises.standings(session, [asked.enterprise_id]).get(asked.enterprise_id)
        if standing is None:
            raise not_found("企业", asked.enterprise_id)
        if not standing.active:
            raise conflict("企业不能邀请成员", f"企业“{standing.name}”已暂停或注销。", "enterprise-inactive")
        return f"企业“{standing.name}”的成员"
    known = clusters.labels(session, asked.cluster_ids)
    if missing := [id for id in asked.cluster_ids if id not in known]:
        raise not_found("集群", missing[0])
    names = "、".join(known[id].name for id in asked.cluster_ids)
    return f"{_INTO[asked.kind]}（{names}）" if names else _INTO[asked.kind]
