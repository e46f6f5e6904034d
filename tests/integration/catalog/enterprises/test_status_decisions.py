"""Verification in batches and single decisions: who may, from which status, with what history."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import Session

from services.catalog.enterprises import decisions, service
from services.catalog.enterprises.rules import Decision
from services.catalog.enterprises.schemas import VerificationRequest
from shared.http.problems import Problem
from tests.support.catalog_world import REVIEWER, World, firm

Events = Callable[[], list[dict[str, Any]]]


def verify_all(session: Session) -> Any:
    return decisions.verify(session, REVIEWER, VerificationRequest(all_submitted=True))


def test_all_submitted_are_verified_but_those_without_a_credit_code(session: Session, world: World) -> None:
    service.upsert_enterprises(session, REVIEWER, [firm(50, "己"), firm(51, "庚")])
    result = verify_all(session)
    assert result.verified == 2
    (refused,) = result.refused
    assert (refused.id, refused.name) == (world.enterprises["keyed"], "戊泵业（虚构）")
    assert "统一社会信用代码" in refused.reason


def test_verification_may_be_repeated(session: Session, world: World, news: Events) -> None:
    news()
    ids = [world.enterprises["near"], world.enterprises["far"]]
    result = decisions.verify(session, REVIEWER, VerificationRequest(ids=ids))
    assert (result.verified, result.refused) == (0, [])
    assert news() == []


def test_who_is_not_there_is_refused_by_name(session: Session, world: World) -> None:
    stranger = uuid4()
    result = decisions.verify(session, REVIEWER, VerificationRequest(ids=[stranger, world.enterprises["near"]]))
    assert [(each.id, each.name) for each in result.refused] == [(stranger, None)]


def test_a_decision_is_kept_with_its_reason_and_told(session: Session, world: World, news: Events) -> None:
    near = world.enterprises["near"]
    news()
    _, version = service.get(session, REVIEWER, near)
    after = decisions.decide(session, REVIEWER, near, Decision.SUSPENSION, "证书造假", version)
    assert (after["status"], after["version"]) == ("suspended", version + 1)
    assert [event["data"]["status"] for event in news()] == ["suspended"]
    decisions.decide(session, REVIEWER, near, Decision.REINSTATEMENT, "已更正", version + 1)
    told = decisions.status_changes(session, REVIEWER, near)
    steps = [(step["before"], step["after"], step["reason"]) for step in told]
    assert steps == [
        ("submitted", "verified", ""),
        ("verified", "suspended", "证书造假"),
        ("suspended", "verified", "已更正"),
    ]


def test_a_suspended_enterprise_is_not_verified_in_a_batch(session: Session, world: World) -> None:
    near = world.enterprises["near"]
    _, version = service.get(session, REVIEWER, near)
    decisions.decide(session, REVIEWER, near, Decision.SUSPENSION, "停产", version)
    result = decisions.verify(session, REVIEWER, VerificationRequest(ids=[near]))
    assert [each.reason for each in result.refused] == ["企业已暂停，不能直接核验"]


def test_a_decision_on_an_older_version_is_refused(session: Session, world: World) -> None:
    with pytest.raises(Problem) as raised:
        decisions.decide(session, REVIEWER, world.enterprises["near"], Decision.SUSPENSION, "停产", 1)
    assert raised.value.status == 412


def test_a_decision_out_of_turn_names_the_status(session: Session, world: World) -> None:
    near = world.enterprises["near"]
    _, version = service.get(session, REVIEWER, near)
    with pytest.raises(Problem) as raised:
        decisions.decide(session, REVIEWER, near, Decision.REINSTATEMENT, "？", version)
    assert (raised.value.status, raised.value.kind) == (409, "wrong-state")
    assert "已核验" in raised.value.detail


def test_importing_again_keeps_the_status(session: Session, world: World) -> None:
    service.upsert_enterprises(session, REVIEWER, [firm(3, "丙阀门新名")])
    enterprise, _ = service.get(session, REVIEWER, world.enterprises["near"])
    assert (enterprise["name"], enterprise["status"]) == ("丙阀门新名（虚构）", "verified")
