"""What an operator sets for registration, as people write it."""

import pytest
from pydantic import ValidationError

from services.catalog.app import shared_of
from services.catalog.settings import CatalogSettings


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("CATALOG_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    monkeypatch.setenv("XIESHOU_JWKS_FILE", "jwks.json")
    return monkeypatch


def test_no_other_page_may_ask_unless_it_is_named(environment: pytest.MonkeyPatch) -> None:
    assert shared_of(CatalogSettings()) is None  # type: ignore[call-arg]
    environment.setenv("CATALOG_REGISTRATION_ORIGINS", "https://a.example, https://b.example,")
    shared = shared_of(CatalogSettings())  # type: ignore[call-arg]
    assert shared is not None
    assert list(shared.origins) == ["https://a.example", "https://b.example"]
    assert "Authorization" not in shared.sends


@pytest.mark.parametrize(("name", "value"), [("CATALOG_PROOF_BITS", "0"), ("CATALOG_DRAFT_DAYS", "0")])
def test_settings_that_would_undo_the_rule_are_refused(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    environment.setenv(name, value)
    with pytest.raises(ValidationError):
        CatalogSettings()  # type: ignore[call-arg]
