"""Samples of version 1 of the feed, as it was released: they must parse for ever, and lose nothing on the way."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.v1 import ENTITIES, FeedPageV1, Kind

SAMPLES = Path(__file__).parent / "v1"


def sample(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    return found


def test_every_kind_has_a_sample() -> None:
    assert {path.stem for path in SAMPLES.glob("*.json")} == {*(kind.value for kind in Kind), "feed_page"}
    assert set(ENTITIES) == set(Kind)


@pytest.mark.parametrize("kind", Kind)
def test_a_sample_parses_and_says_the_same_again(kind: Kind) -> None:
    given = sample(kind)
    said = ENTITIES[kind].model_validate_json(json.dumps(given)).model_dump(mode="json")
    assert {name: said[name] for name in given} == given


@pytest.mark.parametrize("kind", Kind)
def test_what_was_added_since_has_a_default(kind: Kind) -> None:
    given = sample(kind)
    added = {name: field for name, field in ENTITIES[kind].model_fields.items() if name not in given}
    assert not [name for name, field in added.items() if field.is_required()]


@pytest.mark.parametrize("kind", Kind)
def test_a_reader_survives_a_newer_writer(kind: Kind) -> None:
    newer = {**sample(kind), "a_field_of_tomorrow": {"anything": [1]}}
    assert ENTITIES[kind].model_validate(newer).id


def test_the_page_parses_with_its_events() -> None:
    page = FeedPageV1.model_validate(sample("feed_page"))
    assert [event.op for event in page.events] == ["upsert", "delete"]
    data = page.events[0].data
    assert ENTITIES[page.events[0].kind].model_validate(data).version == 3
    assert page.events[1].data is None
