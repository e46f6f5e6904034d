"""One province, two ways to count: the rates over the mirror and a run frozen and solved from it say the same."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import Session

from services.matching.engine.policy import Basis, Policy, Scope
from services.matching.engine.snapshot import Snapshot
from services.matching.engine.solve import solve
from services.matching.gaps.rules import By, check, totals, totals_all
from services.matching.mirror.models import MirrorCapability
from services.matching.mirror.service import catalogue
from services.matching.rates import service as rates
from services.matching.rates.definition import Stage, Terms
from services.matching.rates.schemas import RateRow
from services.matching.rates.service import Question
from services.matching.runs.freeze.build import build_snapshot
from services.matching.suggestions.service import decisions
from shared.db.database import Database
from shared.security.actor import Actor, Role
from tests.support import small_province
from tests.support.small_province import S1, S3, S4, numbered

REVIEWER = Actor("r", Role.REVIEWER)
DAY = date(2026, 3, 2)


@pytest.fixture
def session(matching_database: Database) -> Iterator[Session]:
    with matching_database.session() as session:
        small_province.settle(session)
        for number, supplier in enumerate((S1, S3, S4)):
            session.add(
                MirrorCapability(
                    id=numbered(40 + number),
                    version=1,
                    epoch="e",
                    supplier_id=supplier,
                    code="x",
                    name="零部件a 零部件b 零部件c",
                    text="",
                    parameters=[],
                    lead_time_days=None,
                )
            )
        session.commit()
        yield session


def frozen(session: Session, policy: Policy) -> Snapshot:
    return build_snapshot(catalogue(session), decisions(session, policy, DAY), policy, DAY, "1")


def counted(session: Session, question: Question) -> dict[str | None, RateRow]:
    return {row.key: row for row in rates.rates(session, REVIEWER, question).rows}


@pytest.mark.parametrize("scope", list(Scope))
@pytest.mark.parametrize("by", [By.CLUSTER, By.PRODUCT])
def test_local_now_and_approved_are_those_of_a_run(session: Session, scope: Scope, by: By) -> None:
    radius_km = 200 if scope is Scope.RADIUS else None
    policy = Policy(scope=scope, radius_km=radius_km)
    snapshot = frozen(session, policy)
    plan = solve(snapshot, policy, lambda _: None)
    check(snapshot, plan)
    now = counted(session, Question(Terms(scope=scope, stage=Stage.LOCAL_NOW, radius_km=radius_km), rates.By(by.value)))
    then = counted(session, Question(Terms(scope=scope, stage=Stage.APPROVED, radius_km=radius_km), rates.By(by.value)))
    for row in totals(snapshot, plan, by, list(range(len(snapshot.lines)))):
        key = row.group.key
        assert (now[key].numerator, now[key].denominator) == (row.local_now, row.counted)
        assert now[key].excluded == row.excluded
        assert then[key].numerator == row.local_now + row.approved


def test_lines_count_the_same(session: Session) -> None:
    policy = Policy.lines_mode()
    snapshot = frozen(session, policy)
    plan = solve(snapshot, policy, lambda _: None)
    check(snapshot, plan)
    whole = totals_all(snapshot, plan, list(range(len(snapshot.lines))))
    terms = Terms(Basis.LINES, Scope.PROVINCE, Stage.LOCAL_NOW)
    found = rates.rates(session, REVIEWER, Question(terms, rates.By.ALL))
    assert found.total is not None
    assert found.total.denominator == Decimal(whole.counted)
