"""Snapshot and plan as JSON: faithful, and the same bytes for the same content."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import orjson
import pytest

from services.matching.engine.snapshot import (
    CertificateAsked,
    Commitment,
    Exclusion,
    Incumbent,
    Preference,
    Proposal,
)
from services.matching.engine.wire import plan_from_json, plan_to_json, snapshot_from_json, snapshot_to_json
from shared.codes.parameters import Parameter
from tests.unit.matching.engine.build import capability, certificate, line, plan_of, snapshot

FULL = snapshot(
    lines=[
        line(
            certificates=(CertificateAsked("ISO 9001", date(2026, 12, 31)),),
            parameters=(
                Parameter(name="外径", low=Decimal("100.5"), unit="mm"),
                Parameter(name="材质", values=("HT250",)),
            ),
        )
    ],
    capabilities=[capability(parameters=(Parameter(name="外径", low=Decimal("9.50"), unit="mm"),))],
    certificates=[certificate("ISO 9001", date(2027, 1, 1))],
    incumbents=[Incumbent(0, 0, 5)],
    commitments=[Commitment(0, 0, 7)],
    exclusions=[Exclusion(0, 0, "价格不合适")],
    proposals=[Proposal(0, 0, 9)],
    preferences=[Preference(0, 0, True, "质量事故未结案")],
)


def test_a_snapshot_comes_back() -> None:
    assert snapshot_from_json(snapshot_to_json(FULL)) == FULL


@pytest.mark.parametrize("table", ["proposals", "preferences"])
def test_a_snapshot_stored_before_there_was_a_table_has_none_of_it(table: str) -> None:
    content = orjson.loads(snapshot_to_json(FULL))
    del content[table]
    assert snapshot_from_json(orjson.dumps(content)) == replace(FULL, **{table: []})


def test_a_snapshot_stored_before_there_was_a_column_has_nothing_in_it() -> None:
    content = orjson.loads(snapshot_to_json(FULL))
    for table, column in (
        ("suppliers", "titles"),
        ("certificates", "sites"),
        ("certificates", "suspended_on"),
        ("lines", "supplier_cap"),
        ("lines", "needed_from"),
    ):
        del content[table][column]
    assert snapshot_from_json(orjson.dumps(content)) == FULL


def test_a_snapshot_without_one_of_its_tables_is_refused() -> None:
    content = orjson.loads(snapshot_to_json(FULL))
    del content["lines"]
    with pytest.raises(KeyError, match="lines"):
        snapshot_from_json(orjson.dumps(content))


def test_it_stands_in_columns() -> None:
    content = orjson.loads(snapshot_to_json(FULL))
    assert content["as_of"] == "2026-11-01"
    assert content["suppliers"]["key"] == ["S1"]
    assert content["capabilities"]["parameters"][0][0]["low"] == "9.5"
    assert content["lines"]["lead_time_days"] == [None]


def test_equal_numbers_give_equal_bytes() -> None:
    same = capability(parameters=(Parameter(name="外径", low=Decimal("9.5"), unit="mm"),))
    assert snapshot_to_json(replace(FULL, capabilities=[same])) == snapshot_to_json(FULL)


def test_a_plan_comes_back() -> None:
    plan = plan_of(snapshot(lines=[line(), line("N2", certificates=(CertificateAsked("ISO 9001", date(2027, 1, 1)),))]))
    assert plan.suggestions and plan.near_misses and plan.levers
    assert plan_from_json(plan_to_json(plan)) == plan


def test_what_is_no_plan_is_refused() -> None:
    with pytest.raises(ValueError, match="objective"):
        plan_from_json(b"{}")
