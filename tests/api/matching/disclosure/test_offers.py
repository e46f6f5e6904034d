"""What a leader is told of the capability that is suggested to it, as its supplier lets it; and how much others use."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from sqlalchemy import update
from sqlmodel import col

from services.matching.suggestions.models import Suggestion
from shared.db.acting import settings_of
from shared.db.database import Database
from shared.security.actor import Actor, Role
from tests.api.matching.cooperation.conftest import Review
from tests.conftest import Clone
from tests.support.feed_world import CASTER, CASTING, LEADER
from tests.support.review_world import HOUSINGS, HOUSINGS_OF_Q, WORLD, tell

OFFER = WORLD.offer(CASTER, "铸造", "灰铸铁 壳体 铸造", CASTING, "600", "95")
EVIDENCE = [
    {"rule": "certificate", "verdict": "met", "asked": "ISO 9001", "offered": "ISO 9001", "sentence": "有 ISO 9001。"},
    {"rule": "price", "verdict": "met", "asked": "100 元", "offered": "95 元", "sentence": "报价 95 元。"},
]
SCORES = {"text": 700, "price": 60, "lead_time": 40}


def disclose(database: Database, level: str, version: int = 2) -> None:
    """What the caster says, as the mirror learns it."""
    tell(database, OFFER.model_copy(update={"disclosure": level, "version": version}))


def prove(database: Database, **changed: Any) -> None:
    """Give the suggestion of housings evidence and scores that say what is offered."""
    with database.session() as session:
        values = {"evidence": EVIDENCE, "score_parts": SCORES, **changed}
        session.execute(update(Suggestion).where(col(Suggestion.id) == HOUSINGS).values(values))
        session.commit()


def offered(client: httpx.Client, id: UUID = HOUSINGS) -> dict[str, Any]:
    answer = client.get(f"/suggestions/{id}/capability")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def capacity(client: httpx.Client, id: UUID = HOUSINGS) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/suggestions/{id}/capacity").json()
    return found


def test_by_default_an_approved_suggestion_tells_the_offer_but_not_the_whole_capacity(review: Review) -> None:
    review.bring_to(HOUSINGS, "approved", CASTER)
    told = offered(review.leader)
    assert (told["disclosure"], told["disclosure_label"], told["told"]) == ("suggested", "随配套建议公开", True)
    assert (told["unit_price"], told["lead_time_days"], told["text"]) == ("95", 30, "灰铸铁 壳体 铸造")
    assert (told["spare_capacity"], told["capacity_unit"]) == (None, None)
    assert offered(review.reviewer)["spare_capacity"] == offered(review.supplier(CASTER))["spare_capacity"] == "600"


def test_before_the_approval_there_is_nothing_to_read(review: Review) -> None:
    assert review.leader.get(f"/suggestions/{HOUSINGS}/capability").status_code == 404


def test_of_a_public_one_the_leader_reads_the_capacity_too(review: Review, matching_database: Database) -> None:
    review.bring_to(HOUSINGS, "approved", CASTER)
    disclose(matching_database, "public")
    told = offered(review.leader)
    assert (told["disclosure_label"], told["spare_capacity"]) == ("向所有链主公开", "600")


def test_what_is_for_partners_is_kept_back_until_both_have_accepted(
    review: Review, matching_database: Database
) -> None:
    prove(matching_database)
    disclose(matching_database, "partners")
    review.bring_to(HOUSINGS, "approved", CASTER)
    told = offered(review.leader)
    assert (told["name"], told["told"], told["disclosure_label"]) == ("壳体铸造", False, "双方接受后公开")
    assert {told[name] for name in ("unit_price", "lead_time_days", "text", "moq", "spare_capacity")} == {None}
    shown = review.leader.get(f"/suggestions/{HOUSINGS}").json()
    certificate, price = shown["evidence"]
    assert certificate == EVIDENCE[0]
    assert (price["verdict"], price["asked"], price["offered"]) == ("met", "100 元", "（未公开）")
    assert price["sentence"] == "供应商未公开，双方接受后可见。"
    assert shown["score_parts"] == {"text": 700}
    assert {*capacity(review.leader).values()} == {None, str(OFFER.id)}
    assert "95 元" not in review.leader.get("/suggestions").text
    review.act(review.leader, HOUSINGS, "accept")
    assert offered(review.leader)["told"] is False
    review.act(review.supplier(CASTER), HOUSINGS, "consent")
    told = offered(review.leader)
    assert (told["told"], told["unit_price"], told["spare_capacity"]) == (True, "95", "600")
    shown = review.leader.get(f"/suggestions/{HOUSINGS}").json()
    assert (shown["evidence"], shown["score_parts"]) == (EVIDENCE, SCORES)


def test_a_suggestion_follows_what_its_supplier_says(review: Review, matching_database: Database) -> None:
    prove(matching_database)
    review.bring_to(HOUSINGS, "approved", CASTER)
    for version, (level, told) in enumerate({"partners": False, "public": True, "suggested": True}.items(), 2):
        disclose(matching_database, level, version)
        found = offered(review.leader)
        assert (found["disclosure"], found["told"]) == (level, told)


def test_a_new_suggestion_is_told_as_its_supplier_said_before(matching_database: Database) -> None:
    disclose(matching_database, "partners")
    with matching_database.session() as session:
        row = session.get_one(Suggestion, HOUSINGS)
        again = row.model_dump() | {"id": uuid4(), "line_key": "again", "offer_disclosure": "suggested"}
        session.add(Suggestion.model_validate(again))
        session.commit()
    with matching_database.session() as session:
        assert session.get_one(Suggestion, again["id"]).offer_disclosure == "partners"


def test_reviewers_organisations_and_the_supplier_are_told_whatever_is_disclosed(
    review: Review, matching_database: Database
) -> None:
    prove(matching_database)
    disclose(matching_database, "partners")
    organisation = review.as_(Role.CLUSTER_ORGANISATION, None, frozenset({WORLD.id("MACHINE")}))
    for client in (review.reviewer, organisation):
        assert offered(client)["unit_price"] == "95"
        assert client.get(f"/suggestions/{HOUSINGS}").json()["evidence"] == EVIDENCE


@pytest.mark.parametrize(("level", "seen"), [("suggested", 1), ("partners", 0), ("public", 1)])
def test_the_database_says_the_same(
    review: Review, matching_database: Database, matching_clone: Clone, level: str, seen: int
) -> None:
    review.bring_to(HOUSINGS, "approved", CASTER)
    disclose(matching_database, level)
    names = ("actor", "role", "reads", "writes", "enterprise", "clusters")
    for leader, found in ((WORLD.id(LEADER), seen), (uuid4(), 0)):
        with psycopg.connect(matching_clone.app) as connection:
            told = settings_of(Actor("leader", Role.CHAIN_LEADER, leader))
            for name, value in zip(names, told, strict=True):
                connection.execute("SELECT set_config(%s, %s, true)", [f"app.{name}", value])
            assert connection.execute("SELECT count(*) FROM mirror_capability").fetchone() == (found,)


def test_what_other_leaders_use_is_told_by_quarters_and_never_by_whom(
    review: Review, matching_database: Database
) -> None:
    """300 of 600 a year go to another leader: told as a half to three quarters; one's own acceptance does not count."""
    other = WORLD.id("elsewhere")
    with matching_database.session() as session:
        moved = {"leader_id": other, "leader_key": "elsewhere", "labels": {"unit": "件", "leader_name": "别家重工"}}
        session.execute(update(Suggestion).where(col(Suggestion.id) == HOUSINGS_OF_Q).values(moved))
        session.commit()
    review.bring_to(HOUSINGS, "leader_accepted", CASTER, quantity="200")
    told = capacity(review.leader)
    assert (told["used_elsewhere"], told["used_elsewhere_label"], told["left"]) == ("none", "未被其他链主占用", "400")
    with matching_database.session() as session:
        taken = {"state": "leader_accepted", "stage": "leader_accepted"}
        session.execute(update(Suggestion).where(col(Suggestion.id) == HOUSINGS_OF_Q).values(taken))
        session.commit()
    answer = review.leader.get(f"/suggestions/{HOUSINGS}/capacity")
    told = answer.json()
    assert (told["used_elsewhere"], told["used_elsewhere_label"]) == ("under_three_quarters", "一半至四分之三")
    assert (told["spare"], told["reserved"], told["left"]) == (None, None, "100")
    assert "别家重工" not in answer.text and str(other) not in answer.text
    assert capacity(review.supplier(CASTER))["used_elsewhere"] is None
