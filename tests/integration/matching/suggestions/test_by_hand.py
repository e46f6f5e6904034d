"""What people proposed outlives the next run: undecided it stays, or the run proposes it too and says by whom."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from services.matching.proposing import service as proposing
from services.matching.proposing.schemas import ProposalIn
from services.matching.rates import service as rates
from services.matching.rates.definition import By, Stage, Terms
from services.matching.rates.service import Question
from services.matching.runs import service as runs
from services.matching.suggestions.models import Suggestion
from services.matching.suggestions.rules import State, Verb
from shared.contracts.v1 import CapabilityV1
from shared.db.database import Database
from shared.http.problems import Problem
from shared.security.actor import Actor, Role
from tests.support.feed_world import TURNING, World
from tests.support.matching_runs import REVIEWER, decide, mirror_world, run, suggested
from tests.support.review_world import stored, tell

WORLD = World()
ORGANISATION = Actor("促进会", Role.CLUSTER_ORGANISATION, cluster_ids=frozenset({WORLD.id("MACHINE")}))
TURNER = WORLD.offer("S6", "精车", "45钢 传动轴 车削 磨削", TURNING, "1000", "47")
#: Nothing in its words tells that it turns shafts, so that no search finds it.
UNFOUND = TURNER.model_copy(update={"name": "来图加工", "text": "来图加工", "class_code": None})


def propose(database: Database, quantity: str = "400") -> UUID:
    """Propose the shafts at the newcomer, as the cluster's organisation; the suggestion."""
    said = ProposalIn(need_id=WORLD.id("P1/Z-200"), capability_id=TURNER.id, quantity=Decimal(quantity), note="已试制")
    with database.session(ORGANISATION) as session:
        return proposing.propose(session, ORGANISATION, said, datetime.now(UTC)).id


def come(database: Database, offer: CapabilityV1) -> None:
    """Let the newcomer enter the catalog, in Yantai and certified, with what it offers."""
    tell(database, WORLD.enterprise("S6", "示例新轴厂", "370600"), WORLD.certificate("S6", "示例-6"), offer)


def of_pair(rows: list[Suggestion]) -> list[Suggestion]:
    return [row for row in rows if (row.line_key, row.supplier_key) == ("P1/Z-200", "S6")]


@pytest.mark.usefixtures("run_id")
def test_what_a_run_does_not_find_stays_until_somebody_decides(matching_database: Database) -> None:
    come(matching_database, UNFOUND)
    id = propose(matching_database)
    second = run(matching_database).run.id
    assert of_pair(suggested(matching_database, second)) == []
    row = stored(matching_database, id)
    assert (row.state, row.proposed_by, row.version) == (State.PROPOSED, "促进会", 1)
    assert decide(matching_database, row, Verb.APPROVE).state == State.APPROVED
    third = run(matching_database)
    with matching_database.session() as session:
        snapshot, _, _ = runs.plan_of(session, REVIEWER, third.run.id)
    assert [(snapshot.lines[each.line].key, each.amount) for each in snapshot.commitments] == [("P1/Z-200", 20_000)]


@pytest.mark.usefixtures("run_id")
def test_what_a_run_proposes_too_is_the_runs_and_says_by_whom(matching_database: Database) -> None:
    come(matching_database, TURNER)
    id = propose(matching_database)
    second = run(matching_database).run.id
    assert stored(matching_database, id).state == State.SUPERSEDED
    (row,) = of_pair(suggested(matching_database, second))
    assert (row.state, row.proposed_by) == (State.PROPOSED, "促进会")


@pytest.mark.usefixtures("run_id")
def test_it_counts_as_suggested_in_its_own_run_and_in_the_next(matching_database: Database) -> None:
    come(matching_database, UNFOUND)
    before = suggested_rate(matching_database)
    propose(matching_database)
    assert suggested_rate(matching_database) == before + 20_000
    run(matching_database)
    assert suggested_rate(matching_database) == before + 20_000


def suggested_rate(database: Database) -> Decimal:
    """What of P1 would be local if all that is suggested came about, in 元."""
    question = Question(Terms(stage=Stage.SUGGESTED), By.PRODUCT)
    with database.session() as session:
        return next(row.numerator for row in rates.rates(session, REVIEWER, question).rows if row.key == "P1")


def test_before_the_first_run_nothing_can_be_proposed(matching_database: Database) -> None:
    mirror_world(matching_database)
    come(matching_database, TURNER)
    with pytest.raises(Problem) as refused:
        propose(matching_database)
    assert (refused.value.status, refused.value.kind) == (409, "no-run-yet")
