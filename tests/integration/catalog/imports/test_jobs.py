"""Steps that a worker takes: asked for in the record, told of while they wait, run and fail, given up, begun again."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlmodel import Session

from services.catalog.imports import service
from services.catalog.imports.outcomes import Mode
from services.catalog.imports.schemas import ImportReport, JobState
from services.catalog.imports.states import State, Step
from services.catalog.imports.stepwise import jobs, steps
from shared.codes.credit_code import make
from shared.db.database import Database
from shared.http.problems import Problem
from shared.security.actor import Actor, Role
from tests.spreadsheets import csv_bytes

REVIEWER = Actor("reviewer", Role.REVIEWER)
FIRMS = csv_bytes([["统一社会信用代码", "企业名称", "角色"], [make(1), "第一厂（虚构）", "供应商"]])


@pytest.fixture
def session(catalog_database: Database) -> Iterator[Session]:
    with catalog_database.session() as opened:
        yield opened


@pytest.fixture
def uploaded(session: Session) -> ImportReport:
    return service.get(session, REVIEWER, steps.upload(session, REVIEWER, "企业.csv", FIRMS).id)


def now(session: Session, report: ImportReport) -> ImportReport:
    session.expire_all()
    session.rollback()
    return service.get(session, REVIEWER, report.id)


def test_a_step_waits_is_taken_and_is_no_job_any_more(
    session: Session, catalog_database: Database, uploaded: ImportReport
) -> None:
    asked = jobs.ask(session, REVIEWER, uploaded.id, Step.PREVIEW)
    assert asked.job is not None
    assert (asked.state, asked.job.step, asked.job.state) == (State.UPLOADED, Step.PREVIEW, JobState.WAITING)
    assert jobs.work(catalog_database)
    assert not jobs.work(catalog_database)
    assert (now(session, uploaded).state, now(session, uploaded).job) == (State.PREVIEWED, None)
    jobs.ask(session, REVIEWER, uploaded.id, Step.APPLY, mode=Mode.ALL_OR_NOTHING.value)
    assert jobs.work(catalog_database)
    done = now(session, uploaded)
    assert (done.state, done.mode, done.sheets[0].created) == (State.APPLIED, Mode.ALL_OR_NOTHING, 1)
    jobs.ask(session, REVIEWER, uploaded.id, Step.UNDO, reason="传错了")
    assert jobs.work(catalog_database)
    assert now(session, uploaded).state is State.UNDONE
    signed = session.execute(text("SELECT actor, reason FROM history ORDER BY id DESC LIMIT 1")).one()
    assert tuple(signed) == ("reviewer", "撤销导入“企业.csv”：传错了")


def test_what_a_step_would_have_answered_stands_in_the_record(
    session: Session, catalog_database: Database, uploaded: ImportReport
) -> None:
    steps.preview(session, REVIEWER, uploaded.id)
    jobs.ask(session, REVIEWER, uploaded.id, Step.APPLY, mode=Mode.VALID_ROWS.value)
    service.import_file(session, REVIEWER, "企业.csv", FIRMS)
    assert jobs.work(catalog_database)
    failed = now(session, uploaded).job
    assert failed is not None
    assert failed.problem is not None
    assert (failed.state, failed.problem["title"]) == (JobState.FAILED, "预览之后数据有变动，没有写入")
    assert not jobs.work(catalog_database)


def test_one_step_at_a_time_is_asked_for(session: Session, uploaded: ImportReport) -> None:
    jobs.ask(session, REVIEWER, uploaded.id, Step.PREVIEW)
    with pytest.raises(Problem, match="这次导入正在处理 请等它完成，或先取消。"):
        jobs.ask(session, REVIEWER, uploaded.id, Step.PREVIEW)


def test_a_step_that_may_not_be_taken_is_not_asked_for(session: Session, uploaded: ImportReport) -> None:
    with pytest.raises(Problem, match="当前状态不允许此操作"):
        jobs.ask(session, REVIEWER, uploaded.id, Step.APPLY, mode=Mode.VALID_ROWS.value)


def test_a_job_that_waits_is_given_up(session: Session, catalog_database: Database, uploaded: ImportReport) -> None:
    jobs.ask(session, REVIEWER, uploaded.id, Step.PREVIEW)
    assert steps.cancel(session, REVIEWER, uploaded.id).state is State.CANCELLED
    assert not jobs.work(catalog_database)


def test_an_undoing_that_waits_is_given_up_and_the_import_stays(
    session: Session, catalog_database: Database, uploaded: ImportReport
) -> None:
    steps.preview(session, REVIEWER, uploaded.id)
    steps.apply(session, REVIEWER, uploaded.id, Mode.VALID_ROWS)
    jobs.ask(session, REVIEWER, uploaded.id, Step.UNDO, reason="")
    kept = steps.cancel(session, REVIEWER, uploaded.id)
    assert (kept.state, kept.job) == (State.APPLIED, None)
    assert not jobs.work(catalog_database)


def test_a_job_that_another_worker_is_at_is_left_alone(
    session: Session, catalog_database: Database, uploaded: ImportReport
) -> None:
    jobs.ask(session, REVIEWER, uploaded.id, Step.PREVIEW)
    with catalog_database.engine.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(742024, :number)"), {"number": uploaded.id.int & 0x7FFF_FFFF})
        assert not jobs.work(catalog_database)
        other.execute(text("SELECT pg_advisory_unlock_all()"))
    assert jobs.work(catalog_database)


def test_a_job_that_takes_its_workers_down_ends(
    session: Session, catalog_database: Database, uploaded: ImportReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> ImportReport:
        raise ZeroDivisionError

    monkeypatch.setitem(jobs._STEPS, Step.PREVIEW, crash)
    jobs.ask(session, REVIEWER, uploaded.id, Step.PREVIEW)
    for _ in range(jobs.MOST_ATTEMPTS):
        with pytest.raises(ZeroDivisionError):
            jobs.work(catalog_database)
    assert jobs.work(catalog_database)
    failed = now(session, uploaded).job
    assert failed is not None
    assert failed.problem is not None
    assert failed.problem["detail"] == "已中断 5 次，不再重试；请查看工作进程的日志。"
