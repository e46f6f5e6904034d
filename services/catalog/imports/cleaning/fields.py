"""The fields of each kind of row: how a cell of the field is cleaned, and what stands in for a blank one.

Headings, notes and which fields a row must have stand in `templates`; here is only how values are read.
"""

from decimal import Decimal
from functools import cache
from typing import Any

from services.catalog.imports.cleaning import cells, code_cells
from services.catalog.imports.cleaning.cells import Cleaner
from services.catalog.imports.templates import TEMPLATES, Column, ImportKind

NAME, LONG = cells.text(200), cells.text(4000)
_quantity, _price = cells.number(3), cells.money(4)
_usage = cells.number(6, zero=False)

CLEANERS: dict[ImportKind, dict[str, Cleaner]] = {
    ImportKind.ENTERPRISES: {
        "credit_code": code_cells.uniform_credit_code,
        "source_key": cells.code,
        "name": NAME,
        "short_name": NAME,
        "roles": code_cells.roles,
        "region": code_cells.region,
        "class_code": code_cells.industry_class,
        "staff": cells.whole,
        "revenue_wan": cells.money(2, "万元"),
    },
    ImportKind.CERTIFICATES: {
        "enterprise": code_cells.enterprise_reference,
        "scheme": code_cells.scheme,
        "number": cells.code,
        "scope": LONG,
        "issuer": NAME,
        "valid_from": cells.day,
        "valid_until": cells.day,
        "trust": code_cells.trust,
        "sites": code_cells.sites,
        "suspended_on": cells.day,
    },
    ImportKind.TITLES: {
        "enterprise": code_cells.enterprise_reference,
        "title": code_cells.title,
        "level": code_cells.level,
        "number": cells.code,
        "issued": cells.day,
        "expires": cells.day,
    },
    ImportKind.RELATIONS: {
        "owner": code_cells.enterprise_reference,
        "owned": code_cells.enterprise_reference,
        "share": cells.share,
        "valid_from": cells.day,
        "valid_until": cells.day,
    },
    ImportKind.PREFERENCES: {
        "leader": code_cells.enterprise_reference,
        "supplier": code_cells.enterprise_reference,
        "part_code": cells.code,
        "stance": code_cells.stance,
        "reason": cells.text(1000),
        "valid_until": cells.day,
    },
    ImportKind.CLUSTERS: {
        "code": cells.code,
        "name": NAME,
        "tier": code_cells.tier,
        "cities": code_cells.cities,
        "target": cells.share,
        "next_review": cells.day,
    },
    ImportKind.CLUSTER_MEMBERS: {
        "cluster": cells.code,
        "enterprise": code_cells.enterprise_reference,
    },
    ImportKind.PRODUCTS: {
        "code": cells.code,
        "name": NAME,
        "leader": code_cells.enterprise_reference,
        "cluster": cells.code,
        "class_code": code_cells.industry_class,
        "annual_volume": _quantity,
        "unit": code_cells.unit,
    },
    ImportKind.BOM_LINES: {
        "product": cells.code,
        "parent": cells.code,
        "part_code": cells.code,
        "part_name": NAME,
        "quantity": _usage,
        "unit": code_cells.unit,
        "sourcing": code_cells.sourcing,
    },
    ImportKind.NEEDS: {
        "product": cells.code,
        "part_code": cells.code,
        "part_name": NAME,
        "annual_quantity": _quantity,
        "unit": code_cells.unit,
        "unit_price": _price,
        "class_code": code_cells.industry_class,
        "text": LONG,
        "certificates": code_cells.required_certificates,
        "parameters": code_cells.parameters,
        "lead_time_days": cells.whole,
        "max_moq": _quantity,
        "price_ceiling": _price,
        "distance_limit_km": cells.whole,
        "release_share": cells.share,
        "dual_source_cap": cells.part_share,
        "processes": code_cells.processes,
        "materials": code_cells.materials,
        "needed_from": cells.day,
    },
    ImportKind.PURCHASES: {
        "leader": code_cells.enterprise_reference,
        "document": cells.code,
        "part_code": cells.code,
        "supplier": code_cells.enterprise_reference,
        "supplier_name": NAME,
        "supplier_region": code_cells.origin,
        "period": cells.period,
        "quantity": cells.signed(_quantity),
        "amount": cells.signed(cells.money(2)),
        "related_party": cells.truth,
        "toll_processing": cells.truth,
        "energy_water": cells.truth,
    },
    ImportKind.CAPABILITIES: {
        "supplier": code_cells.enterprise_reference,
        "code": cells.code,
        "name": NAME,
        "share": cells.fraction,
        "class_code": code_cells.industry_class,
        "text": LONG,
        "parameters": code_cells.parameters,
        "spare_capacity": _quantity,
        "capacity_unit": code_cells.unit,
        "unit_price": _price,
        "moq": _quantity,
        "lead_time_days": cells.whole,
        "processes": code_cells.processes,
        "materials": code_cells.materials,
    },
}

_LISTS: dict[str, Any] = {"processes": [], "materials": []}

DEFAULTS: dict[ImportKind, dict[str, Any]] = {
    ImportKind.CERTIFICATES: {"trust": "self_declared", "sites": []},
    ImportKind.PREFERENCES: {"part_code": "", "reason": ""},
    ImportKind.CLUSTERS: {"target": Decimal("0.5")},
    ImportKind.BOM_LINES: {"quantity": Decimal(1)},
    ImportKind.NEEDS: {"text": "", "certificates": [], "parameters": [], "release_share": Decimal(1), **_LISTS},
    ImportKind.PURCHASES: {"related_party": False, "toll_processing": False, "energy_water": False},
    ImportKind.CAPABILITIES: {"text": "", "parameters": [], **_LISTS},
}

MAPPED_ONLY: dict[ImportKind, tuple[Column, ...]] = {
    ImportKind.ENTERPRISES: (Column("source_key", "来源编号"),),
    ImportKind.CAPABILITIES: (Column("share", "营收占比"),),
}
"""Fields that only a mapping can fill: our own templates do not ask for them."""

REFERENCES = frozenset({"enterprise", "supplier", "leader", "owner", "owned"})
"""Fields that name an enterprise. A mapping may fill `<field>_source_key` instead, by the key of its own source."""


@cache
def columns(kind: ImportKind) -> dict[str, Column]:
    """Return every field of a kind with its column: those of the template, and those that only a mapping fills."""
    return {column.field: column for column in (*TEMPLATES[kind].columns, *MAPPED_ONLY.get(kind, ()))}
