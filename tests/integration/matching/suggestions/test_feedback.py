"""What reviewers decide reaches the next run."""

from datetime import UTC, datetime, timedelta

from services.matching.engine.plan import SpendClass
from services.matching.engine.snapshot import Snapshot
from services.matching.runs import service as runs
from services.matching.runs.service import RunView
from services.matching.suggestions.models import Suggestion
from services.matching.suggestions.rules import Verb
from shared.db.database import Database
from tests.support.matching_runs import REVIEWER, decide, execute, mirror_world, request, run, suggested

HOUSING = "P1/H-100"


def of(rows: list[Suggestion], line: str, supplier: str) -> Suggestion | None:
    return next((row for row in rows if (row.line_key, row.supplier_key) == (line, supplier)), None)


def first_of(database: Database, view: RunView, line: str) -> Suggestion:
    return next(row for row in suggested(database, view.run.id) if row.line_key == line)


def snapshot_of(database: Database, view: RunView) -> Snapshot:
    with database.session() as session:
        return runs.plan_of(session, REVIEWER, view.run.id)[0]


def test_a_rejected_pair_does_not_come_back_within_the_cool_off_and_does_after_it(matching_database: Database) -> None:
    mirror_world(matching_database)
    chosen = first_of(matching_database, run(matching_database), HOUSING)
    rejected_at = datetime(2026, 3, 10, 2, tzinfo=UTC)
    decide(matching_database, chosen, Verb.REJECT, "质量事故未结案", now=rejected_at)

    def suggested_on(day: datetime) -> Suggestion | None:
        view = execute(matching_database, request(matching_database, now=day, cool_off_days=30))
        return of(suggested(matching_database, view.run.id), HOUSING, chosen.supplier_key)

    assert suggested_on(rejected_at) is None
    assert suggested_on(rejected_at + timedelta(days=29)) is None
    assert suggested_on(rejected_at + timedelta(days=30)) is not None


def test_a_rejected_pair_is_recorded_with_its_reason(matching_database: Database) -> None:
    mirror_world(matching_database)
    decide(matching_database, first_of(matching_database, run(matching_database), HOUSING), Verb.REJECT, "已停产")
    snapshot = snapshot_of(matching_database, run(matching_database))
    assert [row.reason for row in snapshot.exclusions] == ["已停产"]


def test_an_approved_amount_is_kept_in_place_and_not_suggested_again(matching_database: Database) -> None:
    mirror_world(matching_database)
    first = run(matching_database)
    chosen = first_of(matching_database, first, HOUSING)
    decide(matching_database, chosen, Verb.APPROVE)
    second = run(matching_database)
    snapshot = snapshot_of(matching_database, second)
    at = next(position for position, row in enumerate(snapshot.lines) if row.key == HOUSING)
    assert snapshot.lines[at].committed == chosen.amount
    assert [(row.line, row.amount) for row in snapshot.commitments] == [(at, chosen.amount)]
    with matching_database.session() as session:
        _, plan, _ = runs.plan_of(session, REVIEWER, second.run.id)
    assert plan.diagnosis[at][SpendClass.APPROVED] == chosen.amount
    # What both runs together move of the line is no more than before.
    assert first.record is not None
    assert second.record is not None
    assert second.record.objective["total"] + chosen.amount <= first.record.bound["total"]


def test_an_approved_suggestion_survives_newer_runs(matching_database: Database) -> None:
    mirror_world(matching_database)
    first = run(matching_database)
    chosen = decide(matching_database, first_of(matching_database, first, HOUSING), Verb.APPROVE)
    run(matching_database)
    states = {row.id: row.state for row in suggested(matching_database, first.run.id)}
    assert states.pop(chosen.id) == "approved"
    assert set(states.values()) == {"superseded"}
