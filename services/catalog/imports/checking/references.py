"""What rows refer to: enterprises, clusters and products, looked up in one query per field.

A reference that leads nowhere refuses the row and says what to import first; so does one to another's data, where the
actor writes only for itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session

from services.catalog.clusters import service as clusters
from services.catalog.enterprises import service as enterprises
from services.catalog.imports.checking.ownership import not_yours
from services.catalog.imports.cleaning.fields import columns
from services.catalog.imports.cleaning.rows import Row
from services.catalog.imports.outcomes import CellProblem, Outcome
from services.catalog.imports.templates import TEMPLATES, ImportKind
from services.catalog.products import service as products

Find = Callable[[Session, set[str]], Mapping[str, UUID]]

KEY = "key:"


@dataclass(frozen=True)
class Reference:
    """A field that names an entity of another kind: how it is found, how it is called, where it comes from."""

    find: Find
    what: str
    kind: ImportKind


def _enterprises(session: Session, keys: set[str]) -> Mapping[str, UUID]:
    """Find enterprises by credit code, or by "key:" and the key of their source."""
    found = enterprises.by_keys(session, {key.removeprefix(KEY) for key in keys})
    return {key: found[key.removeprefix(KEY)] for key in keys if key.removeprefix(KEY) in found}


_ENTERPRISE = Reference(_enterprises, "企业", ImportKind.ENTERPRISES)
_CLUSTER = Reference(clusters.by_codes, "集群", ImportKind.CLUSTERS)
_PRODUCT = Reference(products.by_codes, "产品", ImportKind.PRODUCTS)

REFERENCES: Mapping[str, Reference] = {
    "enterprise": _ENTERPRISE,
    "supplier": _ENTERPRISE,
    "leader": _ENTERPRISE,
    "owner": _ENTERPRISE,
    "owned": _ENTERPRISE,
    "cluster": _CLUSTER,
    "product": _PRODUCT,
}


def resolve(
    session: Session, rows: Sequence[Row], all_rows: Mapping[ImportKind, Sequence[Row]], own: str | None = None
) -> None:
    """Put the ids of what the rows refer to into their values (`leader` → `leader_id`); refuse what leads nowhere.

    `all_rows` are the rows of the whole file: when the one that is referred to was refused, the problem says so. `own`
    is the field that must name the actor's own: who may not know of others is not told whether they exist.
    """
    for name, reference in REFERENCES.items():
        if rows and name not in columns(rows[0].kind):
            continue
        naming = [row for row in rows if row.outcome is None and name in row.values]
        found = reference.find(session, {row.values[name] for row in naming if row.values[name]})
        for row in naming:
            key = row.values[name]
            if key is None or key in found:
                row.values[f"{name}_id"] = found[key] if key else None
            elif name == own:
                row.refuse(not_yours(), name)
            else:
                row.refuse(_unknown(key, reference, all_rows.get(reference.kind, ())), name)


def _unknown(key: str, reference: Reference, candidates: Sequence[Row]) -> CellProblem:
    """Say what is missing and what to do: import it first, or correct its own row in this file."""
    title = TEMPLATES[reference.kind].title
    named = f"编号为 {key.removeprefix(KEY)}" if key.startswith(KEY) else f"编码为 {key}"
    if reference is _ENTERPRISE and not key.startswith(KEY):
        named = f"统一社会信用代码为 {key}"
    refused = next((row for row in candidates if row.outcome is Outcome.REFUSED and _is_about(row, key)), None)
    if refused is not None:
        remedy = f"它在“{refused.sheet}”第 {refused.number} 行，但那一行被拒绝；请先改正那一行"
    else:
        remedy = f"请先导入“{title}”表中的这一行，或核对编码是否写错"
    return CellProblem(f"unknown_{reference.kind.value}", f"没有{named} 的{reference.what}", remedy)


def _is_about(row: Row, key: str) -> bool:
    """Tell whether a row, even one that was refused, is the one that a key names."""
    named: list[Any] = [row.values.get("credit_code"), row.values.get("code")]
    return key in named or (KEY + str(row.values.get("source_key"))) == key
