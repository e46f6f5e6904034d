"""Identifiers: those made at once come in order, each of its own, and before those made later."""

import pytest

from shared.db.ids import new_id, new_ids


@pytest.mark.parametrize("count", [0, 1, 2, 3, 1_000, 70_000])
def test_ids_made_at_once(count: int) -> None:
    before, made, after = new_id(), new_ids(count), new_id()
    assert len(set(made)) == count
    assert [before, *made, after] == sorted([before, *made, after])
    assert {(each.version, each.variant) for each in made} <= {(7, "specified in RFC 4122")}


def test_many_batches_within_a_moment() -> None:
    made = [each for _ in range(2_000) for each in new_ids(5)]
    assert made == sorted(set(made))
