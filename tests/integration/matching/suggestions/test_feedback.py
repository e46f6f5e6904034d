"""What reviewers decide reaches the next run."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.matching.engine.plan import Plan, SpendClass
from services.matching.engine.snapshot import Snapshot
from services.matching.runs import service as runs
from services.matching.runs.service import RunView
from services.matching.suggestions.models import Suggestion
from services.matching.suggestions.rules import Verb
from shared.db.database import Database
from tests.support.matching_runs import REVIEWER, decide, execute, look, request, run, suggested

HOUSING = "P1/H-100"


def chosen_of(database: Database, run_id: UUID) -> Suggestion:
    """The best suggestion for the housing."""
    return next(row for row in suggested(database, run_id) if row.line_key == HOUSING)


def plan_of(database: Database, view: RunView) -> tuple[Snapshot, Plan]:
    with database.session() as session:
        snapshot, plan, _ = runs.plan_of(session, REVIEWER, view.run.id)
    return snapshot, plan


def test_a_rejected_pair_does_not_come_back_within_the_cool_off_and_does_after_it(
    matching_database: Database, run_id: UUID
) -> None:
    rejected_at = datetime(2026, 3, 10, 2, tzinfo=UTC)
    chosen = decide(
        matching_database, chosen_of(matching_database, run_id), Verb.REJECT, "质量事故未结案", now=rejected_at
    )

    def comes_back_on(day: datetime) -> bool:
        view = execute(matching_database, request(matching_database, now=day, cool_off_days=30))
        pairs = [(row.line_key, row.supplier_key) for row in suggested(matching_database, view.run.id)]
        return (chosen.line_key, chosen.supplier_key) in pairs

    assert not comes_back_on(rejected_at + timedelta(days=29))
    assert comes_back_on(rejected_at + timedelta(days=30))


def test_decisions_reach_the_next_snapshot_and_its_plan(matching_database: Database, run_id: UUID) -> None:
    rows = suggested(matching_database, run_id)
    approved = decide(matching_database, chosen_of(matching_database, run_id), Verb.APPROVE)
    rejected = decide(matching_database, next(row for row in rows if row.line_key != HOUSING), Verb.REJECT, "已停产")
    before, second = look(matching_database, run_id), run(matching_database)
    snapshot, plan = plan_of(matching_database, second)
    at = next(position for position, row in enumerate(snapshot.lines) if row.key == HOUSING)

    assert snapshot.lines[at].committed == approved.amount
    assert [(row.line, row.amount) for row in snapshot.commitments] == [(at, approved.amount)]
    assert plan.diagnosis[at][SpendClass.APPROVED] == approved.amount
    excluded = [(snapshot.lines[row.line].key, snapshot.suppliers[row.supplier].key) for row in snapshot.exclusions]
    assert excluded == [(rejected.line_key, rejected.supplier_key)]
    assert [row.reason for row in snapshot.exclusions] == ["已停产"]
    left = {(row.line_key, row.capability_key, row.amount) for row in rows} - {
        (row.line_key, row.capability_key, row.amount) for row in (approved, rejected)
    }
    proposed = {
        (snapshot.lines[row.line].key, snapshot.capabilities[row.capability].key, row.amount)
        for row in snapshot.proposals
    }
    assert proposed == left
    # What was approved counts once: both runs together move no more than the first could.
    assert before.record is not None
    assert second.record is not None
    assert second.record.objective["total"] + approved.amount <= before.record.bound["total"]
    # A decision outlives newer runs; what was only proposed does not.
    states = {row.id: row.state for row in suggested(matching_database, run_id)}
    assert (states.pop(approved.id), states.pop(rejected.id)) == ("approved", "rejected")
    assert set(states.values()) == {"superseded"}
