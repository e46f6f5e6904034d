"""Matching's migrations: they agree with the models, and guard what must never change."""

from uuid import UUID, uuid4

import psycopg
import pytest

from services.matching.tables import FEATURES, metadata
from shared.db.migrate import differences
from tests.conftest import Clone
from tests.support.acting import AS_SERVICE

IMMUTABLE = ["run_snapshot", "run_record", "suggestion_event"]


def test_models_and_migrations_agree(matching_owner_url: str) -> None:
    assert FEATURES
    assert differences(metadata, matching_owner_url) == []


@pytest.mark.parametrize("table", IMMUTABLE)
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = at", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_application_has_no_right_to_change_a_record(matching_clone: Clone, table: str, statement: str) -> None:
    column = "at" if table == "suggestion_event" else "run_id"
    text = statement.format(table).replace("at = at", f"{column} = {column}")
    with psycopg.connect(matching_clone.app) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(text)


@pytest.mark.parametrize("table", IMMUTABLE)
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_a_trigger_refuses_even_the_owner(matching_clone: Clone, table: str, statement: str) -> None:
    column = "at" if table == "suggestion_event" else "run_id"
    text = statement.format(table, column, column)
    with psycopg.connect(matching_clone.owner) as connection, pytest.raises(psycopg.errors.RestrictViolation):
        connection.execute(text)


def test_the_application_may_insert_and_read_a_record(matching_clone: Clone) -> None:
    run: UUID = uuid4()
    with psycopg.connect(matching_clone.app, options=AS_SERVICE) as connection:
        connection.execute(
            "INSERT INTO match_run (id, status, progress, policy, note, as_of, requested_by, created_at, attempts)"
            " VALUES (%s, 'queued', '', '{}', '', '2026-03-01', 't', now(), 0)",
            [run],
        )
        connection.execute(
            "INSERT INTO run_snapshot (run_id, content, sha256, policy, epoch, cursor, caught_up, sizes, seconds,"
            " frozen_at) VALUES (%s, '', '', '{}', '', '', true, '{}', '{}', now())",
            [run],
        )
        found = connection.execute("SELECT run_id FROM run_snapshot").fetchall()
    assert found == [(run,)]
