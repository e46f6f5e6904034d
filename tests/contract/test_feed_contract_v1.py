"""Samples of version 1 of the feed, as each was released: they must parse for ever, and lose nothing on the way.

A kind's first sample bears its name; where the kind grew, another with the month stands beside it (`need-2026-11`).
"""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.v1 import ENTITIES, FeedPageV1, Kind

SAMPLES = Path(__file__).parent / "v1"
PAGE = "feed_page"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.json") if path.stem != PAGE)
every_sample = pytest.mark.parametrize("name", NAMES)


def sample(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    return found


def kind_of(name: str) -> Kind:
    return Kind(name.partition("-")[0])


def test_every_kind_has_a_sample() -> None:
    assert {name for name in NAMES if "-" not in name} == {kind.value for kind in Kind}
    assert set(ENTITIES) == set(Kind)


@pytest.mark.parametrize("kind", Kind)
def test_the_newest_sample_of_a_kind_has_all_its_fields(kind: Kind) -> None:
    newest = max(name for name in NAMES if kind_of(name) is kind)
    # what the catalog says is a whole entity: a field that no sample has was added without one
    assert kind is Kind.ENTERPRISE or set(sample(newest)) == set(ENTITIES[kind].model_fields)


@every_sample
def test_a_sample_parses_and_says_the_same_again(name: str) -> None:
    given = sample(name)
    said = ENTITIES[kind_of(name)].model_validate_json(json.dumps(given)).model_dump(mode="json")
    assert {field: said[field] for field in given} == given


@every_sample
def test_what_was_added_since_has_a_default(name: str) -> None:
    given = sample(name)
    added = {field: each for field, each in ENTITIES[kind_of(name)].model_fields.items() if field not in given}
    assert not [field for field, each in added.items() if each.is_required()]


@every_sample
def test_a_reader_survives_a_newer_writer(name: str) -> None:
    newer = {**sample(name), "a_field_of_tomorrow": {"anything": [1]}}
    assert ENTITIES[kind_of(name)].model_validate(newer).id


def test_the_page_parses_with_its_events() -> None:
    page = FeedPageV1.model_validate(sample(PAGE))
    assert [event.op for event in page.events] == ["upsert", "delete"]
    data = page.events[0].data
    assert ENTITIES[page.events[0].kind].model_validate(data).version == 3
    assert page.events[1].data is None
