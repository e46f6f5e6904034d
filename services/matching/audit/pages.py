"""Pages of matching's audit."""

from dataclasses import replace

from services.matching.audit.trail import TRAIL
from services.matching.exports import VOCABULARY
from services.matching.suggestions.rules import STATE_ZH, VERB_ZH
from shared.audit.pages import audit_pages

TOLD = (
    *("suggestion", "run", "cooperation", "rate_definition", "change_set_aside", "need_disclosure", "run_snapshot"),
    "list",
)
"""Kinds to choose from: what happens to suggestions, rows that `audit_change` tells of, and what is only noted."""
#: The lists say these of a suggestion in other columns than its events do.
_EVENTS = {
    "op": {verb.value: name for verb, name in VERB_ZH.items()},
    "state": {state.value: name for state, name in STATE_ZH.items()},
}
router = audit_pages(
    "matching",
    TRAIL,
    TOLD,
    replace(
        VOCABULARY,
        headings={**VOCABULARY.headings, "state": VOCABULARY.headings["status"]},
        words={**VOCABULARY.words, **_EVENTS},
    ),
)
