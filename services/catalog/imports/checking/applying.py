"""Writing an import's rows through the features that own them, kind by kind, in one transaction.

Each feature's `upsert_…` says what it did with each row; the same content again changes nothing, and the feed says
nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlmodel import Session

from services.catalog.capabilities import service as capabilities
from services.catalog.capabilities.schemas import CapabilityWrite
from services.catalog.clusters import service as clusters
from services.catalog.clusters.schemas import ClusterMemberWrite, ClusterWrite
from services.catalog.enterprises import service as enterprises
from services.catalog.enterprises.schemas import (
    CertificateWrite,
    EnterpriseWrite,
    PreferenceWrite,
    RelationWrite,
    TitleWrite,
)
from services.catalog.feed import service as feed
from services.catalog.imports.checking.cycles import refuse_cycles
from services.catalog.imports.checking.identities import refuse_ambiguous_enterprises
from services.catalog.imports.checking.made_parts import refuse_made_parts
from services.catalog.imports.checking.ownership import OWNERS, refuse_foreign, refuse_kind
from services.catalog.imports.checking.references import REFERENCES, resolve
from services.catalog.imports.cleaning.fields import columns
from services.catalog.imports.cleaning.rows import Row
from services.catalog.imports.outcomes import CellProblem, Outcome
from services.catalog.imports.templates import TEMPLATES, ImportKind
from services.catalog.products import service as products
from services.catalog.products.schemas import BomLineWrite, NeedWrite, ProductWrite, PurchaseWrite
from shared.db import upserts
from shared.http.messages import chinese
from shared.security.actor import Actor

BATCH = 10_000
"""Rows that are written between two looks at whether to go on."""

Values = dict[str, Any]
Tick = Callable[[str, int, int], None]
"""Tells what is being done, and how many rows of how many are done; may raise to end it."""
Upsert = Callable[[Session, Actor, Sequence[Any]], list[upserts.Outcome]]

_BOUGHT: Mapping[str | None, bool | None] = {"bought": True, "made": False, None: None}


def apply_rows(
    session: Session, actor: Actor, rows: Mapping[ImportKind, Sequence[Row]], watch: upserts.Watch, tick: Tick
) -> None:
    """Decide and write every row that nothing speaks against; each gets its outcome. The caller commits.

    A kind's rows are looked up after the kinds before it were written, so that one file may bring both ends of a
    reference. Other writers wait meanwhile: what a row was checked against stays true till it is written.
    """
    feed.take_turn(session)
    done, total = 0, sum(map(len, rows.values()))
    for kind, of_kind in rows.items():
        tick(f"正在处理“{TEMPLATES[kind].title}”", done, total)
        refuse_kind(actor, kind, of_kind)
        resolve(session, of_kind, rows, OWNERS.get(actor.role, {}).get(kind))
        refuse_foreign(session, actor, kind, of_kind)
        if kind is ImportKind.ENTERPRISES:
            refuse_ambiguous_enterprises(session, of_kind)
        if kind is ImportKind.BOM_LINES:
            refuse_cycles(session, of_kind)
        if kind is ImportKind.NEEDS:
            refuse_made_parts(session, of_kind)
        waiting = [row for row in of_kind if row.outcome is None]
        for start in range(0, len(waiting), BATCH):
            if start:
                tick(f"正在处理“{TEMPLATES[kind].title}”", done + start, total)
            _write(session, actor, kind, waiting[start : start + BATCH], watch)
        done += len(of_kind)
    tick("正在保存各行的记录", done, total)


def _write(session: Session, actor: Actor, kind: ImportKind, rows: Sequence[Row], watch: upserts.Watch) -> None:
    if upsert_checked := _CHECKED.get(kind):
        outcomes = upsert_checked(session, actor, list(map(_fields, rows)))
    else:
        model, upsert = _WRITERS[kind]
        made = [(row, written) for row in rows if (written := _made(model, row)) is not None]
        rows = [row for row, _ in made]
        outcomes = upsert(session, actor, [written for _, written in made])
    for row, outcome in zip(rows, outcomes, strict=True):
        row.outcome = _OUTCOMES[outcome.change]
        if outcome.change is upserts.Change.CHANGED:
            row.changes = watch.differences.get(outcome.id)


def _made(model: type[BaseModel], row: Row) -> BaseModel | None:
    """Return a row as its feature takes it; what the feature's model refuses beyond our rules refuses the row."""
    try:
        return model(**_fields(row))
    except ValidationError as error:
        found = error.errors()[0]
        field = str(found["loc"][0]) if found["loc"] else None
        known = field if field in columns(row.kind) else None
        row.refuse(CellProblem("invalid", chinese(found).rstrip("。"), "请改正后再导入"), known)
        return None


def _fields(row: Row) -> Values:
    """Return the row's values as its feature takes them: ids for references, flags for words."""
    values = row.values.copy()
    for name in REFERENCES.keys() & values.keys():
        del values[name]
    if "roles" in values:
        roles = values.pop("roles")
        values |= {"is_chain_leader": "chain_leader" in roles, "is_supplier": "supplier" in roles}
    if "sourcing" in values:
        values["bought"] = _BOUGHT[values.pop("sourcing")]
    return values


_WRITERS: Mapping[ImportKind, tuple[type[BaseModel], Upsert]] = {
    ImportKind.ENTERPRISES: (EnterpriseWrite, enterprises.upsert_enterprises),
    ImportKind.CERTIFICATES: (CertificateWrite, enterprises.upsert_certificates),
    ImportKind.TITLES: (TitleWrite, enterprises.upsert_titles),
    ImportKind.RELATIONS: (RelationWrite, enterprises.upsert_relations),
    ImportKind.PREFERENCES: (PreferenceWrite, enterprises.upsert_preferences),
    ImportKind.CLUSTERS: (ClusterWrite, clusters.upsert_clusters),
    ImportKind.CLUSTER_MEMBERS: (ClusterMemberWrite, clusters.upsert_cluster_members),
    ImportKind.PRODUCTS: (ProductWrite, products.upsert_products),
    ImportKind.BOM_LINES: (BomLineWrite, products.upsert_bom_lines),
    ImportKind.NEEDS: (NeedWrite, products.upsert_needs),
    ImportKind.PURCHASES: (PurchaseWrite, products.upsert_purchases),
    ImportKind.CAPABILITIES: (CapabilityWrite, capabilities.upsert_capabilities),
}

WRITE_MODELS: Mapping[ImportKind, type[BaseModel]] = {kind: model for kind, (model, _) in _WRITERS.items()}

_CHECKED: Mapping[ImportKind, Upsert] = {ImportKind.CAPABILITIES: capabilities.upsert_checked}
"""Features that take rows as the table keeps them: cleaning has seen to all that their models ask."""

_OUTCOMES = {change: Outcome(change.value) for change in upserts.Change}
