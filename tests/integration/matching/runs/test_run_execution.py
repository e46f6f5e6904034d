"""A run from request to suggestions, with the real engine in its child process."""

import asyncio
import hashlib
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlmodel import Session

from services.matching.engine.wire import plan_from_json, snapshot_from_json
from services.matching.mirror.feed import CatalogFeed
from services.matching.runs import execution, service
from services.matching.runs.matcher import Matcher
from services.matching.runs.models import MatchRun, RunRecord, RunSnapshot
from services.matching.runs.rules import RunStatus
from services.matching.runs.service import RunView
from services.matching.suggestions.models import Suggestion
from shared.db.database import Database
from tests.support.feed_world import World
from tests.support.live_catalog import LiveCatalog
from tests.support.matching_runs import (
    NOWHERE,
    REVIEWER,
    empty_mirror,
    execute,
    look,
    mirror_world,
    request,
    run,
    suggested,
)


def record(database: Database, run_id: UUID) -> RunRecord:
    with database.session() as session:
        return session.get_one(RunRecord, run_id)


def jobs(database: Database) -> list[dict[str, str]]:
    with database.session() as session:
        return [row.args for row in session.execute(text("SELECT args FROM procrastinate_jobs ORDER BY id"))]


class TestRequest:
    def test_the_job_is_deferred_with_the_run(self, matching_database: Database) -> None:
        run_id = request(matching_database)
        assert jobs(matching_database) == [{"run_id": str(run_id)}]
        assert look(matching_database, run_id).run.status == RunStatus.QUEUED

    def test_without_commit_there_is_neither_run_nor_job(
        self, matching_database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Session, "commit", lambda _: (_ for _ in ()).throw(ConnectionError))
        with pytest.raises(ConnectionError):
            request(matching_database)
        monkeypatch.undo()
        assert jobs(matching_database) == []

    def test_the_day_is_that_of_the_request(self, matching_database: Database) -> None:
        run_id = request(matching_database, now=datetime(2026, 3, 1, 20, tzinfo=UTC))
        assert look(matching_database, run_id).run.as_of == date(2026, 3, 2)


class TestExecution:
    def test_a_run_ends_in_a_record_and_suggestions(self, matching_database: Database, run_id: UUID) -> None:
        view = look(matching_database, run_id)
        assert view.run.status == RunStatus.SUCCEEDED
        assert view.run.failure is None
        assert view.record is not None
        assert view.record.objective["total"] > 0
        assert view.record.objective["total"] <= view.record.bound["total"]
        rows = suggested(matching_database, view.run.id)
        assert sum(row.amount for row in rows) == view.record.objective["total"]
        assert {row.supplier_key for row in rows} <= {"S1", "S2", "S3"}
        assert view.run.progress == f"完成：{len(rows)} 条配套建议"

    def test_the_record_holds_what_the_plan_was_made_from(self, matching_database: Database) -> None:
        mirror_world(matching_database, cursor="7:7")
        run_id = run(matching_database, scope="province").run.id
        with matching_database.session() as session:
            frozen, made = session.get_one(RunSnapshot, run_id), session.get_one(RunRecord, run_id)
        content, plan = zlib.decompress(frozen.content), zlib.decompress(made.plan)
        assert hashlib.sha256(content).hexdigest() == frozen.sha256 == made.snapshot_sha256
        assert hashlib.sha256(plan).hexdigest() == made.plan_sha256
        assert (frozen.cursor, frozen.epoch, frozen.caught_up) == ("7:7", "one", False)
        assert frozen.policy == made.policy
        assert made.policy["scope"] == "province"
        assert made.sizes["lines"] == 3
        assert list(made.seconds)[:5] == ["跟随目录的变更", "冻结快照", "启动匹配引擎", "读取快照", "编为列式数据"]

    def test_the_plan_can_be_read_back_whole(self, matching_database: Database, run_id: UUID) -> None:
        with matching_database.session() as session:
            snapshot, plan, policy = service.plan_of(session, REVIEWER, run_id)
            again = service.plan_of(session, REVIEWER, run_id)
            stored = service.snapshot_json(session, REVIEWER, run_id)
        assert again[1] is plan
        assert snapshot == snapshot_from_json(stored)
        assert plan == plan_from_json(zlib.decompress(record(matching_database, run_id).plan))
        assert policy.scope == "cluster"

    def test_executing_it_again_changes_nothing(self, matching_database: Database, run_id: UUID) -> None:
        first = look(matching_database, run_id)
        before = [(row.id, row.version) for row in suggested(matching_database, first.run.id)]
        again = execute(matching_database, first.run.id)
        assert again.run.finished_at == first.run.finished_at
        assert [(row.id, row.version) for row in suggested(matching_database, first.run.id)] == before

    def test_an_interrupted_run_starts_again_from_its_stored_snapshot(
        self, matching_database: Database, run_id: UUID
    ) -> None:
        undisturbed, disturbed = record(matching_database, run_id), request(matching_database)
        with matching_database.session() as session:
            execution.begin(session, disturbed, datetime.now(UTC))
        with matching_database.session() as session:
            execution.freeze(session, disturbed, True, {}, datetime.now(UTC))
        # The mirror moves on: nobody offers anything any more when the run is resumed.
        with matching_database.session() as session:
            session.execute(text("DELETE FROM mirror_capability"))
            session.commit()
        resumed = execute(matching_database, disturbed)
        assert resumed.run.status == RunStatus.SUCCEEDED
        assert resumed.run.attempts == 2
        assert record(matching_database, disturbed).plan_sha256 == undisturbed.plan_sha256

    def test_a_run_that_never_ends_its_attempts_is_given_up(self, matching_database: Database) -> None:
        run_id = request(matching_database)
        with matching_database.session() as session:
            session.get_one(MatchRun, run_id).attempts = execution.MOST_ATTEMPTS
            session.commit()
        view = execute(matching_database, run_id)
        assert view.run.status == RunStatus.FAILED
        assert "不再重试" in (view.run.failure or "")

    def test_a_newer_run_supersedes_what_was_only_proposed(self, matching_database: Database, run_id: UUID) -> None:
        second = run(matching_database).run.id
        assert {row.state for row in suggested(matching_database, run_id)} == {"superseded"}
        assert {row.state for row in suggested(matching_database, second)} == {"proposed"}

    def test_a_re_import_with_other_ids_gives_the_same_plan(self, matching_database: Database, run_id: UUID) -> None:
        first = record(matching_database, run_id)
        empty_mirror(matching_database)
        mirror_world(matching_database, replace(World(), salt="other"))
        second = record(matching_database, run(matching_database).run.id)
        assert second.snapshot_sha256 != first.snapshot_sha256
        assert second.plan_sha256 == first.plan_sha256

    def test_a_run_follows_the_catalog_first(
        self, matching_database: Database, catalog: LiveCatalog, feed_token: str
    ) -> None:
        catalog.tell(World().entities())
        run_id = request(matching_database)

        async def work(url: str) -> None:
            async with CatalogFeed(url, feed_token) as feed:
                await Matcher(matching_database, feed).execute(run_id)

        with catalog.serving() as url:
            asyncio.run(work(url))
        view = look(matching_database, run_id)
        assert view.run.status == RunStatus.SUCCEEDED
        assert view.snapshot is not None
        assert view.snapshot.caught_up is True


class TestFailure:
    def failed(self, view: RunView) -> str:
        assert view.run.status == RunStatus.FAILED
        assert view.record is None
        assert view.run.finished_at is not None
        assert view.run.failure == view.run.progress
        return view.run.failure or ""

    def test_an_empty_mirror_is_said_to_be_one(self, matching_database: Database) -> None:
        assert "还没有从目录服务取得完整数据" in self.failed(run(matching_database))

    def test_a_world_without_needs_has_nothing_to_match(self, matching_database: Database) -> None:
        mirror_world(matching_database)
        with matching_database.session() as session:
            session.execute(text("DELETE FROM mirror_need"))
            session.commit()
        assert "没有配套需求" in self.failed(run(matching_database))

    def test_without_any_price_the_lines_basis_is_proposed(self, matching_database: Database) -> None:
        mirror_world(matching_database, World(shaft_price=None, housing_price=None))
        assert '"basis": "lines"' in self.failed(run(matching_database))
        by_lines = run(matching_database, basis="lines")
        assert by_lines.run.status == RunStatus.SUCCEEDED
        assert {row.basis for row in suggested(matching_database, by_lines.run.id)} == {"lines"}

    def test_some_prices_are_enough_and_the_rest_is_counted(self, matching_database: Database) -> None:
        mirror_world(matching_database, World(shaft_price=None))
        view = run(matching_database)
        assert view.record is not None
        assert view.record.sizes["unpriced_lines"] == 1

    def test_an_engine_that_breaks_ends_the_run_with_a_reason(
        self, matching_database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mirror_world(matching_database)
        # An interpreter that is none: the child ends without a plan.
        monkeypatch.setattr("services.matching.runs.child.sys.executable", "/bin/false")
        assert "匹配引擎出错" in self.failed(run(matching_database))

    def test_what_nobody_expected_ends_the_run_and_is_raised(self, matching_database: Database) -> None:
        mirror_world(matching_database)
        with matching_database.session() as session:
            session.execute(text("""UPDATE mirror_need SET parameters = '["不是参数"]'"""))
            session.commit()
        run_id = request(matching_database)
        with pytest.raises(ValueError, match="validation error"):
            execute(matching_database, run_id)
        assert "内部错误（ValidationError）" in self.failed(look(matching_database, run_id))


def test_nothing_is_published_twice_by_two_workers_at_once(matching_database: Database) -> None:
    mirror_world(matching_database)
    run_id = request(matching_database)

    async def work() -> None:
        async with CatalogFeed(NOWHERE, "token") as feed:
            one, other = (Matcher(matching_database, feed, patience=0) for _ in range(2))
            await asyncio.gather(one.execute(run_id), other.execute(run_id), return_exceptions=True)

    asyncio.run(work())
    # The one that lost the race for the snapshot is tried again by the queue.
    view = execute(matching_database, run_id)
    assert view.run.status == RunStatus.SUCCEEDED
    with matching_database.session() as session:
        published = session.execute(select(func.count()).select_from(Suggestion)).scalar_one()
    assert published == len(suggested(matching_database, run_id))


def test_a_clock_can_be_given(matching_database: Database) -> None:
    mirror_world(matching_database)
    then = datetime(2026, 3, 1, 8, tzinfo=UTC) + timedelta(hours=1)
    view = execute(matching_database, request(matching_database), clock=lambda: then)
    assert view.run.finished_at == then
