"""Use cases of enterprises: write in bulk, find, list. Other features ask here, for certificates and decisions too."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlmodel import Session

from services.catalog.enterprises import aliases
from services.catalog.enterprises.access import listed, require_own, require_reviewer, verified_suppliers, visible
from services.catalog.enterprises.certificates import upsert_certificates
from services.catalog.enterprises.models import Alias, Enterprise
from services.catalog.enterprises.names import NAMES
from services.catalog.enterprises.preferences import upsert_preferences
from services.catalog.enterprises.relations import upsert_relations
from services.catalog.enterprises.rules import Standing, Status, region_prefix, size
from services.catalog.enterprises.schemas import EnterpriseWrite, Filters, Label, SupplierCard
from services.catalog.enterprises.titles import upsert_titles
from services.catalog.feed import service as feed
from services.catalog.history.service import sign
from shared.contracts.v1 import EnterpriseV1
from shared.db.upserts import Outcome, Row, among, find, sql_table, write
from shared.http.paging import Page, keyset, page_of
from shared.http.problems import conflict, not_found
from shared.security.actor import Actor, Role

__all__ = [
    "require_own",
    "require_reviewer",
    "upsert_certificates",
    "upsert_preferences",
    "upsert_relations",
    "upsert_titles",
    "verified_suppliers",
    "visible",
]

_TABLE, _ALIASES = sql_table(Enterprise), sql_table(Alias)
_KEYS = ("credit_code", "source_key")
_CARD = tuple(SupplierCard.model_fields)


def upsert_enterprises(session: Session, actor: Actor, rows: Sequence[EnterpriseWrite]) -> list[Outcome]:
    """Create or change enterprises, by credit code or else by source key; the caller commits.

    A row with both keys gives an enterprise known by one of them the other; a key that a row leaves blank stays. 409
    where two rows mean one enterprise, or one row two enterprises.
    """
    require_reviewer(actor, "企业")
    feed.take_turn(session)
    sign(session, actor)
    existing = _existing(session, rows)
    written = write(session, Enterprise, [_given(row) for row in rows], existing, _with_size)
    aliases.remember_renamed(session, actor, existing, written)
    publish(session, written.rows)
    return written.outcomes


def amend(session: Session, actor: Actor, before: Row, row: EnterpriseWrite) -> Outcome:
    """Change one enterprise, whichever of its keys the row changes too; the caller commits.

    A key that the row leaves blank stays. Who was verified under another credit code has to be verified anew. 409
    where a key belongs to another enterprise.
    """
    require_reviewer(actor, "企业")
    values = _given(row)
    for name in _KEYS:
        _check_free(session, before["id"], name, values.get(name))
    renamed = before["credit_code"] not in (None, values.get("credit_code", before["credit_code"]))
    if renamed and before["status"] == Status.VERIFIED.value:
        values["status"] = Status.SUBMITTED.value
    written = write(session, Enterprise, [values], [before], _with_size)
    aliases.remember_renamed(session, actor, [before], written)
    publish(session, written.rows)
    return written.outcomes[0]


def publish(session: Session, rows: Sequence[Row]) -> None:
    """Tell the feed of enterprises as they are now."""
    feed.record(session, map(EnterpriseV1.model_validate, rows))


def by_keys(session: Session, keys: Collection[str]) -> dict[str, UUID]:
    """The ids of enterprises by credit code or source key; a key of nobody is absent. One query.

    A key of a record that was merged into another one means that one.
    """
    named = or_(among(_TABLE.c.credit_code, keys), among(_TABLE.c.source_key, keys))
    meant = func.coalesce(_ALIASES.c.enterprise_id, _TABLE.c.id).label("id")
    columns = select(meant, _TABLE.c.credit_code, _TABLE.c.source_key)
    merged = columns.join_from(_TABLE, _ALIASES, _ALIASES.c.merged_id == _TABLE.c.id, isouter=True)
    rows = session.execute(merged.where(named)).all()
    found = {key: row.id for row in rows for key in (row.source_key, row.credit_code) if key is not None}
    return {key: found[key] for key in keys if key in found}


def labels(session: Session, ids: Iterable[UUID | None]) -> dict[UUID, Label]:
    """Names, credit codes and regions by id, for the lists of other features; one query."""
    wanted = {each for each in ids if each is not None}
    rows = session.execute(select(NAMES).where(among(NAMES.c.id, wanted)))
    return {row.id: Label(name=row.name, credit_code=row.credit_code, region=row.region) for row in rows}


def standings(session: Session, ids: Iterable[UUID]) -> dict[UUID, Standing]:
    """What enterprises are at present, by id; one query."""
    columns = (_TABLE.c.id, _TABLE.c.name, _TABLE.c.is_chain_leader, _TABLE.c.is_supplier, _TABLE.c.status)
    rows = session.execute(select(*columns).where(among(_TABLE.c.id, set(ids))))
    return {row.id: Standing(row.name, row.is_chain_leader, row.is_supplier, Status(row.status)) for row in rows}


def page(session: Session, actor: Actor, filters: Filters, after: str | None, limit: int) -> Page:
    """A page of the enterprises that the actor may know of, oldest first; cards where it may know no more."""
    statement = _select(actor).where(*_conditions(actor, filters))
    rows = session.execute(keyset(statement, [_TABLE.c.id], after, limit)).mappings().all()
    return page_of(rows, limit, key=lambda row: [row["id"]], item=_disclosed)


def get(session: Session, actor: Actor, id: UUID) -> tuple[Row, int]:
    """One enterprise, or its card, and its version; 404 where the actor may not know of it."""
    row = session.execute(_select(actor).where(_TABLE.c.id == id)).mappings().first()
    if row is None:
        raise not_found("企业", id)
    return _disclosed(row), row["version"]


def _existing(session: Session, rows: Sequence[EnterpriseWrite]) -> list[Row | None]:
    """For each row the enterprise that it means, if there is one."""
    by_code = find(session, Enterprise, ("credit_code",), [(row.credit_code,) for row in rows if row.credit_code])
    by_source = find(session, Enterprise, ("source_key",), [(row.source_key,) for row in rows if row.source_key])
    pairs = [(by_code.get((row.credit_code,)), by_source.get((row.source_key,))) for row in rows]
    if any(code and source and code["id"] != source["id"] for code, source in pairs):
        raise conflict("统一社会信用代码与来源编号分属两家企业", "请核对后再导入。")
    found = [code or source for code, source in pairs]
    _check_distinct(row["id"] for row in found if row)
    _check_distinct(row.credit_code for row in rows if row.credit_code)
    _check_distinct(row.source_key for row in rows if row.source_key)
    return found


def _check_free(session: Session, own: UUID, name: str, key: str | None) -> None:
    other = find(session, Enterprise, (name,), [(key,)] if key else []).get((key,))
    if other is not None and other["id"] != own:
        label = {"credit_code": "统一社会信用代码", "source_key": "来源编号"}[name]
        raise conflict(f"{label}已属于另一家企业", f"{key} 是“{other['name']}”的，请核对。", "key-taken")


def _check_distinct(keys: Iterable[Any]) -> None:
    repeated = [str(key) for key, count in Counter(keys).items() if count > 1]
    if repeated:
        raise conflict("同一企业出现了多次", "、".join(repeated[:10]))


def _given(row: EnterpriseWrite) -> Row:
    """The fields that the source gave; a blank key says nothing, for an enterprise does not lose its credit code."""
    values = row.model_dump(exclude_unset=True)
    return {name: value for name, value in values.items() if value or name not in _KEYS}


def _with_size(row: Row) -> Row:
    """The size that follows from staff and revenue."""
    found = size(row["staff"], row["revenue_wan"])
    return {"size": found.value if found else None}


def _select(actor: Actor) -> Select[Any]:
    fully = visible(actor, _TABLE.c.id).label("fully")
    return select(_TABLE, fully).where(listed(actor))


def _disclosed(row: Any) -> Row:
    """The row as far as the actor may know it."""
    if not row["fully"]:
        return {name: row[name] for name in _CARD}
    return {name: value for name, value in row.items() if name != "fully"}


def _conditions(actor: Actor, filters: Filters) -> list[ColumnElement[bool]]:
    """The filters as conditions; none may tell about a field that the actor does not see."""
    table, found = _TABLE.c, []
    if filters.is_chain_leader is not None:
        found.append(table.is_chain_leader == filters.is_chain_leader)
    if filters.is_supplier is not None:
        found.append(table.is_supplier == filters.is_supplier)
    if filters.status is not None:
        found.append(table.status == filters.status.value)
    if filters.region is not None:
        found.append(table.region.startswith(region_prefix(filters.region), autoescape=True))
    if filters.q:
        found.append(_named(actor, filters.q))
    return found


def _named(actor: Actor, q: str) -> ColumnElement[bool]:
    """The text occurs in a name; a credit code is found by who sees it."""
    names = or_(_TABLE.c.name.icontains(q, autoescape=True), _TABLE.c.short_name.icontains(q, autoescape=True))
    return or_(names, _TABLE.c.credit_code == q.upper()) if actor.role is Role.REVIEWER else names
