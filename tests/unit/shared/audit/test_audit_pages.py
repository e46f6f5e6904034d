"""The audit's pages have a word for every kind of rows that the audit watches."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from services.catalog.audit.pages import TOLD as OF_CATALOG
from services.catalog.kinds import KINDS
from services.matching.audit.pages import TOLD as OF_MATCHING
from shared.ui.languages import Language
from shared.ui.rendering import environments

SERVICES = Path(__file__).resolve().parents[4] / "services"
_WATCHED = re.compile(r'\baudit\(\s*"\w+",\s*"(\w+)"')


def watched(service: str) -> set[str]:
    """The kinds that the service's migrations let the audit watch."""
    versions = (SERVICES / service / "migrations" / "versions").glob("*.py")
    return {kind for file in versions for kind in _WATCHED.findall(file.read_text("utf-8"))}


def test_every_watched_kind_can_be_chosen() -> None:
    assert watched("catalog") | KINDS.keys() <= set(OF_CATALOG)
    assert watched("matching") | {"suggestion"} <= set(OF_MATCHING)
    assert {"registration", "sign_in"} <= watched("catalog") and "run" in watched("matching")


@pytest.mark.parametrize(("service", "kinds"), [("catalog", OF_CATALOG), ("matching", OF_MATCHING)])
def test_every_kind_has_its_word_in_both_languages(service: str, kinds: Sequence[str]) -> None:
    for language, environment in environments(service, SERVICES / service).items():
        words = environment.get_template("ui/audit_words").module
        shown = {kind: str(words.kind_name(kind)).strip() for kind in kinds}  # type: ignore[attr-defined]
        assert [kind for kind, word in shown.items() if word == kind] == [], language
        assert all(word.isascii() for word in shown.values()) or language is Language.CHINESE
