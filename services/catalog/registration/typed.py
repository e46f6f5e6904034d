"""What an applicant typed at one step of the wizard, as the fields that the API takes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.catalog.registration.schemas import DraftFields
from shared.ui.forms import Typed, parsed, words_of

STEPS = ("firm", "makes", "certificates", "contact", "documents", "submission")
PLAIN: Mapping[str, Sequence[str]] = {
    "firm": ("credit_code", "name", "short_name", "region", "staff", "revenue_wan"),
    "makes": ("makes", "class_code"),
    "contact": ("contact_name", "contact_phone", "contact_email"),
}
CAPABILITY = (
    "code",
    "name",
    "class_code",
    "text",
    "spare_capacity",
    "capacity_unit",
    "unit_price",
    "moq",
    "lead_time_days",
    "processes",
    "materials",
)
CERTIFICATE = ("scheme", "number", "issuer", "valid_from", "valid_until", "document_id")
_LISTS = frozenset({"processes", "materials"})
MOST_ROWS = 200

Values = Mapping[str, Any]


def fields_of(step: str, form: Typed, before: Values) -> DraftFields:
    """The fields of a step; raises a Problem (422) naming each. `before` is what the registration says so far."""
    values: dict[str, Any] = {name: form[name] or None for name in PLAIN.get(step, ())}
    if step == "makes":
        values["makes"] = form["makes"]
        values["class_code"] = form["proposed_class"] or form["class_code"] or None
        values["capabilities"] = _capabilities(form, before["capabilities"])
    if step == "certificates":
        values["certificates"] = list(_rows(form, "cert", CERTIFICATE))
    return parsed(DraftFields, values)


def _capabilities(form: Typed, before: Iterable[Values]) -> list[dict[str, Any]]:
    """The rows as typed; what the form does not ask, such as parameters, stays with its code."""
    kept = {row["code"]: row for row in before}
    found = []
    for at, row in enumerate(_rows(form, "cap", CAPABILITY), 1):
        row.setdefault("code", f"C-{at}")
        old = {name: value for name, value in kept.get(row["code"], {}).items() if name not in CAPABILITY}
        found.append({**old, **row})
    return found


def _rows(form: Typed, prefix: str, names: Sequence[str]) -> Iterable[dict[str, Any]]:
    """Rows whose fields are called `cap-0-name`; those in which nothing was typed are left out."""
    for at in range(MOST_ROWS):
        typed = {name: form[f"{prefix}-{at}-{name}"].strip() for name in names}
        given: dict[str, Any] = {name: value for name, value in typed.items() if value}
        for name in _LISTS & given.keys():
            given[name] = words_of(given[name])
        if given:
            yield given
