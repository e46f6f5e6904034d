"""What days and the mirror move by themselves."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.matching.runs.models import MatchRun
from services.matching.suggestions import service
from services.matching.suggestions.models import Suggestion
from services.matching.suggestions.rules import USUAL_WAITING, State, Verb, Waiting
from services.matching.suggestions.service import Asked, Item
from services.matching.suggestions.turns import take_proposing_turn
from services.matching.tending import tend_for_ever
from shared.db.database import Database
from shared.http.problems import Problem
from shared.security.actor import Actor, Role
from tests.support.feed_world import CASTER, LEADER, SHAFT, TURNER, deletion
from tests.support.matching_runs import REVIEWER
from tests.support.review_world import HOUSINGS, MADE, SECOND_HOUSINGS, SHAFTS, WORLD, stored, suggestion, tell

BY_LEADER = Actor("链主", Role.CHAIN_LEADER, WORLD.id(LEADER))
BY_TURNER = Actor("供应商", Role.SUPPLIER, WORLD.id(TURNER))
NOW = MADE + timedelta(days=1)
EXPIRY = USUAL_WAITING.expiry()
NEWER = UUID(int=0x7100)
WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
WAY = [(REVIEWER, Verb.APPROVE), (BY_LEADER, Verb.ACCEPT), (BY_TURNER, Verb.CONSENT)]


def step(database: Database, actor: Actor, id: UUID, asked: Asked, now: datetime = NOW) -> None:
    version = stored(database, id).version
    with database.session() as session:
        service.move(session, actor, Item(id, version), asked, now)


def bring_to(database: Database, state: State, now: datetime = NOW) -> None:
    """Bring the shafts along the main way."""
    for actor, verb in WAY:
        if stored(database, SHAFTS).state != state:
            step(database, actor, SHAFTS, Asked(verb), now)


def tend(database: Database, now: datetime = NOW) -> dict[Verb, int]:
    with database.session() as session:
        return {verb: count for verb, count in service.tend(session, now).items() if count}


def last_step(database: Database, id: UUID = SHAFTS) -> tuple[str | None, str, str]:
    with database.session() as session:
        event = service.history(session, id)[-1]
    return event.verb, event.actor_role, event.reason


@pytest.mark.parametrize("state", list(EXPIRY))
def test_what_nobody_moves_expires(review_database: Database, state: State) -> None:
    bring_to(review_database, state)
    limit = (MADE if state is State.PROPOSED else NOW) + timedelta(days=EXPIRY[state])
    tend(review_database, limit)
    assert stored(review_database, SHAFTS).state == state
    tend(review_database, limit + timedelta(seconds=1))
    assert stored(review_database, SHAFTS).state == State.EXPIRED
    assert last_step(review_database) == ("expire", "service", f"{EXPIRY[state]} 天无人处理")


def test_what_was_deferred_comes_back_on_its_day(review_database: Database) -> None:
    until = date(2026, 11, 20)
    step(review_database, REVIEWER, SHAFTS, Asked(Verb.DEFER, "待核实", until=until))
    # the day begins in China at 16:00 UTC of the day before
    assert tend(review_database, datetime(2026, 11, 19, 15, 59, tzinfo=UTC)) == {}
    assert tend(review_database, datetime(2026, 11, 19, 16, 0, tzinfo=UTC)) == {Verb.RESTORE: 1}
    assert stored(review_database, SHAFTS).state == State.PROPOSED
    assert last_step(review_database) == ("restore", "service", "暂缓的日期已到")


def newer_suggestion(state: State = State.PROPOSED) -> Suggestion:
    """A newer suggestion of the shafts' pair: the same supplier, by another of its capabilities."""
    found = suggestion(NEWER, "P1", SHAFT, TURNER, 1200, 50)
    found.capability_key, found.state, found.stage = f"{TURNER}/磨削", state, State.PROPOSED
    found.deferred_until = date(2026, 11, 20) if state is State.DEFERRED else None
    return found


def propose_again(database: Database, state: State) -> None:
    with database.session() as session:
        session.add(newer_suggestion(state))
        session.commit()


@pytest.mark.parametrize("state", [State.PROPOSED, State.APPROVED, State.ACCEPTED, State.DEFERRED])
def test_what_was_deferred_gives_way_to_a_newer_suggestion_of_its_pair(review_database: Database, state: State) -> None:
    step(review_database, REVIEWER, SHAFTS, Asked(Verb.DEFER, "待核实", until=date(2026, 11, 20)))
    propose_again(review_database, state)
    day = datetime(2026, 11, 20, 2, tzinfo=UTC)
    restored = {Verb.RESTORE: 1} if state is State.DEFERRED else {}
    assert tend(review_database, day) == {Verb.SUPERSEDE: 1, **restored}
    assert stored(review_database, SHAFTS).state == State.SUPERSEDED
    assert last_step(review_database) == ("supersede", "service", "暂缓的日期已到，但已有较新的建议")
    assert stored(review_database, NEWER).state == (State.PROPOSED if state is State.DEFERRED else state)
    assert tend(review_database, day) == {}


def test_nobody_restores_by_hand_what_a_newer_suggestion_of_its_pair_speaks_for(review_database: Database) -> None:
    step(review_database, REVIEWER, SHAFTS, Asked(Verb.DEFER, "待核实", until=date(2026, 11, 20)))
    propose_again(review_database, State.PROPOSED)
    with pytest.raises(Problem) as raised:
        step(review_database, REVIEWER, SHAFTS, Asked(Verb.RESTORE, "已核实"))
    sentence = "较新的匹配任务已就这条需求与该供应商提出建议，请处理较新的一条。"
    assert (raised.value.status, raised.value.kind, raised.value.detail) == (409, "proposed-anew", sentence)
    step(review_database, REVIEWER, NEWER, Asked(Verb.REJECT, "重复"))
    step(review_database, REVIEWER, SHAFTS, Asked(Verb.RESTORE, "已核实"))
    assert stored(review_database, SHAFTS).state == State.PROPOSED


def test_a_restoration_waits_for_a_plan_that_is_being_published(review_database: Database) -> None:
    step(review_database, REVIEWER, SHAFTS, Asked(Verb.DEFER, "待核实", until=date(2026, 11, 20)))
    with ThreadPoolExecutor(1) as pool, review_database.session() as publishing:
        take_proposing_turn(publishing)
        restoring = pool.submit(tend, review_database, datetime(2026, 11, 20, 2, tzinfo=UTC))
        while not publishing.execute(WAITING).scalar_one():
            assert not restoring.done(), restoring.result()
            time.sleep(0.01)
        publishing.add(newer_suggestion())
        publishing.commit()
        assert restoring.result() == {Verb.SUPERSEDE: 1}


def test_how_long_one_waits_is_a_setting(review_database: Database) -> None:
    bring_to(review_database, State.APPROVED)
    day = NOW + timedelta(days=8)
    with review_database.session() as session:
        assert service.tend(session, day, Waiting(approved=9))[Verb.EXPIRE] == 0
        assert service.tend(session, day, Waiting(approved=7))[Verb.EXPIRE] == 1
    assert last_step(review_database)[2] == "7 天无人处理"


@pytest.mark.parametrize("state", [State.APPROVED, State.LEADER_ACCEPTED, State.ACCEPTED])
def test_a_suspended_supplier_reopens_what_is_not_contracted(review_database: Database, state: State) -> None:
    bring_to(review_database, state)
    step(review_database, REVIEWER, HOUSINGS, Asked(Verb.APPROVE))
    firm = WORLD.enterprise(TURNER, "示例精工", "370600", version=2)
    tell(review_database, firm.model_copy(update={"status": "suspended"}))
    assert tend(review_database) == {Verb.REOPEN: 1}
    found = stored(review_database, SHAFTS)
    assert (found.state, found.stage, found.agreed_amount) == (State.PROPOSED, State.PROPOSED, None)
    assert last_step(review_database) == ("reopen", "service", "供应商已被暂停。")
    assert stored(review_database, HOUSINGS).state == State.APPROVED
    assert tend(review_database) == {}


def test_a_retired_leader_reopens_its_own(review_database: Database) -> None:
    bring_to(review_database, State.APPROVED)
    firm = WORLD.enterprise(LEADER, "示例重工", "370214", leads=True, version=2)
    tell(review_database, firm.model_copy(update={"status": "retired"}))
    assert tend(review_database) == {Verb.REOPEN: 1}
    assert last_step(review_database)[2] == "链主企业已注销。"


def test_a_certificate_that_lapses_by_the_calendar_reopens(review_database: Database) -> None:
    bring_to(review_database, State.APPROVED, datetime(2027, 12, 30, 2, tzinfo=UTC))
    assert Verb.REOPEN not in tend(review_database, datetime(2028, 1, 1, 2, tzinfo=UTC))
    assert tend(review_database, datetime(2028, 1, 2, 2, tzinfo=UTC))[Verb.REOPEN] == 1
    assert last_step(review_database)[2] == "供应商的 ISO 9001 证书已失效。"


PAPERS = [
    ({"sites": ["370100"]}, {}, "供应商的 ISO 9001 证书仅覆盖济南的场所，不再算数。"),
    ({"trust": "self_declared"}, {"certificate_trust": "verified"}, "供应商的 ISO 9001 证书仅自行申报，不再算数。"),
    ({"suspended_on": date(2026, 1, 1)}, {}, "供应商的 ISO 9001 证书已失效。"),
    ({"sites": ["370602"]}, {"certificate_trust": "verified"}, None),
]


@pytest.mark.parametrize(("said", "policy", "reason"), PAPERS)
def test_a_certificate_that_counts_no_more_reopens(
    review_database: Database, said: dict[str, Any], policy: dict[str, str], reason: str | None
) -> None:
    """It is held for another place, or is known less well than the run asked for; the turner sits in Yantai."""
    bring_to(review_database, State.APPROVED)
    with review_database.session() as session:
        run = session.get_one(MatchRun, stored(review_database, SHAFTS).run_id)
        run.policy = {**run.policy, **policy}
        session.commit()
    tell(review_database, WORLD.certificate(TURNER, "示例-2").model_copy(update={"version": 2, **said}))
    assert tend(review_database).get(Verb.REOPEN, 0) == (reason is not None)
    if reason is not None:
        assert last_step(review_database)[2] == reason


def test_a_certificate_is_asked_for_on_the_first_day_of_delivery(review_database: Database) -> None:
    need, held = WORLD.need("P1", SHAFT, "2000", version=2), WORLD.certificate(TURNER, "示例-2")
    tell(
        review_database,
        need.model_copy(update={"needed_from": date(2027, 6, 1)}),
        held.model_copy(update={"version": 2, "valid_from": date(2027, 1, 1)}),
    )
    bring_to(review_database, State.APPROVED)
    assert tend(review_database) == {}
    tell(review_database, held.model_copy(update={"version": 3, "valid_until": date(2027, 5, 31)}))
    assert tend(review_database) == {Verb.REOPEN: 1}


def test_a_certificate_that_was_deleted_reopens_and_one_that_satisfies_it_does_not(review_database: Database) -> None:
    bring_to(review_database, State.ACCEPTED)
    held = WORLD.certificate(TURNER, "示例-2")
    better = WORLD.certificate(TURNER, "示例-9").model_copy(update={"scheme": "IATF 16949"})
    tell(review_database, better, deletion(held))
    assert tend(review_database) == {}
    tell(review_database, deletion(better))
    assert tend(review_database) == {Verb.REOPEN: 1}


def test_what_is_only_proposed_stays_so_whatever_happens_to_its_firm(review_database: Database) -> None:
    firm = WORLD.enterprise(CASTER, "示例铸造一厂", "370200", version=2)
    tell(review_database, firm.model_copy(update={"status": "suspended"}))
    assert tend(review_database) == {}
    assert stored(review_database, SECOND_HOUSINGS).state == State.PROPOSED


def test_the_worker_tends_after_the_mirror_has_caught_up(review_database: Database) -> None:
    bring_to(review_database, State.APPROVED, datetime.now(UTC))
    firm = WORLD.enterprise(TURNER, "示例精工", "370600", version=2)
    tell(review_database, firm.model_copy(update={"status": "suspended"}))

    async def tend_until_reopened() -> None:
        work = asyncio.create_task(tend_for_ever(review_database, USUAL_WAITING))
        try:
            while stored(review_database, SHAFTS).state != State.PROPOSED:
                assert not work.done()
                await asyncio.sleep(0.05)
        finally:
            work.cancel()

    asyncio.run(asyncio.wait_for(tend_until_reopened(), 60))
    assert last_step(review_database)[0] == "reopen"


def test_a_suspended_certificate_lapses_when_its_scheme_says_so(review_database: Database) -> None:
    bring_to(review_database, State.APPROVED)
    held = WORLD.certificate(TURNER, "示例-2").model_copy(update={"version": 2, "suspended_on": date(2026, 11, 2)})
    tell(review_database, held)
    assert tend(review_database) == {Verb.REOPEN: 1}
